"""Datasets: what an upload becomes, in versions that never change. Reading a file is a job, never done while somebody waits.

inspect (job)  → what was understood of a file      add, reread (jobs) → a dataset, or its next version
list, get, version, versions, rows, problems, table  → what there is
rename, set_date_column, use_version, move_to_bin, restore  → what may change
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core import audit, naming, uploads
from core.access import roles
from core.desk import Desk
from core.engine.ingest.options import ImportOptions
from core.engine.ingest.problems import Problem, read
from core.engine.session import explained, open_session, quoted
from core.engine.table import Table
from core.engine.values import DATED, Column
from core.errors import BadInput, Conflict, NotFound
from core.work.poke import poke
from storage import accounts, bin, jobs, uses
from storage import datasets as rows_of
from storage.scope import EVERYTHING, Within
from storage.tables import ACTIVE, Dataset, DatasetVersion, Job, JobKind

__all__ = ["Dataset", "DatasetVersion", "ImportOptions", "Job", "Listed"]

AS_FOUND = ImportOptions()  # nothing corrected: as the file itself says
POLL_SECONDS = 0.05
WATCHED = 1  # priority of jobs somebody waits for with the page open: before exports that queue
SHOW_MEMORY_MB = 128


@dataclass(frozen=True)
class Listed:
    """A dataset in a list: itself and what its current version holds."""

    id: str
    slug: str
    name: str
    version_id: str
    number: int  # of the current version
    rows: int
    columns: int
    bytes: int  # of the original file
    problems: int
    used_by: int  # exports that whoever asks sees, made from any of its versions
    date_column: str | None
    updated_at: datetime
    owner_id: str
    shared: bool
    project_id: str | None


def inspect(desk: Desk, upload_id: str, options: ImportOptions = AS_FOUND) -> Job:
    """Start a first look at an upload. The job's result is {"inspections": [Inspection …]}, one a sheet or member."""
    roles.require(desk, "data.add")
    upload = uploads.whole(desk, upload_id)
    payload = {"upload": upload.id, "source_name": upload.name, "options": options.model_dump(mode="json")}
    return _queue(desk, JobKind.INSPECT, upload.name, payload)


def add(
    desk: Desk,
    upload_id: str,
    *,
    name: str | None = None,
    options: ImportOptions = AS_FOUND,
    replace: str | None = None,
    hidden: bool = False,
    sample: str = "",
) -> Job:
    """Start reading an upload into a dataset, or as the next version of the dataset `replace` (id or slug).

    The job's result is {"datasets": [{id, slug, name, rows, columns, version}]}: several for a workbook with several
    sheets. `sample`: its key where it is sample data, which brings its templates along.

    Raises Conflict while bytes are missing, NotFound for an upload or a dataset that is not there.
    """
    replaced = get(desk, replace) if replace else None
    roles.require(desk, "data.change" if replaced else "data.add", replaced)
    upload = uploads.whole(desk, upload_id)
    name = _named(name) if name else None
    payload = {
        "upload": upload.id,
        "source_name": upload.name,
        "name": name,
        "options": options.model_dump(mode="json"),
        "dataset": replaced.id if replaced else None,
        "hidden": hidden,
        "sample": sample,
    }
    return _queue(desk, JobKind.INGEST, name or upload.name, payload)


def reread(desk: Desk, dataset: str, options: ImportOptions) -> Job:
    """Read the kept original again with corrections: the dataset's next version."""
    found = get(desk, dataset)
    roles.require(desk, "data.change", found)
    current = version(desk, found.version_id or "")
    payload = {
        "version": current.id,
        "source_name": current.source_name,
        "name": found.name,
        "options": options.model_dump(mode="json"),
        "dataset": found.id,
    }
    return _queue(desk, JobKind.INGEST, found.name, payload, {found.id: current.id})


def job(desk: Desk, job_id: str) -> Job:
    """A job that looks at a file, reads it or compares it with a dataset. Raises NotFound."""
    with desk.store.reading() as session:
        found = jobs.get(session, desk.scope, job_id)
    if found is None or found.kind not in (JobKind.INGEST, JobKind.INSPECT, JobKind.VALIDATE):
        raise NotFound("This job is not there.")
    return found


def wait(desk: Desk, job_id: str, seconds: float) -> Job:
    """The job once it has ended, or as it is after so many seconds."""
    deadline = time.monotonic() + seconds
    while (found := job(desk, job_id)).state in ACTIVE and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return found


def cancel(desk: Desk, job_id: str) -> None:
    """Stop looking at a file or reading it; one that has ended stays as it is."""
    if job(desk, job_id).state in ACTIVE:
        with desk.store.writing() as session:
            jobs.cancel(session, desk.scope, job_id)
        poke(desk)


def list(desk: Desk, *, search: str = "", within: Within = EVERYTHING) -> Sequence[Listed]:
    """The workspace's datasets, the last changed first. Raises Forbidden."""
    roles.require(desk, "data.see")
    with desk.store.reading() as session:
        found = rows_of.list(session, desk.scope, search=search, within=within)
        used = uses.counts(session, desk.scope)
    return [
        Listed(
            id=dataset.id,
            slug=dataset.slug,
            name=dataset.name,
            version_id=current.id,
            number=current.number,
            rows=current.rows,
            columns=len(current.columns),
            bytes=current.bytes,
            problems=current.problems,
            used_by=used[dataset.id],
            date_column=dataset.date_column or current.date_column,
            updated_at=dataset.updated_at,
            owner_id=dataset.owner_id,
            shared=dataset.shared,
            project_id=dataset.project_id,
        )
        for dataset, current in found
    ]


def get(desk: Desk, id_or_slug: str) -> Dataset:
    """Raises NotFound, also for another workspace's and for one in the bin."""
    roles.require(desk, "data.see")
    with desk.store.reading() as session:
        found = rows_of.get(session, desk.scope, id_or_slug)
    if found is None:
        raise NotFound(
            f"There is no dataset “{id_or_slug}”.",
            "Look under Data: it may be under Recently deleted.",
            field="dataset",
        )
    return found


def version(desk: Desk, version_id: str) -> DatasetVersion:
    """One version, also of a dataset in the bin: a job may have pinned it. Raises NotFound."""
    with desk.store.reading() as session:
        found = rows_of.version(session, desk.scope, version_id)
    if found is None:
        raise NotFound("This version of the data is no longer there.", "Start again from the dataset as it is now.")
    return found


def versions(desk: Desk, dataset: str) -> Sequence[DatasetVersion]:
    """Every version of a dataset, newest first."""
    found = get(desk, dataset)
    with desk.store.reading() as session:
        return rows_of.versions(session, desk.scope, found.id)


def people(desk: Desk, dataset: str) -> dict[str, str]:
    """Account id → name of whoever brought one of its versions."""
    ids = {version.owner_id for version in versions(desk, dataset)}
    with desk.store.reading() as session:
        return {account.id: account.name for one in ids if (account := accounts.account(session, one))}


def table(desk: Desk, dataset: str | Dataset | DatasetVersion) -> Table:
    """The engine's table of a dataset (its current version) or of one version, with the date column people chose."""
    if isinstance(dataset, str):
        dataset = get(desk, dataset)
    if isinstance(dataset, DatasetVersion):
        return _opened(desk, dataset.id, _owner(desk, dataset))
    return _opened(desk, dataset.version_id or "", dataset)


def rows(desk: Desk, dataset: str, *, offset: int = 0, limit: int = 100) -> Sequence[Sequence[str | None]]:
    """Rows of the current version as they would be printed plainly, in their own order."""
    there = table(desk, dataset)
    shown = ", ".join(_shown(column) for column in there.columns)
    con = open_session(None, memory_mb=SHOW_MEMORY_MB, threads=2, columns=len(there.columns))
    try:
        with explained():
            found = con.execute(
                f"select {shown} from read_parquet(?) limit ? offset ?", [str(there.path), limit, offset]
            ).fetchall()
    finally:
        con.close()
    return [[*row] for row in found]


def problems(desk: Desk, version_id: str, *, offset: int = 0, limit: int = 100) -> Sequence[Problem]:
    """Rows of the file that did not fit the table: line number, raw text, reason."""
    return read(desk.files.problems(version(desk, version_id).id), offset, limit)


def rename(desk: Desk, dataset: str, name: str) -> Dataset:
    """A new name; the slug stays, because programs and templates may say it. Raises NotFound, Forbidden, BadInput."""
    roles.require(desk, "data.change", get(desk, dataset))
    name = _named(name)
    with desk.store.writing() as session:
        found = _there(rows_of.get(session, desk.scope, dataset))
        audit.note(desk, session, "data.changed", found, name=name)
        return rows_of.rename(session, found, name)


def set_date_column(desk: Desk, dataset: str, column: str | None) -> Dataset:
    """The column (id) time ranges mean; None: the one guessed. Raises BadInput for one that holds no dates."""
    if column is not None:
        known = {c.id: c for c in table(desk, dataset).columns}
        if column not in known or known[column].kind not in DATED:
            named = f"“{known[column].name}”" if column in known else "This"
            raise BadInput(f"{named} is no column of dates.", "Choose a column that holds dates.", field=column)
    roles.require(desk, "data.change", get(desk, dataset))
    with desk.store.writing() as session:
        found = _there(rows_of.get(session, desk.scope, dataset))
        audit.note(desk, session, "data.changed", found, date_column=column)
        return rows_of.set_date_column(session, found, column)


def move_to_bin(desk: Desk, dataset: str) -> Dataset:
    """Out of every list; jobs that pinned it still read it, and it can be restored for as long as retention says."""
    roles.require(desk, "data.delete", get(desk, dataset))
    with desk.store.writing() as session:
        found = _there(rows_of.get(session, desk.scope, dataset))
        audit.note(desk, session, "data.deleted", found)
        bin.put(session, found)
    return found


def use_version(desk: Desk, dataset: str, version_id: str) -> Dataset:
    """Go back to a version that is there, or forward again: none goes by that, and exports keep the one they pinned.

    Raises NotFound for a version of another dataset.
    """
    found = get(desk, dataset)
    roles.require(desk, "data.change", found)
    chosen = version(desk, version_id)
    if chosen.dataset_id != found.id:
        raise NotFound("This dataset has no such version.", "Choose one from its list of versions.")
    with desk.store.writing() as session:
        found = _there(rows_of.get(session, desk.scope, found.id))
        audit.note(desk, session, "data.version", found, version=chosen.number)
        return rows_of.use_version(session, found, chosen)


def restore(desk: Desk, dataset_id: str) -> Dataset:
    """Back from the bin, under another slug if its own was taken meanwhile."""
    with desk.store.reading() as session:
        roles.require(desk, "data.delete", _there(rows_of.get(session, desk.scope, dataset_id, binned=True)))
    with desk.store.writing() as session:
        found = _there(rows_of.get(session, desk.scope, dataset_id, binned=True))
        if found.deleted_at is None:
            raise Conflict(f"“{found.name}” is not in the bin.")
        audit.note(desk, session, "data.restored", found)
        return rows_of.restore(session, found)


def _queue(
    desk: Desk, kind: JobKind, name: str, payload: dict[str, Any], versions: dict[str, str] | None = None
) -> Job:
    """Write the row, then wake the supervisor. `versions` are pinned: nobody may remove them while the job needs them."""
    with desk.store.writing() as session:
        made = jobs.enqueue(
            session,
            desk.workspace_id,
            desk.account_id,
            kind=kind,
            name=name,
            payload=payload,
            resolved={"versions": versions} if versions else None,
            max_attempts=desk.settings.attempts,
            priority=WATCHED,
        )
    poke(desk)
    return made


def _owner(desk: Desk, version: DatasetVersion) -> Dataset:
    with desk.store.reading() as session:
        return _there(rows_of.get(session, desk.scope, version.dataset_id, binned=True))


def _opened(desk: Desk, version_id: str, dataset: Dataset) -> Table:
    try:
        there = Table.open(desk.files.table(version_id))
    except FileNotFoundError as gone:
        raise NotFound("The data of this dataset is no longer there.", "Add its file again.") from gone
    chosen = dataset.date_column  # may have gone away with a replaced file: then the guess holds
    known = any(c.id == chosen and c.kind in DATED for c in there.columns)
    return replace(there, name=dataset.name, date_column=chosen if known else there.date_column)


def _shown(column: Column) -> str:
    text = f"{quoted(column.id)}::varchar"
    return f"rtrim(rtrim({text}, '0'), '.')" if column.trim else text


def _named(name: str) -> str:
    return naming.checked(name, "A dataset's name")


def _there(dataset: Dataset | None) -> Dataset:
    if dataset is None:
        raise NotFound("This dataset is not there.", "Look under Data: it may be under Recently deleted.")
    return dataset


def columns(version: DatasetVersion) -> tuple[Column, ...]:
    """A version's columns, in order."""
    return tuple(Column.model_validate(c) for c in version.columns)
