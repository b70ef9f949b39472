"""The first visit to a desk that asks for sign-in: whoever knows the code from the server's log becomes its owner."""

from __future__ import annotations

import base64
import hashlib
import hmac

from core import audit, naming
from core.access import accounts, sign_in, tries
from core.access.tries import Tries
from core.desk import Caller, Desk
from core.errors import Conflict, NotAllowed
from storage import accounts as rows
from storage import workspaces

KEY = "setup"  # the name of its file in keys/: the code is derived from it, alike in every process of the desk
GROUPS, GROUP = 3, 4  # 60 bits
TRIES = Tries("wrong codes", "desk", 10, 15 * 60)


def needed(desk: Desk) -> bool:
    """Sign-in is asked for and nobody has a way in yet."""
    if not sign_in.required(desk):
        return False
    with desk.store.reading() as session:
        return not rows.anybody_signs_in(session)


def code(desk: Desk) -> str:
    """What the log says at the start, such as "mq4k-77zd-rw2p". It is of use only until the desk is set up."""
    digest = hashlib.sha256(desk.files.secret(KEY)).digest()
    letters = base64.b32encode(digest).decode().lower()[: GROUPS * GROUP]
    return "-".join(letters[i : i + GROUP] for i in range(0, len(letters), GROUP))


def finish(desk: Desk, given: str, *, name: str, email: str, password: str, workspace: str, caller: Caller) -> str:
    """Make the first account the owner's; returns the secret for the cookie.

    What one person did on this desk before it asked for sign-in stays theirs. Raises NotAllowed for a wrong code,
    TooMany after too many, Conflict when somebody was quicker, BadInput.
    """
    tries.count(desk, (TRIES, ""))
    if not hmac.compare_digest(given.strip().lower().encode(), code(desk).encode()):
        raise NotAllowed(
            "This is not the set-up code.",
            "Copy it again from the log, with its hyphens.",
            field="code",
        )
    with desk.store.writing() as session:
        tries.forget(session, TRIES, "")
    with desk.store.reading() as session:
        if rows.anybody_signs_in(session):
            raise _done_already()
    workspace, name, email = naming.checked(workspace), naming.checked(name), accounts.checked_email(email)
    password_hash = accounts.hashed(password, name, email)
    with desk.store.writing() as session:
        first = workspaces.first(session)
        place = workspaces.get(session, first[0].id, lock=True) if first else None  # of two at once, one comes second
        if first is None or place is None or rows.anybody_signs_in(session):
            raise _done_already()
        owner = first[1]
        place.name = workspace
        owner.name, owner.email, owner.email_proven = name, email, True
        owner.administrator, owner.password_hash = True, password_hash
        session.add_all((place, owner))
        session.flush()
        secret = sign_in.start(desk, session, owner, caller)
        audit.note(desk.as_account(place.id, owner, caller), session, "set_up")
    return secret


def _done_already() -> Conflict:
    return Conflict("This desk is set up already.", "Sign in.")
