"""Download links: signed, expiring, revocable. Whoever holds one gets that file and nothing else of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from core import audit, exports, roles, signing
from core.desk import Caller, Desk
from core.errors import BadInput, NotFound
from core.exports import FileRef
from storage import links as rows
from storage.tables import Link, utc_now

RECEIPT = -1  # as a file's number: the job's receipt
MAX_HOURS = 24 * 366
STEP = timedelta(hours=1)  # expiries are rounded up to this, so that one link serves every look at a page


def make(desk: Desk, job_id: str, n: int = 0, hours: int | None = None) -> str:
    """The path of a link to file `n` (from 0, or RECEIPT) of a job that works for `hours`; a whole address where one is set.

    Without `hours` it is a page's own, for whoever looks at it; with them it is handed out, which needs the role for it and
    is noted. Raises NotFound for a job without that file, Forbidden, BadInput for an expiry nobody needs.
    """
    job, handed_out = exports.get(desk, job_id), hours is not None
    if handed_out:
        roles.require(desk, "exports.link", job)
    hours = desk.settings.link_hours if hours is None else hours
    if not 1 <= hours <= MAX_HOURS:
        raise BadInput("A link works from an hour to a year.", "Choose an expiry in between.", field="hours")
    if n != RECEIPT:
        exports.file(desk, job_id, n)  # raises NotFound
    else:
        exports.receipt(desk, job_id)
    with desk.store.writing() as session:
        link = _reusable(session, desk, job_id, n, _rounded(utc_now() + timedelta(hours=hours)))
        if handed_out:
            audit.note(desk, session, "exports.linked", job, link=link.id, until=link.expires_at.isoformat())
    token = signing.sign(desk, "link", [link.id, link.workspace_id, job_id, n, int(link.expires_at.timestamp())])
    return f"{desk.settings.public_url.rstrip('/')}/api/files/{token}"


@dataclass(frozen=True)
class Opened:
    """What a link leads to. `desk` acts for whoever made the link, and says so."""

    desk: Desk
    link_id: str
    file: FileRef


def open(desk: Desk, token: str, caller: Caller | None = None) -> Opened:
    """The file a link leads to; `caller`: from where it is asked for.

    Raises NotAllowed for a forged one, NotFound for an expired or revoked one, and while its export lies in the bin.
    """
    link_id, workspace_id, job_id, n, expires = signing.read(desk, "link", token)
    with desk.store.reading() as session:
        link = rows.get(session, workspace_id, link_id)
    if link is None or link.revoked_at or expires <= utc_now().timestamp():
        raise NotFound("This link no longer works.", "Ask for a new one from whoever sent it.")
    owner = desk.acting_as(workspace_id, link.owner_id)
    owner = replace(owner, caller=replace(caller or Caller(), name=f"{owner.caller.name} (by link)"))
    file = exports.receipt_file(owner, job_id) if n == RECEIPT else exports.file(owner, job_id, n)
    return Opened(owner, link.id, file)


def list(desk: Desk, job_id: str) -> Sequence[Link]:
    """The links to an export that still work, newest first. Raises NotFound for one that whoever asks does not see."""
    exports.get(desk, job_id)
    with desk.store.reading() as session:
        return [k for k in rows.of_job(session, desk.workspace_id, job_id) if _works(k)]


def revoke(desk: Desk, link_id: str) -> None:
    """End a link at once. Raises NotFound, also for one to an export that whoever asks does not see; Forbidden."""
    with desk.store.reading() as session:
        link = rows.get(session, desk.workspace_id, link_id)
    if link is None:
        raise NotFound("This link is not there.", "It may have expired.")
    job = exports.get(desk, link.job_id)
    roles.require(desk, "exports.link", job)
    with desk.store.writing() as session:
        if rows.revoke(session, desk.workspace_id, link_id):
            audit.note(desk, session, "exports.link_revoked", job, link=link.id)


def _works(link: Link) -> bool:
    return link.revoked_at is None and link.expires_at > utc_now()


def _reusable(session: Session, desk: Desk, job_id: str, n: int, expires_at: datetime) -> Link:
    for link in rows.of_job(session, desk.workspace_id, job_id):
        mine = link.owner_id == desk.account_id and link.revoked_at is None
        if mine and link.file == n and link.expires_at == expires_at:
            return link
    return rows.add(session, desk.workspace_id, desk.account_id, job_id=job_id, file=n, expires_at=expires_at)


def _rounded(moment: datetime) -> datetime:
    step = STEP.total_seconds()
    return datetime.fromtimestamp(-(-moment.timestamp() // step) * step, UTC)
