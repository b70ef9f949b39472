"""An export in another format: the same rows, not a file read again.

It is a new export of the same spec, of the moment and the versions of the data that the first one froze. A finished file is never
the source: a CSV has lost what was a number and what was text, a PDF nearly everything, while the versions lie there unchanged.
So the rows are equal by value whatever the formats are, and the new files are read again, counted and hashed as all are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core import audit, datasets, exports, file_passwords, sharing
from core.access import roles
from core.desk import Desk
from core.engine import pipeline
from core.engine.formats import FORMATS
from core.engine.spec import Delivering, ExportSpec, Output, Packaging, Resolved
from core.engine.table import Table
from core.errors import BadSpec, Conflict, NotFound
from core.exports import Job, JobState, Prepared
from core.work.poke import poke


def convert(desk: Desk, job_id: str, format: str, options: Mapping[str, Any] | None = None) -> Job:
    """Begin the same export in another format. It is delivered to nobody, and belongs to whoever asked for it.

    Raises NotFound, also where its data is gone or not shared any more; Conflict for one that has not succeeded; BadSpec for
    what cannot be in that format; Forbidden.
    """
    job = exports.get(desk, job_id)
    roles.require(desk, "exports.run")
    if job.state != JobState.SUCCEEDED:
        raise Conflict("Only an export that has succeeded can be had in another format.", "Run it again instead.")
    prepared = _prepared(desk, job, _spec(job, format, dict(options or {})))
    with desk.store.writing() as session:
        made = exports.begin(desk, session, prepared, project_id=job.project_id)
        made.parent_id = job.id
        made.payload = made.payload | {"data_at": job.payload.get("data_at")}
        session.add(made)
        audit.note(desk, session, "exports.converted", job, format=format, export=made.id)
    poke(desk)
    return made


def origin(desk: Desk, job: Job) -> Job | None:
    """The export that this one is in another format; None: of none, or of one that whoever acts does not see any more."""
    try:
        return exports.get(desk, job.parent_id) if job.parent_id else None
    except NotFound:
        return None


def _spec(job: Job, format: str, options: dict[str, Any]) -> ExportSpec:
    """The same rows and columns; what only the first format could do is left out."""
    if format not in FORMATS:
        raise BadSpec(f"Unknown format “{format}”.", f"Known formats: {', '.join(FORMATS)}.", field="format")
    spec = exports.spec(job)
    output = Output(format=format, options=options, file_name=spec.output.file_name, layout=spec.output.layout)
    packaging = spec.packaging.model_copy(update={"lock": Packaging().lock})
    return spec.model_copy(update={"output": output, "packaging": packaging, "delivering": Delivering()})


def _prepared(desk: Desk, job: Job, spec: ExportSpec) -> Prepared:
    resolved = Resolved.model_validate(job.resolved)
    with sharing.asking_for_data(desk, job):
        for source in spec.sources:
            datasets.get(desk, source.dataset)
    pinned: dict[str, dict[str, Any]] = job.payload["tables"]
    tables = {name: _table(desk, version, pinned[name]) for name, version in resolved.versions.items()}
    file_passwords.check(desk, spec.packaging.password)
    made = pipeline.plan(spec, tables, resolved)
    return Prepared(spec, resolved, pinned, made.title, made.ending, job.project_id)


def _table(desk: Desk, version_id: str, pinned: Mapping[str, Any]) -> Table:
    path = desk.files.table(version_id)
    if not path.exists():
        raise NotFound(
            "The data this export was made from is no longer there.", "Run it again on the data as it is now."
        )
    return replace(Table.open(path, date_column=pinned["date_column"]), name=pinned["name"])
