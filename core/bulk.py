"""Many datasets at once: every table of a workspace, or chosen ones, in one zip with a manifest.

It is one export like any other, of many sources: one consistent state of all of them, one progress, one receipt that counts
every table, and whatever else exports can do (delivered, kept as a template, run by a schedule).
"""

from __future__ import annotations

from collections.abc import Sequence

from core import datasets, exports
from core.access import roles
from core.desk import Desk
from core.engine.spec import ExportSpec, Output, Packaging, Source, Split
from core.errors import BadInput
from storage.tables import Job

MOST = 1000  # datasets in one zip


def spec(
    desk: Desk, chosen: Sequence[str] | None = None, *, format: str = "csv", by_month: bool = False, name: str = ""
) -> ExportSpec:
    """The export of these datasets (ids or slugs; None: all that whoever acts sees, by name), a file each.

    `by_month`: of one with a main date column, a file for every month of it. Raises NotFound, BadInput.
    """
    roles.require(desk, "exports.run")
    if chosen is None:
        found = sorted((one.name.casefold(), one.id) for one in datasets.list(desk))
        wanted = [id for _, id in found]
    else:
        wanted = [*dict.fromkeys(datasets.get(desk, one).id for one in chosen)]
    if not 1 <= len(wanted) <= MOST:
        raise BadInput(
            f"One batch holds 1 to {MOST:,} datasets; these are {len(wanted):,}.",
            "Choose some of them." if wanted else "Add data first.",
            field="datasets",
        )
    return ExportSpec(
        name=name.strip() or f"Data of {desk.workspace().name}",
        sources=tuple(Source(dataset=id) for id in wanted),
        # the zip bears the name of all; each file in it that of its dataset
        output=Output(format=format, file_name="{part}" if len(wanted) > 1 else "{name} {part}", layout="apart"),
        packaging=Packaging(compression="zip", split=Split(by="month", undated="whole") if by_month else None),
    )


def start(
    desk: Desk, chosen: Sequence[str] | None = None, *, format: str = "csv", by_month: bool = False, name: str = ""
) -> Job:
    """Begin it. Raises what `spec` and exports.start raise."""
    return exports.start(desk, spec(desk, chosen, format=format, by_month=by_month, name=name))
