"""What concerns the whole installation, whichever workspace one is in: only its administrators may touch it."""

from __future__ import annotations

from sqlmodel import Session

from core import audit
from core.access import roles
from core.desk import Desk
from core.errors import Conflict, Forbidden
from storage import accounts


def require(desk: Desk, what: str) -> None:
    """`what` completes "You may not …". Raises Forbidden, naming whom to ask; the attempt is in the audit log."""
    if desk.administrator:
        return
    audit.turned_away(desk.of_installation(), what, use="installation")
    raise Forbidden(
        f"You may not {what}: you are not an administrator of this installation.",
        whom_to_ask(desk),
        field="installation",
    )


def still(desk: Desk, session: Session) -> None:
    """In a transaction that gives away what outlasts it: whoever acts still administers, and does until it ends.

    Raises Conflict where that was taken from them since `require` was asked.
    """
    if not desk.account_id:
        return  # the desk itself, and whoever runs commands on its computer
    account = accounts.account(session, desk.account_id, lock=True)
    if account is None or account.disabled_at or not account.administrator:
        raise Conflict("You were just made no administrator of this installation any more.", "Reload the page.")


def blocked(desk: Desk, what: str) -> str:
    """Why a button is disabled, or "" for an administrator."""
    return "" if desk.administrator else f"Only an administrator of this installation may {what}. {whom_to_ask(desk)}"


def whom_to_ask(desk: Desk) -> str:
    """ "Ask Ana or Budi." """
    with desk.store.reading() as session:
        names = [account.name for account in accounts.administrators(session)]
    return roles.ask(names) or "Ask whoever runs this desk."
