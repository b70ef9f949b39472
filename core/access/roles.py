"""Who may do what: one table. Every function of core that does something asks it first; the screens ask it for their buttons.

A role belongs to somebody in one workspace. Each use case names the least role that may do it to things of one's own, and to
things of others that are shared; things that are not shared nobody else sees at all (storage.scope).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from core.errors import Conflict, Forbidden
from storage import members, workspaces
from storage.tables import Owned, Role

if TYPE_CHECKING:
    from core.desk import Desk

MAX_NAMES = 3  # of people one may ask
LADDER = (Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER)
ABOUT = {
    Role.VIEWER: "looks at what is shared and downloads it",
    Role.EDITOR: "adds data, makes exports and templates, shares them",
    Role.ADMIN: "also manages people, settings and what others shared",
    Role.OWNER: "everything, other owners included",
}


@dataclass(frozen=True)
class UseCase:
    """`what` completes "You may …". `others`: the least role for shared things of somebody else; None: the same."""

    what: str
    least: Role
    others: Role | None = None


USE_CASES: dict[str, UseCase] = {
    "data.see": UseCase("see datasets", Role.VIEWER),
    "data.add": UseCase("add datasets", Role.EDITOR),
    "data.change": UseCase("rename, replace and correct datasets", Role.EDITOR),
    "data.delete": UseCase("delete and restore datasets", Role.EDITOR, Role.ADMIN),
    "data.share": UseCase("share datasets, or stop sharing them", Role.EDITOR, Role.ADMIN),
    "exports.see": UseCase("see exports and download their files", Role.VIEWER),
    "exports.check": UseCase("check whether a file was exported here", Role.VIEWER),
    "exports.run": UseCase("run exports", Role.EDITOR),
    "exports.change": UseCase("put exports into projects", Role.EDITOR),
    "exports.stop": UseCase("cancel exports and try them again", Role.EDITOR, Role.ADMIN),
    "exports.delete": UseCase("delete and restore exports", Role.EDITOR, Role.ADMIN),
    "exports.share": UseCase("share exports, or stop sharing them", Role.EDITOR, Role.ADMIN),
    "exports.link": UseCase("make and revoke download links", Role.EDITOR),
    "templates.see": UseCase("see templates", Role.VIEWER),
    "templates.pin": UseCase("pin templates to one's home page", Role.VIEWER),
    "templates.save": UseCase("save templates", Role.EDITOR),
    "templates.change": UseCase("change templates", Role.EDITOR),
    "templates.delete": UseCase("delete and restore templates", Role.EDITOR, Role.ADMIN),
    "templates.share": UseCase("share templates, or stop sharing them", Role.EDITOR, Role.ADMIN),
    "schedules.see": UseCase("see schedules", Role.VIEWER),
    "schedules.change": UseCase("make and change schedules", Role.EDITOR),
    "schedules.run": UseCase("run schedules now, pause them, and go on with them", Role.EDITOR),
    "schedules.delete": UseCase("delete and restore schedules", Role.EDITOR, Role.ADMIN),
    "schedules.share": UseCase("share schedules, or stop sharing them", Role.EDITOR, Role.ADMIN),
    "destinations.see": UseCase("see destinations", Role.VIEWER),
    "destinations.change": UseCase("make, test and change destinations", Role.EDITOR, Role.ADMIN),
    "destinations.delete": UseCase("delete and restore destinations", Role.EDITOR, Role.ADMIN),
    "destinations.share": UseCase("share destinations, or stop sharing them", Role.EDITOR, Role.ADMIN),
    "exports.deliver": UseCase("send files to destinations, hold them back, and send them again", Role.EDITOR),
    "exports.keep": UseCase("say how long files are kept", Role.EDITOR),
    "data.feed": UseCase("say where datasets are fetched from, and fetch them", Role.EDITOR),
    "data.secrets": UseCase("fetch something else with the passwords that are kept", Role.EDITOR, Role.ADMIN),
    "sets.see": UseCase("see saved filters and columns", Role.VIEWER),
    "sets.change": UseCase("save and change filters and columns", Role.EDITOR),
    "sets.delete": UseCase("delete and restore saved filters and columns", Role.EDITOR, Role.ADMIN),
    "sets.share": UseCase("share saved filters and columns, or stop sharing them", Role.EDITOR, Role.ADMIN),
    "projects.see": UseCase("see projects", Role.VIEWER),
    "projects.change": UseCase("make, rename and archive projects", Role.EDITOR),
    "tokens.make": UseCase("make tokens", Role.EDITOR),
    "tokens.manage": UseCase("see and revoke everybody's tokens", Role.ADMIN),
    "members.see": UseCase("see who else is there", Role.VIEWER),
    "members.manage": UseCase("invite people, change their roles, remove them", Role.ADMIN),
    "members.owners": UseCase("make owners, and change what owners are", Role.OWNER),
    "members.hand_over": UseCase("hand over what somebody else owned", Role.ADMIN),
    "workspace.change": UseCase("change the workspace's settings", Role.ADMIN),
    "workspace.storage": UseCase("see what takes space, and clean up", Role.ADMIN),
    "workspace.backup": UseCase("back up and restore the workspace", Role.ADMIN),
    "insights.see": UseCase("see what was exported, when and by whom", Role.VIEWER),
    "workspace.leave": UseCase("leave the workspace", Role.VIEWER),
    "audit.see": UseCase("read the audit log", Role.ADMIN),
}


def may(desk: Desk, use: str, thing: Owned | None = None) -> bool:
    """May whoever acts do that, to this thing (None: to none in particular, or to one of their own)?"""
    case = USE_CASES[use]
    foreign = thing is not None and thing.owner_id != desk.account_id
    least = case.others if foreign and case.others else case.least
    return LADDER.index(desk.role) >= LADDER.index(least)


def require(desk: Desk, use: str, thing: Owned | None = None) -> None:
    """Raises Forbidden unless they may, naming whom to ask; the attempt is in the audit log."""
    if may(desk, use, thing):
        return
    from core import audit  # which asks here itself who may read it

    audit.refused(desk, use, thing)
    raise Forbidden(
        f"You may not {USE_CASES[use].what}{' of others' if thing is not None and may(desk, use) else ''} here: "
        f"you are {_one(desk.role)}.",
        whom_to_ask(desk, use),
        field=use,
    )


def still(desk: Desk, session: Session) -> None:
    """Begin a transaction that changes who may do what: whoever acts is no less than when `require` was asked, and stays so.

    It is the only one of its workspace until it ends. Raises Conflict.
    """
    workspaces.get(session, desk.workspace_id, lock=True)
    if not desk.account_id:
        return  # the desk itself, and whoever runs commands on its computer
    now = members.get(session, desk.workspace_id, desk.account_id)
    if now is None or LADDER.index(now.role) < LADDER.index(desk.role):
        raise Conflict("Your own role was just changed by somebody else.", "Reload the page.")


def blocked(desk: Desk, use: str, thing: Owned | None = None) -> str:
    """Why a button is disabled, or "" where they may."""
    if may(desk, use, thing):
        return ""
    foreign = thing is not None and may(desk, use)
    who = "the owner of this, or an administrator" if foreign else _one(least(use))
    return f"Only {who} may {USE_CASES[use].what}. {whom_to_ask(desk, use)}"


def _one(role: str) -> str:
    return f"{'an' if role[0] in 'aeo' else 'a'} {role}"


def least(use: str) -> str:
    """The least role of a use case with those above it: "editor, admin or owner"."""
    rising = LADDER[LADDER.index(USE_CASES[use].least) :]
    return ", ".join(rising[:-1]) + f" or {rising[-1]}" if len(rising) > 1 else str(rising[0])


def whom_to_ask(desk: Desk, use: str = "members.manage") -> str:
    """ "Ask Ana or Budi.": others who are owners or administrators, and may do it themselves."""
    with desk.store.reading() as session:
        leading = members.leading(session, desk.workspace_id)
    enough = LADDER.index(USE_CASES[use].least)
    names = [a.name for a, m in leading if a.id != desk.account_id and LADDER.index(m.role) >= enough]
    return ask(names) or "Ask your administrator."


def ask(names: Iterable[str]) -> str:
    """ "Ask Ana or Budi.", of the first few; "" where there is nobody."""
    few = [*names][:MAX_NAMES]
    return f"Ask {' or '.join(few)}." if few else ""
