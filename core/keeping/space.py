"""What takes space, how much there may be, and refusing what would not fit, before anything starts.

Two bounds: what a workspace may use in all (Workspace.quota_mb, MB of 10^6 bytes), and how much of the disk always stays free
(choices.Storage.low_disk_mb). Both are asked with an estimate, so that what begins can end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType

from sqlmodel import Session

from core import audit, choices
from core.access import installation, roles
from core.desk import Desk, there
from core.errors import BadInput, DiskFull, LimitReached
from core.keeping.retention import WITH_FILES
from storage import accounts, workspaces
from storage import space as rows
from storage.tables import JobKind, Upload, Workspace

MB = 10**6
DISK_MB = 1024**2  # of low_disk_mb, as the other settings count
NAMED = 3  # of what takes most, in a refusal
MOST_MB = 1_000_000_000
SEE = "see what every workspace takes"


@dataclass(frozen=True)
class Thing:
    """One thing that takes space."""

    kind: str  # "dataset", "export", "backup", "upload"
    id: str
    name: str  # "" where it is somebody else's own
    owner: str
    bytes: int
    since: datetime
    versions: int = 1
    binned: bool = False


@dataclass(frozen=True)
class Use:
    """What a workspace takes, in bytes."""

    datasets: int
    exports: int
    uploads: int
    binned: int  # of datasets and exports: what emptying the bin would free
    quota: int | None

    @property
    def total(self) -> int:
        return self.datasets + self.exports + self.uploads


def things(desk: Desk) -> Sequence[Thing]:
    """All that takes space in the workspace, the largest first. Raises Forbidden."""
    roles.require(desk, "workspace.storage")
    with desk.store.reading() as session:
        return _things(desk, session)


def use(desk: Desk, found: Sequence[Thing]) -> Use:
    """What the workspace takes, added up from its things."""

    def of(*kinds: str) -> int:
        return sum(thing.bytes for thing in found if thing.kind in kinds)

    binned = sum(thing.bytes for thing in found if thing.binned)
    return Use(of("dataset"), of("export", "backup"), of("upload"), binned, _quota(desk.workspace()))


def of_workspace(desk: Desk) -> Use:
    """Raises Forbidden."""
    roles.require(desk, "workspace.storage")
    with desk.store.reading() as session:
        return _use(desk, session, there(workspaces.get(session, desk.workspace_id)))


def everywhere(desk: Desk, known: Mapping[str, Use] = MappingProxyType({})) -> Sequence[tuple[Workspace, Use]]:
    """Every workspace of the installation, the one that takes most first. Raises Forbidden.

    `known`: by workspace id, what need not be looked up again.
    """
    installation.require(desk, SEE)
    with desk.store.reading() as session:
        found = [(place, known.get(place.id) or _use(desk, session, place)) for place in workspaces.every(session)]
    return sorted(found, key=lambda one: -one[1].total)


def growth(found: Sequence[Thing]) -> Sequence[tuple[date, int]]:
    """By day: the bytes of what is there now and was there by then. The last day that brought anything comes last."""
    by_day: dict[date, int] = {}
    for thing in found:
        by_day[thing.since.date()] = by_day.get(thing.since.date(), 0) + thing.bytes
    days = sorted(by_day)
    return [*zip(days, accumulate(by_day[day] for day in days), strict=True)]


def set_quota(desk: Desk, workspace_id: str, megabytes: int) -> None:
    """What a workspace may take from now on, in MB; 0: no bound. Raises Forbidden, BadInput, NotFound."""
    installation.require(desk, "say how much workspaces may take")
    if not 0 <= megabytes <= MOST_MB:
        raise BadInput(f"A workspace may take 0 to {MOST_MB:,} MB.", "Choose a number in between.", field="quota_mb")
    with desk.store.writing() as session:
        place = there(workspaces.get(session, workspace_id))
        place.quota_mb = megabytes or None
        session.add(place)
        audit.note(desk, session, "workspace.changed", place, quota_mb=megabytes)


def require(desk: Desk, at_most: int, about: Callable[[], int], what: str) -> None:
    """Refuse what would not fit: `what` completes "There is no room for …".

    `at_most` bytes are surely enough and quickly known; only where they would not fit is `about` asked, a better guess.
    Raises LimitReached for the workspace's own bound, DiskFull.
    """
    with desk.store.reading() as session:
        place = there(workspaces.get(session, desk.workspace_id))
        used = _use(desk, session, place).total if place.quota_mb else 0
    free = desk.files.free_bytes() - choices.storage(desk).low_disk_mb * DISK_MB
    left = min(free, place.quota_mb * MB - used) if place.quota_mb else free
    if at_most <= left or (needed := about()) <= left:
        return
    if needed > free:
        raise DiskFull(
            f"There is no room for {what}: it needs about {words(needed)}, and {words(desk.files.free_bytes())} are free on "
            f"the desk’s disk, of which {words(choices.storage(desk).low_disk_mb * DISK_MB)} stay free.",
            f"Delete datasets and exports nobody needs, or {_lower_first(installation.whom_to_ask(desk))}",
        )
    raise LimitReached(
        f"There is no room for {what}: it needs about {words(needed)}. {place.name} may take "
        f"{words((place.quota_mb or 0) * MB)} and takes {words(used)}, {_mostly(desk)}.",
        f"Delete what nobody needs, for good, or {_lower_first(installation.whom_to_ask(desk))}",
        field="quota_mb",
    )


def words(n: int) -> str:
    """Bytes in steps of 1000: "840 KB", "3.1 MB"."""
    value, units = float(n), ["bytes", "KB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.0f} {units[0]}" if units[0] in ("bytes", "KB") else f"{value:.1f} {units[0]}"


def _mostly(desk: Desk) -> str:
    """ "most of it Sales 2024 (3.1 MB) and Members (840 KB)": as far as whoever asks may know of it."""
    with desk.store.reading() as session:
        largest = [thing for thing in _things(desk, session) if thing.name][:NAMED]
    named = [f"{thing.name}{' (deleted)' if thing.binned else ''}, {words(thing.bytes)}" for thing in largest]
    return f"most of it: {'; '.join(named)}" if named else "none of it yours"


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _use(desk: Desk, session: Session, place: Workspace) -> Use:
    """As the rows add it up; only of datasets and of what is on its way in the disk alone knows the size."""
    versions = [
        (folder_bytes(desk.files.dataset(one.version_id)), one.binned) for one in rows.versions(session, place.id)
    ]
    exports, binned = rows.finished_bytes(session, place.id, WITH_FILES)
    return Use(
        datasets=sum(size for size, _ in versions),
        exports=exports,
        uploads=sum(one.received for one in _uploads(desk, session, place.id)),
        binned=binned + sum(size for size, in_bin in versions if in_bin),
        quota=_quota(place),
    )


def _quota(place: Workspace) -> int | None:
    return place.quota_mb * MB if place.quota_mb else None


def _uploads(desk: Desk, session: Session, workspace_id: str) -> Sequence[Upload]:
    there = rows.uploads(session, workspace_id)
    return [upload for upload in there if not _kept_elsewhere(desk.files.upload(upload.id))]


def _things(desk: Desk, session: Session) -> Sequence[Thing]:
    """What others keep to themselves counts, without its name."""
    found: dict[str, Thing] = {}

    def name(said: str, owner_id: str, shared: bool) -> str:
        return said if shared or not desk.account_id or owner_id == desk.account_id else ""

    for one in rows.versions(session, desk.workspace_id):
        size = folder_bytes(desk.files.dataset(one.version_id))
        before = found.get(one.dataset_id)
        found[one.dataset_id] = Thing(
            "dataset",
            one.dataset_id,
            name(one.name, one.owner_id, one.shared),
            one.owner_id,
            size + (before.bytes if before else 0),
            min(one.created_at, before.since) if before else one.created_at,
            1 + (before.versions if before else 0),
            one.binned,
        )
    for job in rows.finished(session, desk.workspace_id, WITH_FILES):
        called = name(job.name, job.owner_id, job.shared)
        when = job.finished_at or job.created_at
        found[job.id] = Thing(
            "backup" if job.kind == JobKind.BACKUP else "export",
            job.id,
            called,
            job.owner_id,
            job.bytes or 0,
            when,
            1,
            job.deleted_at is not None,
        )
    for upload in _uploads(desk, session, desk.workspace_id):
        called = name(upload.name, upload.owner_id, False)
        found[upload.id] = Thing("upload", upload.id, called, upload.owner_id, upload.received, upload.created_at)
    people = {
        one: account.name for one in {t.owner for t in found.values()} if (account := accounts.account(session, one))
    }
    named = [replace(thing, owner=people.get(thing.owner, "")) for thing in found.values()]
    return sorted(named, key=lambda thing: -thing.bytes)


def _kept_elsewhere(upload: Path) -> bool:
    """Is it the original of a dataset as well, by another name for the same bytes?"""
    with suppress(FileNotFoundError):
        return upload.stat().st_nlink > 1
    return True


def folder_bytes(folder: Path) -> int:
    """Bytes of the files in a folder; 0 where it is gone just now."""
    with suppress(FileNotFoundError):
        return sum(path.stat().st_size for path in folder.iterdir())
    return 0
