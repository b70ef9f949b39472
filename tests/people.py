"""People for tests: somebody with a role in a workspace, made the way they really come in."""

from __future__ import annotations

from core.access import invitations, setup, sign_in
from core.desk import Caller, Desk
from storage import accounts as rows
from storage import workspaces
from storage.tables import Role

OWNER = "ana@example.org"
PASSWORD = "correct horse battery staple"
CALLER = Caller(address="192.0.2.7", agent="tests")


def set_up(desk: Desk) -> Desk:
    """The first visit: Ana owns the workspace “Team” and administers the installation."""
    setup.finish(desk, setup.code(desk), name="Ana", email=OWNER, password=PASSWORD, workspace="Team", caller=CALLER)
    return somebody(desk, OWNER)


def somebody(desk: Desk, email: str, role: Role | str = Role.EDITOR) -> Desk:
    """The Desk of that person in the workspace of `desk`; invited there first, by its owner, if they are new.

    Their name is the part of the address before the @, with a capital letter.
    """
    with desk.store.reading() as session:
        account = rows.by_email(session, email)
        place = workspaces.get(session, desk.workspace_id)
    assert place is not None
    if account is None:
        _, path = invitations.invite(desk, Role(role))
        name = email.partition("@")[0].capitalize()
        secret = path.rpartition("/")[2]
        invitations.join(desk, secret, name=name, email=email, password=PASSWORD, caller=CALLER)
        with desk.store.reading() as session:
            account = rows.by_email(session, email)
    assert account is not None
    return desk.acting_as(place.id, account.id, CALLER)


def cookie(desk: Desk, email: str) -> dict[str, str]:
    """What a browser of theirs holds once they have signed in (over http)."""
    with desk.store.writing() as session:
        account = rows.by_email(session, email)
        assert account is not None
        return {sign_in.COOKIE: sign_in.start(desk, session, account, CALLER)}
