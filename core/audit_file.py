"""The audit log as a file, made by the engine like any other: typed columns, text that no spreadsheet runs, read again.

It is no job: whoever asks waits the second it takes. The file is nobody's, so the sweep removes it after an hour.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core import audit, signing, workspaces
from core.audit import AuditEntry, Wanted
from core.desk import Caller, Desk
from core.engine import formats, pipeline
from core.engine.spec import ExportSpec, Output, Resolved, Source
from core.engine.table import METADATA_KEY, Meaning, Table
from core.engine.values import Column, Kind
from core.errors import NotAllowed, NotFound
from core.exports import FileRef
from storage.files import remove
from storage.tables import new_id, utc_now

FORMATS = ("xlsx", "csv")
NAME = "Activity"
LINK_SECONDS = 900
COLUMNS = (
    ("When", Kind.TIMESTAMP_TZ, pa.timestamp("us", tz="UTC")),
    ("Who", Kind.TEXT, pa.string()),
    ("What", Kind.TEXT, pa.string()),
    ("Action", Kind.TEXT, pa.string()),
    ("Name", Kind.TEXT, pa.string()),
    ("Refused", Kind.YES_NO, pa.bool_()),
    ("Address", Kind.TEXT, pa.string()),
    ("With", Kind.TEXT, pa.string()),
    ("Details", Kind.NESTED, pa.string()),
)


def make(desk: Desk, format: str, wanted: Wanted, *, of_installation: bool = False) -> str:
    """The path of a link to the entries that match, of the workspace or of the installation, as a file.

    It works for a quarter of an hour, as long as whoever made it may read that log. Raises Forbidden.
    """
    audit.require(desk, of_installation=of_installation)
    made = f"activity-{new_id()}"
    scratch = desk.files.scratches / made
    scratch.mkdir(mode=0o700)
    try:
        table = _table(desk, wanted, of_installation, scratch / "activity.parquet")
        receipt = pipeline.run(
            ExportSpec(
                name=NAME, sources=(Source(dataset=NAME),), output=Output(format=format, file_name="{name} {date}")
            ),
            {NAME: table},
            Resolved(now=utc_now(), zone=workspaces.clock(desk).zone, versions={NAME: made}),
            folder=desk.files.exports,
            stored=lambda n: f"{made}-{n}.{formats.get(format).extension}",
            scratch=scratch / "run",
        )
    finally:
        remove(scratch)
    (file,) = receipt.files
    until = int((utc_now() + timedelta(seconds=LINK_SECONDS)).timestamp())
    with desk.store.writing() as session:
        noted = desk.of_installation() if of_installation else desk
        audit.note(noted, session, "audit.exported", file.name, rows=receipt.rows)
    whose = [desk.workspace_id, desk.account_id, of_installation]
    return "/api/files/activity/" + signing.sign(
        desk, "activity", [file.stored, file.name, file.media_type, file.bytes, file.sha256, until, *whose]
    )


def open(desk: Desk, token: str, caller: Caller) -> FileRef:
    """The file a link of `make` leads to.

    Raises NotAllowed for a forged or an old link and for whoever made it but is shut out by now, Forbidden where they may
    not read that log any more, NotFound when the file was swept away.
    """
    stored, name, media_type, size, sha256, until, *whose = signing.read(desk, "activity", token)
    if until <= utc_now().timestamp() or len(whose) != 3:
        raise NotAllowed("This link no longer works.", "Make the file again under Activity.")
    workspace_id, account_id, of_installation = whose
    audit.require(desk.acting_as(workspace_id, account_id, caller), of_installation=of_installation)
    path = desk.files.export(stored)
    if not path.is_file():
        raise NotFound("This file is no longer there.", "Make it again under Activity.")
    return FileRef(path, name, media_type, size, sha256, job_id="")


def _table(desk: Desk, wanted: Wanted, of_installation: bool, path: Path) -> Table:
    """The entries as a table of the engine: a Parquet file that says what its columns mean."""
    columns = tuple(Column(id=f"c{n}", name=name, kind=kind) for n, (name, kind, _) in enumerate(COLUMNS, 1))
    meaning = Meaning(name=NAME, columns=columns, date_column="c1")
    schema = pa.schema(
        [(column.id, stored) for column, (_, _, stored) in zip(columns, COLUMNS, strict=True)],
        metadata={METADATA_KEY: meaning.model_dump_json()},
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in _batches(audit.each(desk, wanted, of_installation=of_installation), schema):
            writer.write_batch(batch)
    return Table.open(path)


def _batches(log: Iterable[Sequence[AuditEntry]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for entries in log:
        cells = zip(*(_row(entry) for entry in entries), strict=True)
        yield pa.record_batch(
            [pa.array(column, field.type) for column, field in zip(cells, schema, strict=True)], schema=schema
        )


def _row(entry: AuditEntry) -> Sequence[object]:
    details = json.dumps(entry.details, ensure_ascii=False) if entry.details else None
    who, what = entry.actor or "nobody signed in", audit.sentence(entry)
    return entry.at, who, what, entry.action, entry.subject, entry.refused, entry.address, entry.agent, details
