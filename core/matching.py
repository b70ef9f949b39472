"""Match this sample: a file the receiver accepts in, the export that comes nearest out.

job = matching.match_sample(desk, upload_id, dataset)
job = datasets.wait(desk, job.id, seconds)        # like every look at a file; datasets.cancel stops it
spec = matching.apply(spec, matching.found(job))
"""

from __future__ import annotations

from core import datasets, uploads
from core.access import roles
from core.desk import Desk
from core.engine import formats
from core.engine.matching import Match
from core.engine.spec import ExportSpec
from core.errors import BadInput, BadSpec, Conflict, from_dict
from core.work.poke import poke
from storage import jobs
from storage.tables import ACTIVE, Job, JobKind, JobState

__all__ = ["Match", "apply", "found", "match_sample"]


def match_sample(desk: Desk, upload_id: str, dataset: str) -> Job:
    """Start comparing an upload with a dataset (id or slug), in a child of its own. The result is read by `found`.

    Raises Forbidden, Conflict while bytes are missing, NotFound for an upload or a dataset that is not there.
    """
    roles.require(desk, "data.add")
    upload = uploads.whole(desk, upload_id)
    there = datasets.get(desk, dataset)
    version = datasets.version(desk, there.version_id or "")
    with desk.store.writing() as session:
        made = jobs.enqueue(
            session,
            desk.workspace_id,
            desk.account_id,
            kind=JobKind.VALIDATE,
            name=upload.name,
            payload={"upload": upload.id, "source_name": upload.name, "dataset": there.id, "version": version.id},
            resolved={"versions": {there.id: version.id}},
            max_attempts=desk.settings.attempts,
            priority=datasets.WATCHED,
        )
    poke(desk)
    return made


def found(job: Job) -> Match:
    """What a finished comparison proposes. Raises the error it ended with, or Conflict while it is still on its way."""
    if job.kind != JobKind.VALIDATE:
        raise BadInput("This job compared no sample.")
    if job.state in ACTIVE:
        raise Conflict("The sample is still being read.", "Wait a moment.")
    if job.state != JobState.SUCCEEDED or not job.result:
        raise from_dict(job.error or {"message": "Reading the sample was cancelled."})
    return Match.model_validate(job.result["match"])


def apply(spec: ExportSpec, match: Match, *, source: int = 0) -> ExportSpec:
    """The spec with the proposal put into it: the columns of one of its sources, the format with its options, the packing.

    Filters, sorting and everything else stay. Raises BadSpec where nothing matched, or the rows of that source are summed up.
    """
    if not match.columns:
        raise BadSpec(
            f"No column of “{match.sample}” was found in this data.", "Choose another dataset, or another sample."
        )  # fmt: skip
    kept = spec.sources[source]
    if kept.summary is not None:
        raise BadSpec(
            "A summary has columns of its own, so a sample's columns cannot be put in their place.",
            "Switch the summary off first.",
            field="summary",
        )
    sources = list(spec.sources)
    sources[source] = kept.model_copy(update={"columns": match.columns})
    options = formats.parse_options(match.format, match.options).model_dump(mode="json", exclude_defaults=True)
    output = spec.output.model_copy(update={"format": match.format, "options": options})
    compression = "auto" if match.compression == "none" else match.compression
    packaging = spec.packaging.model_copy(update={"compression": compression})
    return spec.model_copy(update={"sources": tuple(sources), "output": output, "packaging": packaging})
