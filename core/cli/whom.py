"""In whose name a command acts: in the workspace its options name, as the person they name."""

from __future__ import annotations

import argparse
from dataclasses import replace

from core import workspaces
from core.access import users
from core.desk import Caller, Desk, open_desk
from core.errors import NotAllowed, NotFound
from storage import members
from storage.tables import Role

WORKSPACE_HELP = "a workspace's name, alias or id, as `workspaces list` shows them; absent: the first"


def add_workspace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workspace", metavar="NAME", help=WORKSPACE_HELP)


def operator(command: str) -> Desk:
    """The Desk of whoever can run commands on this computer: they administer the installation, and are nobody of it."""
    return replace(open_desk(), account_id="", caller=Caller("Command line", agent=f"python -m core {command}"))


def within(desk: Desk, workspace: str | None) -> Desk:
    """The same in another workspace, if one is named. Raises NotFound."""
    return desk if workspace is None else replace(desk, workspace_id=workspaces.named(desk, workspace).id)


def acting_as(desk: Desk, workspace: str | None, email: str | None = None) -> Desk:
    """As a member of that workspace: the one with this e-mail, else its first owner. Raises NotFound."""
    place = within(desk, workspace).workspace()
    account_id = users.by_email(desk, email).id if email else _owner(desk, place.id)
    try:
        return desk.acting_as(place.id, account_id, desk.caller)
    except NotAllowed as outside:
        raise NotFound(
            f"{email} is not in the workspace “{place.name}”.", "`python -m core users list` shows who is where."
        ) from outside


def _owner(desk: Desk, workspace_id: str) -> str:
    with desk.store.reading() as session:
        owners = [(m.created_at, a.id) for a, m in members.leading(session, workspace_id) if m.role == Role.OWNER]
    if not owners:
        raise NotFound("This workspace has no owner.", "Say whose it is with --owner EMAIL.")
    return min(owners)[1]
