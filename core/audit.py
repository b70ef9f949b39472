"""The audit log: who did what, when, from where, and what was refused. Written in the transaction of what it tells."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, SQLModel

from core.access import roles
from storage import audit as rows
from storage import counters
from storage.audit import Wanted
from storage.tables import (
    Account,
    AuditEntry,
    Dataset,
    Destination,
    Job,
    Owned,
    Project,
    SavedSet,
    Schedule,
    Shareable,
    Template,
    Token,
)

if TYPE_CHECKING:
    from core.desk import Caller, Desk

__all__ = ["AuditEntry", "Wanted"]

LONGEST = 300  # characters of a name, an address or an agent that are kept: whoever asks chooses them
UNNAMED = "(private)"  # what others read in place of a name that is not theirs to know
DAY = 24 * 3600  # seconds
ONCE_IN = 60  # seconds: how often the same attempt of the same caller is noted
KINDS: dict[type[SQLModel], str] = {
    Dataset: "dataset",
    Job: "export",
    Template: "template",
    Destination: "destination",
    SavedSet: "set",
    Schedule: "schedule",
    Project: "project",
    Token: "token",
    Account: "person",
}
# what an entry says was done; "{subject}" is the name of what it was done to
ACTIONS = {
    "signed_in": "signed in",
    "signed_out": "signed out",
    "signed_out_everywhere": "signed {subject} out of every browser",
    "sign_in_failed": "tried to sign in as {subject}",
    "set_up": "set up this desk",
    "account_email_changed": "changed the address {subject} signs in with",
    "account_closed": "closed the account of {subject}",
    "account_opened": "opened the account of {subject} again",
    "account_administers": "made {subject} an administrator of this installation",
    "account_administers_no_more": "made {subject} no administrator of this installation any more",
    "account_changed": "changed their own account",
    "password_changed": "changed the password of {subject}",
    "password_link": "asked for a link for a new password of {subject}",
    "data.added": "added the dataset {subject}",
    "data.changed": "changed the dataset {subject}",
    "data.replaced": "replaced the file of the dataset {subject}",
    "data.version": "went back to another version of the dataset {subject}",
    "data.deleted": "deleted the dataset {subject}",
    "data.restored": "restored the dataset {subject}",
    "data.removed": "deleted the dataset {subject} for good",
    "data.connected": "said where the dataset {subject} is fetched from",
    "data.disconnected": "stopped fetching the dataset {subject}",
    "data.shared": "shared the dataset {subject}",
    "data.unshared": "stopped sharing the dataset {subject}",
    "exports.run": "ran the export {subject}",
    "exports.converted": "had the export {subject} in another format",
    "exports.changed": "changed the export {subject}",
    "exports.stopped": "cancelled the export {subject}",
    "exports.retried": "tried the export {subject} again",
    "exports.downloaded": "downloaded {subject}",
    "exports.deleted": "deleted the export {subject}",
    "exports.restored": "restored the export {subject}",
    "exports.removed": "deleted the export {subject} for good",
    "exports.shared": "shared the export {subject}",
    "exports.unshared": "stopped sharing the export {subject}",
    "exports.sent": "sent the export {subject} to a destination",
    "exports.delivered": "delivered the export {subject}",
    "exports.delivery_stopped": "stopped a delivery of the export {subject}",
    "exports.delivery_released": "let a delivery of the export {subject} go",
    "exports.kept": "pinned the files of the export {subject}",
    "exports.let_go": "let the files of the export {subject} go",
    "exports.expired": "took away the files of the export {subject}, whose time was over",
    "exports.linked": "made a download link to {subject}",
    "exports.link_password": "changed the password of a download link to {subject}",
    "exports.link_revoked": "revoked a download link to {subject}",
    "templates.saved": "saved the template {subject}",
    "templates.changed": "changed the template {subject}",
    "templates.deleted": "deleted the template {subject}",
    "templates.restored": "restored the template {subject}",
    "templates.removed": "deleted the template {subject} for good",
    "templates.shared": "shared the template {subject}",
    "templates.unshared": "stopped sharing the template {subject}",
    "templates.version": "went back to another version of the template {subject}",
    "sets.saved": "saved the filters or columns {subject}",
    "sets.changed": "changed the saved filters or columns {subject}",
    "sets.deleted": "deleted the saved filters or columns {subject}",
    "sets.restored": "restored the saved filters or columns {subject}",
    "sets.removed": "deleted the saved filters or columns {subject} for good",
    "sets.shared": "shared the saved filters or columns {subject}",
    "sets.unshared": "stopped sharing the saved filters or columns {subject}",
    "schedules.made": "made the schedule {subject}",
    "schedules.changed": "changed the schedule {subject}",
    "schedules.paused": "paused the schedule {subject}",
    "schedules.resumed": "let the schedule {subject} go on",
    "schedules.ran": "ran the schedule {subject} now",
    "schedules.taken_over": "took over the schedule {subject}",
    "schedules.deleted": "deleted the schedule {subject}",
    "schedules.restored": "restored the schedule {subject}",
    "schedules.removed": "deleted the schedule {subject} for good",
    "schedules.shared": "shared the schedule {subject}",
    "schedules.unshared": "stopped sharing the schedule {subject}",
    "destinations.made": "made the destination {subject}",
    "destinations.changed": "changed the destination {subject}",
    "destinations.tested": "sent a test file to the destination {subject}",
    "destinations.deleted": "deleted the destination {subject}",
    "destinations.restored": "restored the destination {subject}",
    "destinations.removed": "deleted the destination {subject} for good",
    "destinations.shared": "shared the destination {subject}",
    "destinations.unshared": "stopped sharing the destination {subject}",
    "projects.made": "made the project {subject}",
    "projects.changed": "changed the project {subject}",
    "projects.archived": "archived the project {subject}",
    "projects.taken_back": "took back the project {subject}",
    "tokens.made": "made the token {subject}",
    "tokens.revoked": "revoked the token {subject}",
    "members.added": "added {subject}",
    "members.invited": "invited {subject}",
    "members.invited_again": "made a new link for the invitation of {subject}",
    "members.invitation_mailed": "mailed the invitation to {subject}",
    "members.invitation_revoked": "took back the invitation of {subject}",
    "members.joined": "joined the workspace",
    "members.changed": "changed the role of {subject}",
    "members.removed": "removed {subject}",
    "members.left": "left the workspace",
    "members.handed_over": "handed over what {subject} owned",
    "workspace.made": "made the workspace {subject}",
    "workspace.backed_up": "backed up the workspace {subject}",
    "workspace.backup_fetched": "downloaded the backup {subject}",
    "workspace.restored": "restored a backup as {subject}",
    "workspace.changed": "changed the workspace's settings",
    "installation.changed": "changed the settings of the installation",
    "audit.exported": "downloaded the audit log as {subject}",
    "refused": "was refused: {subject}",
}
# what concerns the whole desk, whichever workspace its administrator looks at: in the installation's own log
OF_INSTALLATION = frozenset({
    "set_up", "account_email_changed", "account_closed", "account_opened", "account_administers", "account_administers_no_more",
    "signed_out_everywhere", "workspace.made", "installation.changed",
})  # fmt: skip
SEE_INSTALLATION = "read the audit log of this installation"

GROUPS = {  # what one may look for, and the beginnings of its actions
    "Signing in": ("signed_", "sign_in", "set_up", "password", "account_"),
    "Data": ("data.",),
    "Exports": ("exports.",),
    "Downloads and links": ("exports.downloaded", "exports.link"),
    "Deliveries": ("destinations.", "exports.sent", "exports.deliver"),
    "Templates": ("templates.", "sets."),
    "Schedules": ("schedules.",),
    "Projects": ("projects.",),
    "People": ("members.",),
    "Tokens": ("tokens.",),
    "Settings": ("workspace.", "installation."),
}


def actions_of(group: str) -> tuple[str, ...]:
    """The actions of one of GROUPS."""
    return tuple(action for action in ACTIONS if action.startswith(GROUPS[group]))


def note(
    desk: Desk,
    session: Session,
    action: str,
    thing: SQLModel | str | None = None,
    *,
    refused: bool = False,
    **details: Any,
) -> None:
    """Add an entry within the caller's transaction. `thing`: the row it was done to, or just a name.

    It is in the log of the desk's workspace; in that of the installation where the action is one of its own, or the desk
    is that of no workspace (Desk.of_installation). Of what somebody keeps to themselves the log tells others that something
    was done, not to what: `private` among the details is the one account that reads the name.
    """
    assert action in ACTIONS
    details |= private_to(thing)
    named = thing if isinstance(thing, str) else str(getattr(thing, "name", "") or "")
    rows.add(
        session,
        AuditEntry(
            workspace_id=None if action in OF_INSTALLATION else desk.workspace_id or None,
            account_id=desk.account_id or None,
            actor=desk.caller.name,
            action=action,
            subject_kind=KINDS.get(type(thing), "") if isinstance(thing, SQLModel) else "",
            subject_id=str(getattr(thing, "id", "")),
            subject=named[:LONGEST],
            refused=refused,
            address=desk.caller.address[:LONGEST],
            agent=desk.caller.agent[:LONGEST],
            details=details,
        ),
    )


def private_to(thing: SQLModel | str | None) -> dict[str, str]:
    """The detail that keeps the name of a thing that is not shared to its owner; nothing for any other."""
    return {"private": thing.owner_id} if isinstance(thing, Shareable) and not thing.shared else {}


def refused(desk: Desk, use: str, thing: Owned | None = None) -> None:
    """Note that somebody tried what their role does not allow."""
    turned_away(desk, roles.USE_CASES[use].what, use=use, of=thing.id if thing is not None else None)


def refused_request(desk: Desk, caller: Caller, path: str, why: str) -> None:
    """Note a request of nobody in particular that was turned away."""
    turned_away(replace(desk, account_id="", caller=caller), path, why=why)


def turned_away(desk: Desk, what: str, **details: Any) -> None:
    """Note a refused attempt, in a transaction of its own: nothing else was done.

    The same of the same caller is noted once in ONCE_IN seconds, so that nobody fills the log by knocking.
    """
    same = (
        desk.workspace_id,
        desk.account_id,
        desk.caller.name,
        desk.caller.address,
        what,
        *map(str, details.values()),
    )
    key = hashlib.sha256("\0".join(same).encode()).hexdigest()
    with desk.store.writing() as session:
        if counters.count(session, f"turned away {key}", ONCE_IN)[0] == 1:
            note(desk, session, "refused", what, refused=True, **details)


def again(desk: Desk, session: Session, *what: str | None) -> bool:
    """Whether whoever calls has done this from the same address within a day already. Each call of it counts."""
    same = (desk.workspace_id, desk.account_id, desk.caller.name, desk.caller.address, *map(str, what))
    key = hashlib.sha256("\0".join(same).encode()).hexdigest()
    return counters.count(session, f"again {key}", DAY)[0] > 1


def list(
    desk: Desk,
    *,
    of_installation: bool = False,
    search: str = "",
    actions: Collection[str] = (),
    account_id: str | None = None,
    refused: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    page: int = 1,
    size: int = 50,
) -> tuple[Sequence[AuditEntry], int]:
    """One page (from 1) of the workspace's entries, or of the installation's own, newest first; and how many match.

    Raises Forbidden.
    """
    log = _log(desk, of_installation)
    wanted = Wanted(search, actions, account_id, refused, since, until)
    with desk.store.reading() as session:
        found, total = rows.list(session, log, wanted, reader=desk.account_id, page=page, size=size)
    return [_told(desk, entry) for entry in found], total


def each(desk: Desk, wanted: Wanted, *, of_installation: bool = False) -> Iterator[Sequence[AuditEntry]]:
    """Every entry that matches, newest first, some thousands at a time. Raises Forbidden."""
    log = _log(desk, of_installation)
    with desk.store.reading() as session:
        for found in rows.each(session, log, wanted, reader=desk.account_id):
            yield [_told(desk, entry) for entry in found]


def _told(desk: Desk, entry: AuditEntry) -> AuditEntry:
    """The entry as whoever acts may read it."""
    if entry.details.get("private", desk.account_id) == desk.account_id:
        return entry
    return AuditEntry.model_validate(entry.model_dump() | {"subject": UNNAMED, "subject_id": "", "details": {}})


def people(desk: Desk, *, of_installation: bool = False) -> Sequence[tuple[str, str]]:
    """(account id, name) of everybody who is in the log, by name. Raises Forbidden."""
    log = _log(desk, of_installation)
    with desk.store.reading() as session:
        return rows.people(session, log)


def require(desk: Desk, *, of_installation: bool = False) -> None:
    """Raises Forbidden for whoever may not read the log of the workspace, or that of the installation."""
    _log(desk, of_installation)


def _log(desk: Desk, of_installation: bool) -> str | None:
    """Whose log storage is asked for: a workspace's id, None for the installation's. Raises Forbidden."""
    if not of_installation:
        roles.require(desk, "audit.see")
        return desk.workspace_id
    from core.access import installation  # which notes here itself what it refuses

    installation.require(desk, SEE_INSTALLATION)
    return None


def sentence(entry: AuditEntry) -> str:
    """What was done, as people say it, without who did it: "shared the dataset Participants"."""
    return ACTIONS.get(entry.action, entry.action).format(subject=entry.subject or "something")
