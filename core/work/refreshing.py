"""The kind of job that fetches datasets again from where they come from: all of those it names, or none.

The child fetches a file to its scratch folder and reads it as an upload is read (core.work.intake). The same bytes as before make
no new version: the data is as fresh as if they had. Columns that are others than before are told, or refuse the new version.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlmodel import Session

from core import choices, fetching, outside, sealed_options, uploads
from core.delivery.reach import Reach
from core.desk import Desk
from core.engine import ingest
from core.engine.ingest.options import ImportOptions, Understood
from core.engine.progress import Meter
from core.engine.values import Column, Kind
from core.errors import AGAIN, BadFile, DeskError, DiskFull, LimitReached, NotFound, Unanswered, Unfetchable
from core.fetching.base import Way
from core.keeping import space
from core.notifying import notices
from core.work.base import Completed, Report, Request, Result, Work
from core.work.intake import discard, in_the_name_of, keep_version, leave_out, same_sheet, take_in, unreadable
from storage import datasets, feeds
from storage.files import Files
from storage.scope import Scope
from storage.tables import Dataset, DatasetVersion, Feed, Job, JobKind, JobState, NoticeKind, utc_now

HOURS = 2  # one job may take
LOOK_EVERY = 64 * 1024**2  # bytes between two looks at what is free on the disk
NAMED = 5  # columns, in a sentence


class Refresh(Work):
    """Feeds in, their datasets' next versions out. Its payload: core.feeds."""

    kind = JobKind.REFRESH
    seconds = HOURS * 3600

    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        """Raises LimitReached and DiskFull where what was there last time would not fit once more."""
        scope, size = Scope(job.workspace_id), 0
        if new := job.payload.get("new"):
            wanted = [_request(desk, _new_feed(job, new), None, new["name"])]
        else:
            wanted = []
            for dataset_id in job.payload["datasets"]:
                feed, dataset = session.get(Feed, dataset_id), datasets.get(session, scope, dataset_id, binned=True)
                if feed is None or dataset is None:
                    raise NotFound("This dataset is no longer fetched from anywhere.", "Say where it comes from.")
                version = datasets.version(session, scope, dataset.version_id or "")
                size += space.folder_bytes(desk.files.dataset(version.id)) if version else 0
                wanted.append(_request(desk, feed, version, dataset.name))
        _require_room(session, desk, job, size, job.name)
        reach = outside.reach(desk)
        return {
            "feeds": wanted,
            "inside": reach.inside,
            "own_ports": [*reach.own_ports],
            "folders": outside.folders(desk),
            "limit": choices.limits(desk).max_upload_mb * 1024**2,
        }

    def run(self, request: Request, report: Report) -> Result:
        outcomes: list[dict[str, Any]] = []
        published = 0
        for n, feed in enumerate(request["feeds"]):
            room = Path(request["scratch"]) / f"feed-{n}"
            room.mkdir(parents=True)
            try:
                with sealed_options.hidden(feed["secrets"]):
                    outcome = _fetched(request, feed, room, published, report)
            except DeskError as problem:
                problem.details.setdefault("dataset", feed["dataset"])  # which of several it was
                raise
            published += len(outcome.get("versions", ()))
            outcomes.append(outcome)
            shutil.rmtree(room)
        return {"feeds": outcomes}

    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        made: list[dict[str, Any]] = []
        left_out: list[str] = []
        for outcome in result["feeds"]:
            dataset, feed = _rows(session, job, outcome["dataset"])
            told = {"id": dataset.id, "slug": dataset.slug, "name": dataset.name, "warning": outcome["warning"]}
            if outcome["unchanged"]:
                told["version"] = dataset.version_id
            else:
                chosen = same_sheet(session, dataset, outcome["versions"])
                size = space.folder_bytes(desk.files.dataset(chosen["version"]))
                _require_room(session, desk, job, size, dataset.name)
                left_out += leave_out(desk, outcome["versions"], chosen)
                told |= keep_version(session, desk, job, dataset, chosen, outcome, outcome["source_name"], fetched=True)
            made.append(told | {"unchanged": outcome["unchanged"]})
            if feed is not None:
                feed.refreshed_at, feed.error = utc_now(), None
                session.add(feed)
        kept: dict[str, Any] = {"datasets": made}
        if left_out:
            kept["left_out"] = left_out
        feeds.forget_given(session, job.id)
        return Completed(kept, rows=sum(one.get("rows", 0) for one in made))

    def given_up(self, session: Session, desk: Desk, job: Job) -> None:
        """Its feeds say what went wrong; their owners are told once, until it works again."""
        feeds.forget_given(session, job.id)
        if job.state != JobState.FAILED or not job.error or job.payload.get("new"):
            return
        one = (job.error.get("details") or {}).get("dataset")
        for dataset_id in [one] if one else job.payload["datasets"]:
            feed, dataset = session.get(Feed, dataset_id), session.get(Dataset, dataset_id)
            if feed is None or dataset is None:
                continue
            feed.error = job.error | {"at": utc_now().isoformat()}
            session.add(feed)
            notices.tell(
                session,
                job.workspace_id,
                feed.owner_id,
                NoticeKind.FAILED,
                about=f"feed {dataset_id} since {feed.refreshed_at or feed.created_at}",
                title=f"{dataset.name} could not be fetched",
                text=" ".join(filter(None, (job.error.get("message"), job.error.get("next_step")))),
                path=f"/data?dataset={dataset.slug}",
            )

    def crash(self, signal: str) -> DeskError | None:
        return unreadable(signal)

    def too_slow(self, seconds: int) -> DeskError:
        return Unanswered(f"Fetching took longer than {seconds / 3600:g} hours.", AGAIN)

    def discard(self, files: Files, job: Job) -> None:
        discard(files, job)


def _new_feed(job: Job, new: Mapping[str, Any]) -> Feed:
    return Feed(
        dataset_id=new["dataset"],
        workspace_id=job.workspace_id,
        owner_id=job.owner_id,
        method=new["method"],
        options=new["options"],
        secrets=new["secrets"],
        reading=new["reading"],
        on_change=new["on_change"],
    )


def _request(desk: Desk, feed: Feed, version: DatasetVersion | None, name: str) -> dict[str, Any]:
    """All the child needs of one feed; its secrets in clear, in memory alone."""
    return {
        "dataset": feed.dataset_id,
        "name": name,
        "method": feed.method,
        "options": feed.options,
        "secrets": sealed_options.opened(desk, feed.secrets, feed.workspace_id, feed.dataset_id),
        "reading": feed.reading,
        "on_change": feed.on_change,
        "sha256": version.sha256 if version else "",
        "columns": version.columns if version else [],
        "understood": version.understood if version else None,
    }


def _require_room(session: Session, desk: Desk, job: Job, size: int, name: str) -> None:
    """Raises LimitReached and DiskFull, which name what takes most as far as whoever asked for the job may know of it."""
    space.require(in_the_name_of(session, desk, job), size, lambda: size, f"“{name}”")


def _rows(session: Session, job: Job, dataset_id: str) -> tuple[Dataset, Feed | None]:
    """The dataset and its feed; both new where the job brings a dataset that was not there."""
    if new := job.payload.get("new"):
        dataset = datasets.add(session, job.workspace_id, job.owner_id, name=new["name"], id=dataset_id)
        feed = _new_feed(job, new)
        session.add(feed)
        return dataset, feed
    found = datasets.get(session, Scope(job.workspace_id), dataset_id, binned=True)
    if found is None:
        raise NotFound("The dataset that was to be fetched is gone.", "Add it again.")
    return found, session.get(Feed, dataset_id)


def _fetched(request: Request, feed: Mapping[str, Any], room: Path, published: int, report: Report) -> dict[str, Any]:
    """What came of one feed. Raises Unfetchable where its columns changed and that was to be refused."""
    meter = Meter(report, steps=1, source=feed["name"])  # which counts bytes here
    meter.phase("Fetching")
    method = fetching.get(feed["method"])
    way = Way(
        reach=Reach(tuple(request["inside"]), frozenset(request["own_ports"])),
        scratch=room,
        took=_counted(request, room, meter),
        folders=tuple(request["folders"]),
    )
    arrived = method.fetch(method.model.model_validate(feed["options"]), feed["secrets"], way)
    with arrived.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    sheets = ImportOptions.model_validate(feed["reading"]).sheets or ()
    another = bool(sheets) and (feed["understood"] or {}).get("sheet") not in sheets
    if sha256 == feed["sha256"] and not another:
        return {"dataset": feed["dataset"], "unchanged": True, "warning": ""}
    options = _reading(feed, arrived.path, arrived.name, room)
    found = take_in(
        {
            **request,
            "path": str(arrived.path),
            "source_name": arrived.name,
            "options": options.model_dump(mode="json"),
            "scratch": str(room),
        },
        report,
        published,
    )
    warning = ""
    if feed["columns"]:
        chosen = _of_sheet(found["versions"], feed["understood"])
        warning = changed(feed["columns"], chosen["columns"])
    if warning and feed["on_change"] == "refuse":
        raise Unfetchable(
            f"The columns of “{feed['name']}” are others than before. {warning}",
            "Look at where it comes from. To use it as it is, choose that changed columns are only told.",
            field="columns",
        )
    return {
        "dataset": feed["dataset"],
        "unchanged": False,
        "warning": warning,
        "source_name": arrived.name,
        **found,
    }


def _counted(request: Request, room: Path, meter: Meter) -> Callable[[int], None]:
    """Counts what arrives. Raises LimitReached past the size of an upload, DiskFull while there is still room for others."""
    limit, got, looked = request["limit"], 0, -LOOK_EVERY

    def took(size: int) -> None:
        nonlocal got, looked
        got += size
        if got > limit:
            raise LimitReached(
                f"More than the {limit // 1024**2:,} MB arrived that this desk takes.",
                "Fetch less of it, or ask whoever runs the desk to raise the limit in its settings.",
            )
        if got - looked >= LOOK_EVERY:
            looked = got
            there = os.statvfs(room)
            if there.f_bavail * there.f_frsize < uploads.SPARE_BYTES:
                raise DiskFull("The desk’s disk is full.", "Delete what is no longer needed, then fetch it again.")
        meter.advance(size)

    return took


def _reading(feed: Mapping[str, Any], path: Path, name: str, room: Path) -> ImportOptions:
    """How to read it: as somebody chose, and else as the version before, so that a column is what it was wherever it can be.

    A column that was text stays text, also on a day on which no number in it begins with 0.
    """
    options = ImportOptions.model_validate(feed["reading"])
    before = Understood.model_validate(feed["understood"]) if feed["understood"] else None
    if before is not None:
        as_before = {"decimal": before.decimal, "date_order": before.date_order}
        options = options.model_copy(
            update={n: value for n, value in as_before.items() if getattr(options, n) is None and value}
        )
    found = ingest.inspect(path, name, options.model_copy(update={"kinds": {}, "sheets": None}), scratch=room)
    sheets = [one.understood.sheet for one in found if one.understood.sheet]
    wanted = next(iter(options.sheets or ()), None) or (before.sheet if before else None)
    if options.sheets and wanted not in sheets:
        raise BadFile(f"“{name}” has no sheet “{wanted}”.", "Choose among its sheets.", field="sheet")
    if sheets:
        options = options.model_copy(update={"sheets": (wanted if wanted in sheets else sheets[0],)})
    chosen = next((one for one in found if one.understood.sheet in (options.sheets or (None,))), found[0])
    names = {column.name for column in chosen.columns}
    texts = {c.name: Kind.TEXT for c in _columns(feed["columns"]) if c.kind is Kind.TEXT}
    kinds = {n: kind for n, kind in (texts | options.kinds).items() if n in names}
    return options.model_copy(update={"kinds": kinds if len(found) == 1 or sheets else {}})


def _of_sheet(found: list[dict[str, Any]], before: Mapping[str, Any] | None) -> dict[str, Any]:
    sheet = (before or {}).get("sheet")
    return next((one for one in found if one["understood"].get("sheet") == sheet), found[0])


def _columns(stored: Sequence[Mapping[str, Any]]) -> list[Column]:
    return [Column.model_validate(one) for one in stored]


def changed(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> str:
    """What is other about the columns (engine.values.Column), in a sentence each; "" where nothing is.

    Their order does not count.
    """
    old, new = ({c.name: c for c in _columns(found)} for found in (before, now))
    retyped = [
        f"{_quoted(name)} (was {old[name].words}, is {column.words})"
        for name, column in new.items()
        if name in old and old[name].words != column.words
    ]
    parts = (
        ("Missing", [_quoted(name) for name in old if name not in new]),
        ("New", [_quoted(name) for name in new if name not in old]),
        ("Of another type", retyped),
    )
    return " ".join(f"{what}: {_listed(names)}." for what, names in parts if names)


def _quoted(name: str) -> str:
    return f"“{name}”"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
