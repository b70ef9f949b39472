"""Download links: signed, expiring, revocable. Whoever holds one gets that file and nothing else of the desk.

A link may take a password, besides; it remembers to whom it was sent, and who fetched its file when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session

from core import audit, destinations, exports, signing
from core.access import accounts, roles, sign_in, tries
from core.access.tries import Tries
from core.desk import Caller, Desk
from core.errors import BadInput, Gone, NotFound, Undeliverable, WrongPassword
from core.exports import FileRef
from storage import accounts as people
from storage import jobs
from storage import links as rows
from storage.tables import Job, Link, LinkDownload, utc_now

__all__ = ["Link", "LinkDownload"]

SOMEWHERE = "a private destination"  # of somebody else
RECEIPT = -1  # as a file's number: the job's receipt
MAX_HOURS = 24 * 366
STEP = timedelta(hours=1)  # expiries are rounded up to this, so that one link serves every look at a page
SHORTEST_PASSWORD, LONGEST_PASSWORD = 6, 128  # characters
PER_LINK = Tries("wrong passwords for this link", "link", 10, 15 * 60)
PER_ADDRESS = Tries("wrong passwords for links", tries.ADDRESS, 30, 15 * 60)


def make(desk: Desk, job_id: str, n: int = 0, hours: int | None = None, *, password: str = "") -> str:
    """The path of a link to file `n` (from 0, or RECEIPT) of a job that works for `hours`; a whole address where one is set.

    Without `hours` it is a page's own, for whoever looks at it; with them it is handed out, which needs the role for it and
    is noted, and may ask for a `password`. Raises NotFound for a job without that file, Forbidden, BadInput for an expiry
    nobody needs or a password that is too short.
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
    hashed = _hashed(password) if password else None
    with desk.store.writing() as session:
        expires_at = _rounded(utc_now() + timedelta(hours=hours))
        link = None if hashed else _reusable(session, desk, job_id, n, expires_at, handed_out)
        link = link or rows.add(
            session, desk.workspace_id, desk.account_id, job_id=job_id, file=n, expires_at=expires_at
        )
        link.password_hash, link.handed_out = hashed, handed_out
        session.add(link)
        if handed_out:
            audit.note(desk, session, "exports.linked", job, link=link.id, until=link.expires_at.isoformat())
    return address(desk, link)


def for_delivery(desk: Desk, delivery: Job, n: int, *, days: int, password: str, to: str) -> str:
    """A whole address for file `n` of a delivery's export: the same one in every try, with whoever it is sent to noted.

    It is made in the name of whoever asked for the delivery. Raises Forbidden where they may make none any more,
    Undeliverable where the desk does not know its own address.
    """
    require_address(desk)
    owner = desk.acting_as(delivery.workspace_id, delivery.owner_id)
    job = exports.get(owner, delivery.payload["export"])
    roles.require(owner, "exports.link", job)
    with desk.store.writing() as session:
        for link in rows.of_job(session, owner.workspace_id, job.id):
            mine = link.file == n and link.sent_to == to and link.created_at >= delivery.created_at
            if mine and link.owner_id == owner.account_id and not link.revoked_at and _opens(link, password):
                return address(desk, link)
        expires_at = _rounded(utc_now() + timedelta(days=days))
        link = rows.add(session, owner.workspace_id, owner.account_id, job_id=job.id, file=n, expires_at=expires_at)
        link.sent_to, link.handed_out = to, True
        link.password_hash = _hash(password) if password else None
        session.add(link)
        audit.note(owner, session, "exports.linked", job, link=link.id, until=link.expires_at.isoformat(), to=to)
    return address(desk, link)


def require_address(desk: Desk) -> None:
    """Raises Undeliverable where nobody said at which address others reach the desk: a link would lead nowhere."""
    if not desk.settings.public_url:
        raise Undeliverable(
            "A link is to be sent, and this desk does not know the address others reach it at.",
            "Whoever runs it sets DESK_PUBLIC_URL. Or choose to send the file itself.",
        )


def address(desk: Desk, link: Link) -> str:
    """Where a link leads: a whole address where one is set, else its path."""
    said = [link.id, link.workspace_id, link.job_id, link.file, int(link.expires_at.timestamp())]
    return f"{desk.settings.public_url.rstrip('/')}/api/files/{signing.sign(desk, 'link', said)}"


@dataclass(frozen=True)
class Opened:
    """What a link leads to. `desk` acts for whoever made the link, and says so."""

    desk: Desk
    link_id: str
    file: FileRef


def open(desk: Desk, token: str, caller: Caller | None = None, *, password: str | None = None) -> Opened:
    """The file a link leads to; `caller`: from where it is asked for.

    Raises NotAllowed for a forged one, Gone for an expired or revoked one and once its file is gone, naming whom to ask,
    NotFound while its export lies in the bin;
    WrongPassword where it asks for one (`details["asked"]` where none was given), TooMany after too many wrong ones.
    """
    link_id, workspace_id, job_id, n, expires = signing.read(desk, "link", token)
    caller = caller or Caller()
    with desk.store.reading() as session:
        link = rows.get(session, workspace_id, link_id)
    if link is None or link.revoked_at or expires <= utc_now().timestamp():
        raise _ended(desk, link, workspace_id, job_id, expires)
    _unlock(desk, link, caller, password)
    owner = desk.acting_as(workspace_id, link.owner_id)
    owner = replace(owner, caller=replace(caller, name=f"{owner.caller.name} (by link)"))
    try:
        file = exports.receipt_file(owner, job_id) if n == RECEIPT else exports.file(owner, job_id, n)
    except Gone as gone:  # said to whoever holds the link, not to whoever made it
        raise Gone(gone.message, _whom_to_ask(desk, workspace_id, job_id, "the file")) from gone
    return Opened(owner, link.id, file)


def _ended(desk: Desk, link: Link | None, workspace_id: str, job_id: str, expires: float) -> Gone:
    """Why a link that was good once is not any more, and who can make another."""
    until = f"{datetime.fromtimestamp(expires, UTC):%-d %B %Y}"
    why = "it was taken back" if link is not None and link.revoked_at else f"it was made for a while, until {until}"
    return Gone(f"This link no longer works: {why}.", _whom_to_ask(desk, workspace_id, job_id, "a new one"))


def _whom_to_ask(desk: Desk, workspace_id: str, job_id: str, what: str) -> str:
    """Whoever holds a link was given it by somebody: it may say who asked for the export."""
    with desk.store.reading() as session:
        job = jobs.of_ids(session, [job_id]).get(job_id)
        owner = people.account(session, job.owner_id) if job and job.workspace_id == workspace_id else None
    named = owner is not None and not owner.disabled_at and sign_in.required(desk)
    return f"Ask {owner.name if named and owner else 'whoever sent it'} for {what}."


def downloaded(opened: Opened, *, piece: bool = False) -> None:
    """Note that somebody fetches the file a link leads to, in the audit log and with the link; `piece`: exports.downloaded."""
    if not exports.downloaded(opened.desk, opened.file, link=opened.link_id, piece=piece):
        return
    caller = opened.desk.caller
    with opened.desk.store.writing() as session:
        rows.note_download(session, opened.link_id, address=caller.address, agent=caller.agent)


def list(desk: Desk, job_id: str) -> Sequence[Link]:
    """The links to an export that still work, newest first. Raises NotFound for one that whoever asks does not see."""
    return [link for link in every(desk, job_id) if works(link)]


def every(desk: Desk, job_id: str) -> Sequence[Link]:
    """Also those that were revoked or ran out, and the pages' own, newest first. Raises NotFound.

    To whom one was delivered is said where whoever asks had it delivered, or sees a destination of that place.
    """
    exports.get(desk, job_id)
    with desk.store.reading() as session:
        found = rows.of_job(session, desk.workspace_id, job_id)
    theirs = [link for link in found if link.sent_to and desk.account_id not in ("", link.owner_id)]
    seen = {destinations.place(one) for one in destinations.list(desk)} if theirs else set()
    for link in theirs:
        link.sent_to = link.sent_to if link.sent_to in seen else SOMEWHERE
    return found


def downloads(desk: Desk, job_id: str) -> Mapping[str, Sequence[LinkDownload]]:
    """Who fetched a file of this export by which link (its id), newest first. Raises NotFound."""
    links = every(desk, job_id)
    with desk.store.reading() as session:
        return rows.downloads(session, [link.id for link in links])


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


def set_password(desk: Desk, link_id: str, password: str) -> None:
    """From now on a link asks for this password; "": for none. Raises NotFound, Forbidden, BadInput for one too short."""
    with desk.store.reading() as session:
        link = rows.get(session, desk.workspace_id, link_id)
    if link is None:
        raise NotFound("This link is not there.", "It may have expired.")
    job = exports.get(desk, link.job_id)
    roles.require(desk, "exports.link", job)
    hashed = _hashed(password) if password else None
    with desk.store.writing() as session:
        rows.set_password(session, desk.workspace_id, link_id, hashed)
        audit.note(desk, session, "exports.link_password", job, link=link.id)


def works(link: Link) -> bool:
    return link.revoked_at is None and link.expires_at > utc_now()


def _unlock(desk: Desk, link: Link, caller: Caller, password: str | None) -> None:
    """Each try is counted before it is made: by the link, and by from where it comes."""
    if link.password_hash is None:
        return
    if password is None:
        raise WrongPassword("This link asks for a password.", "Ask whoever sent it.", asked=True)
    tries.count(desk, (PER_LINK, link.id), (PER_ADDRESS, caller.address))
    if not _opens(link, password):
        raise WrongPassword("That is not the password of this link.", "Try again, or ask whoever sent it.")
    with desk.store.writing() as session:
        tries.give_back(session, PER_LINK, link.id)
        tries.give_back(session, PER_ADDRESS, caller.address)


def _opens(link: Link, password: str) -> bool:
    if link.password_hash is None:
        return not password
    try:
        with accounts.HASHING:
            return accounts.HASHER.verify(link.password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _hashed(password: str) -> str:
    """Raises BadInput for one that is quickly found."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(
            f"The password of a link has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            "Choose another one.",
            field="password",
        )
    return _hash(password)


def _hash(password: str) -> str:
    with accounts.HASHING:
        return accounts.HASHER.hash(password)


def _reusable(session: Session, desk: Desk, job_id: str, n: int, expires_at: datetime, handed_out: bool) -> Link | None:
    """One that was made for the same, that asks for nothing and was sent to nobody."""
    for link in rows.of_job(session, desk.workspace_id, job_id):
        mine = link.owner_id == desk.account_id and link.revoked_at is None and not link.password_hash
        alike = link.file == n and link.expires_at == expires_at and link.handed_out == handed_out
        if mine and alike and not link.sent_to:
            return link
    return None


def _rounded(moment: datetime) -> datetime:
    step = STEP.total_seconds()
    return datetime.fromtimestamp(-(-moment.timestamp() // step) * step, UTC)
