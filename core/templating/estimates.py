"""About how much a template would give now: rows and bytes, from its last run where the data is still the same."""

from __future__ import annotations

from dataclasses import dataclass

from core import datasets, previews
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import DeskError
from core.templating import templates
from storage import templates as rows
from storage.tables import Template, utc_now

MOST_ROWS = 1_000_000  # of the data: counting more would keep a screen waiting
MOST_COLUMNS = 300


@dataclass(frozen=True)
class Estimate:
    """`guessed`: from a sample of the data as it is now; else what the last run gave."""

    rows: int
    bytes: int
    guessed: bool


def of(desk: Desk, template: Template) -> Estimate | None:
    """None where it cannot run as things are, or where only a run would tell. Asks the data: a fraction of a second."""
    with desk.store.reading() as session:
        last = rows.last_run(session, desk.scope, template.id)
    made = Estimate(last.rows or 0, last.bytes or 0, guessed=False) if last is not None else None
    try:
        spec = templates.spec_for(desk, template.id)
        pinned = set(((last.resolved if last else None) or {}).get("versions", {}).values())
        now = {datasets.get(desk, source.dataset).version_id for source in spec.sources}
        if last is not None and pinned == now and last.payload.get("spec") == spec.model_dump(mode="json"):
            return made
        return _guess(desk, spec) or made
    except DeskError:
        return None


def _guess(desk: Desk, spec: ExportSpec) -> Estimate | None:
    tables = [datasets.table(desk, source.dataset) for source in spec.sources]
    if sum(table.rows for table in tables) > MOST_ROWS or any(len(table.columns) > MOST_COLUMNS for table in tables):
        return None
    rows = sum(previews.counts(desk, spec, number).rows for number in range(len(spec.sources)))
    size, _ = previews.estimate(desk, spec, rows)
    return Estimate(rows, size, guessed=True)


def stamp(desk: Desk, template: Template) -> str:
    """What an estimate depends on, to tell whether one that was made is still right; "" where its data is not there."""
    try:
        spec = ExportSpec.model_validate(template.spec)
        versions = [datasets.get(desk, source.dataset).version_id or "" for source in spec.sources]
    except DeskError:
        return ""
    today = utc_now().date()  # relative dates mean other days tomorrow
    return " ".join([template.id, str(template.version), str(template.last_run_at), str(today), *versions])
