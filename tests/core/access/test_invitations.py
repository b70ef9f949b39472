"""Ways into a workspace: links that work once, for whom they are meant, as long as they should."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from core import audit, workspaces
from core.access import accounts, bearer, invitations, members, sign_in
from core.desk import Caller
from core.errors import BadInput, Conflict, DeskError, Forbidden, NotAllowed, NotFound
from storage.tables import Invitation, Role, utc_now
from tests.things import add_person

CALLER = Caller(address="192.0.2.7", agent="tests")
PASSWORD = "correct horse battery staple"


def secret_of(path):
    assert path.startswith("/join/")
    return path.removeprefix("/join/")


def join(desk, path, email="budi@example.org", name="Budi"):
    return invitations.join(desk, secret_of(path), name=name, email=email, password=PASSWORD, caller=CALLER)


@pytest.fixture
def ana(desk):
    return add_person(desk, "Ana", Role.ADMIN)


def test_whoever_has_the_link_joins_with_the_role_it_names_and_is_signed_in(desk, ana):
    made, path = invitations.invite(ana, Role.EDITOR)
    found, place = invitations.look(desk, secret_of(path))
    assert (found.id, place.id) == (made.id, desk.workspace_id)
    cookie = join(desk, path)
    acting, _ = sign_in.resume(desk, cookie, CALLER)
    assert (acting.role, acting.workspace_id, acting.administrator) == ("editor", desk.workspace_id, False)
    assert [m.name for m in members.list(acting)] == ["Ana", "Budi", "Owner"]
    assert [e.action for e in audit.list(desk)[0]][:3] == ["members.joined", "signed_in", "members.invited"]


def test_the_secret_of_a_link_is_not_in_the_store(desk, ana):
    made, path = invitations.invite(ana, Role.EDITOR)
    assert made.hash == bearer.hashed(secret_of(path))
    assert secret_of(path) not in repr(made)


def test_a_link_works_once(desk, ana):
    _, path = invitations.invite(ana, Role.VIEWER)
    join(desk, path)
    with pytest.raises(NotFound):
        join(desk, path, "citra@example.org", "Citra")
    assert list(invitations.list(ana)) == []


def test_of_two_who_use_a_link_at_the_same_moment_one_comes_in(desk, ana):
    _, path = invitations.invite(ana, Role.VIEWER)
    together, refused = Barrier(2), []

    def come(n):
        together.wait()
        try:
            join(desk, path, f"guest{n}@example.org", f"Guest {n}")
        except DeskError as error:
            refused.append(type(error))

    both = [Thread(target=come, args=(n,)) for n in (1, 2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(refused) == 1
    assert issubclass(refused[0], (Conflict, NotFound))
    assert len([m for m in members.list(desk) if m.name.startswith("Guest")]) == 1


def test_a_link_for_one_address_lets_nobody_else_in(desk, ana):
    _, path = invitations.invite(ana, Role.EDITOR, " Budi@Example.org ")
    with pytest.raises(BadInput, match="another e-mail address"):
        join(desk, path, "eve@example.org")
    join(desk, path, "budi@example.org")


def test_a_new_invitation_of_an_address_ends_the_earlier_one(desk, ana):
    _, first = invitations.invite(ana, Role.EDITOR, "budi@example.org")
    _, second = invitations.invite(ana, Role.VIEWER, "BUDI@example.org")
    with pytest.raises(NotFound):
        invitations.look(desk, secret_of(first))
    assert invitations.look(desk, secret_of(second))[0].role == "viewer"
    assert len(invitations.list(ana)) == 1


def test_a_link_that_was_taken_back_or_has_expired_opens_nothing(desk, ana):
    taken, first = invitations.invite(ana, Role.EDITOR)
    old, second = invitations.invite(ana, Role.EDITOR)
    invitations.revoke(ana, taken.id)
    with desk.store.writing() as session:
        row = session.get(Invitation, old.id)
        row.expires_at = utc_now() - timedelta(seconds=1)
        session.add(row)
    for path in (first, second, "/join/nothing"):
        with pytest.raises(NotFound):
            join(desk, path)
    assert list(invitations.list(ana)) == []
    with pytest.raises(NotFound):
        invitations.revoke(ana, taken.id)


def test_nobody_takes_back_another_workspaces_invitation(desk, ana, stranger):
    made, path = invitations.invite(ana, Role.EDITOR)
    assert list(invitations.list(stranger)) == []
    with pytest.raises(NotFound):
        invitations.revoke(stranger, made.id)
    assert invitations.look(desk, secret_of(path))


def test_only_the_domains_a_workspace_allows_come_in(desk, ana):
    workspaces.change(ana, email_domains=["@Example.org", " events.example.com", ""])
    assert workspaces.change(ana).email_domains == ["events.example.com", "example.org"]
    with pytest.raises(BadInput, match="takes only addresses at events"):
        invitations.invite(ana, Role.EDITOR, "eve@example.net")
    _, path = invitations.invite(ana, Role.EDITOR)
    for other in ("eve@example.net", "eve@sub.example.org", "eve@example.org.example.net"):
        with pytest.raises(BadInput):
            join(desk, path, other)
    join(desk, path, "budi@EXAMPLE.org")


def test_who_is_there_already_is_not_invited_again(desk, ana):
    with pytest.raises(Conflict, match="in this workspace already"):
        invitations.invite(desk, Role.OWNER, "ANA@example.org")


def test_only_owners_invite_owners_and_viewers_nobody(desk, ana):
    with pytest.raises(Forbidden):
        invitations.invite(ana, Role.OWNER)
    invitations.invite(desk, Role.OWNER)
    viewer = add_person(desk, "Citra", Role.VIEWER)
    for attempt in (lambda: invitations.invite(viewer, Role.VIEWER), lambda: invitations.list(viewer)):
        with pytest.raises(Forbidden):
            attempt()


def test_an_address_that_has_an_account_signs_in_with_it_instead(desk, ana, stranger):
    _, path = invitations.invite(ana, Role.EDITOR)
    with pytest.raises(Conflict, match="has an account here already"):
        join(desk, path, "ana@example.org")
    assert invitations.look(desk, secret_of(path))


def test_somebody_signed_in_joins_one_more_workspace(desk, ana, stranger):
    _, path = invitations.invite(ana, Role.EDITOR)
    invitations.join_as(stranger, secret_of(path), accounts.me(stranger))
    assert [place.name for place, _ in workspaces.mine(stranger)] == ["Elsewhere", "My workspace"]
    assert desk.acting_as(desk.workspace_id, stranger.account_id).role == "editor"


def test_the_link_of_a_workspace_one_is_in_stays_for_whoever_it_is_meant(desk, ana):
    _, path = invitations.invite(desk, Role.OWNER)
    with pytest.raises(Conflict, match="You are in My workspace already"):
        invitations.join_as(ana, secret_of(path), accounts.me(ana))
    assert desk.acting_as(desk.workspace_id, ana.account_id).role == "admin"
    assert invitations.look(desk, secret_of(path))


def test_whoever_was_removed_from_everywhere_comes_back_by_a_new_link_with_the_password_they_have(desk, ana):
    cookie = join(desk, invitations.invite(ana, Role.EDITOR)[1])
    budi = sign_in.resume(desk, cookie, CALLER)[0]
    members.remove(ana, budi.account_id, hand_to=ana.account_id)
    with pytest.raises(NotAllowed, match="You belong to no workspace here any more"):
        sign_in.with_password(desk, "budi@example.org", PASSWORD, CALLER)
    _, path = invitations.invite(ana, Role.VIEWER)
    with pytest.raises(Conflict, match="has an account here already"):
        invitations.join(
            desk, secret_of(path), name="Eve", email="budi@example.org", password="another long one", caller=CALLER
        )
    acting, _ = sign_in.resume(desk, join(desk, path, name="Whoever"), CALLER)
    assert (acting.account_id, acting.role, acting.caller.name) == (budi.account_id, "viewer", "Budi")
    with pytest.raises(NotFound):
        invitations.look(desk, secret_of(path))


def test_a_member_who_joins_again_with_their_password_leaves_the_link_for_whoever_it_is_meant(desk, ana):
    join(desk, invitations.invite(ana, Role.EDITOR)[1])
    _, path = invitations.invite(ana, Role.ADMIN)
    with pytest.raises(Conflict, match="You are in My workspace already"):
        join(desk, path)
    assert invitations.look(desk, secret_of(path))
    assert {m.name: m.role for m in members.list(desk)}["Budi"] == "editor"


def test_a_weak_password_leaves_the_invitation_as_it_was(desk, ana):
    _, path = invitations.invite(ana, Role.EDITOR)
    with pytest.raises(BadInput):
        invitations.join(
            desk, secret_of(path), name="Budi", email="budi@example.org", password="password12", caller=CALLER
        )
    assert [m.name for m in members.list(desk)] == ["Ana", "Owner"]
    assert invitations.look(desk, secret_of(path))
