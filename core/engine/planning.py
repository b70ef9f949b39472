"""What an export will make, decided before anything runs: which tables, which format, one file or several, what is round them.

Every refusal that needs no look at the rows is made here, all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.engine import formats, packaging
from core.engine.cuts import by_key
from core.engine.formats.base import Format, Options, RowFormat
from core.engine.names import check_pattern
from core.engine.query import build, check
from core.engine.sentence import joined
from core.engine.spec import ExportSpec, Packaging, Resolved, Split
from core.engine.table import Table
from core.errors import BadSpec

Tables = Table | Mapping[str, Table]  # one table for every source, or Source.dataset as written → its table
Locks = Literal["", "file", "zip"]
NAMED = 3  # tables an export without a name is called after


@dataclass(frozen=True)
class Plan:
    """A spec that can run: its tables, format and options found, and what it makes decided."""

    spec: ExportSpec
    tables: tuple[Table, ...]  # one for each source, in their order
    resolved: Resolved
    format: Format
    options: Options
    together: bool  # every table and every part in one file
    compression: str  # round it: none, gzip, bz2, zstd or zip
    locks: Locks  # what a password locks; "": there is none

    @property
    def title(self) -> str:
        return self.spec.name or titled([table.name for table in self.tables])

    @property
    def several(self) -> bool:
        """Whether more than one file is made, inside a zip or side by side."""
        return not self.together and (len(self.tables) > 1 or self.spec.packaging.split is not None)

    @property
    def ending(self) -> str:
        """Of what is delivered: "csv.gz", "zip"."""
        return "zip" if self.compression == "zip" else self.inner_ending

    @property
    def inner_ending(self) -> str:
        """Of each file: as delivered, or inside the zip."""
        return self.format.extension + ("" if self.compression == "zip" else packaging.ENDINGS[self.compression])

    def table_title(self, number: int) -> str:
        """What the table of that source (from 0) is called among several."""
        return self.spec.sources[number].name or self.tables[number].name


def titled(names: Sequence[str]) -> str:
    """What an export without a name is called: "participants and payments"."""
    shown = list(dict.fromkeys(names))
    return joined(shown) if len(shown) <= NAMED else f"{', '.join(shown[:NAMED])} and {len(shown) - NAMED} more"


def tables_of(spec: ExportSpec, tables: Tables) -> tuple[Table, ...]:
    """The table of each source, in their order."""
    return tuple(tables if isinstance(tables, Table) else tables[source.dataset] for source in spec.sources)


def problems(spec: ExportSpec, tables: Tables, resolved: Resolved) -> list[BadSpec]:
    """Everything that keeps an export from running: its sources, its format's options, its packing, its file name."""
    found = tables_of(spec, tables)
    split = spec.packaging.split
    wrong: list[BadSpec] = []

    def tell(trouble: BadSpec) -> None:
        if trouble.message not in {w.message for w in wrong}:
            wrong.append(trouble)

    for source, table in zip(spec.sources, found, strict=True):
        for trouble in check(source, table, resolved, split):
            tell(trouble)
    fit = not wrong
    attempts: list[Callable[[], object]] = [
        lambda: formats.parse_options(spec.output.format, spec.output.options),
        lambda: arranged(spec, formats.get(spec.output.format)),
        lambda: check_pattern(spec.output.file_name),
    ]
    if fit:
        attempts.append(lambda: _check_columns(spec, found, resolved))
    for attempt in attempts:
        try:
            attempt()
        except BadSpec as trouble:
            tell(trouble)
    return wrong


def plan(spec: ExportSpec, tables: Tables, resolved: Resolved) -> Plan:
    """Raises BadSpec; `details["all"]` lists every problem where there are several."""
    wrong = problems(spec, tables, resolved)
    if wrong:
        first = wrong[0]
        others = {"all": [w.message for w in wrong]} if len(wrong) > 1 else {}
        raise BadSpec(first.message, first.next_step, field=first.field, **others)
    format = formats.get(spec.output.format)
    together, compression, locks = arranged(spec, format)
    options = formats.parse_options(format.name, spec.output.options)
    return Plan(spec, tables_of(spec, tables), resolved, format, options, together, compression, locks)


def _check_columns(spec: ExportSpec, tables: Sequence[Table], resolved: Resolved) -> None:
    """What a format's options say of columns must go with every table's."""
    format = formats.get(spec.output.format)
    options = formats.parse_options(format.name, spec.output.options)
    split = spec.packaging.split
    if split is not None and split.by == "size" and isinstance(format, RowFormat) and not format.cuttable(options):
        raise BadSpec(
            "What its text says of the rows of each file is known only once a split by size is finished.",
            "Split by rows instead, or leave the sums and row counts out of the layout.",
            field="packaging.split",
        )
    for source, table in zip(spec.sources, tables, strict=True):
        format.check(build(source, table, resolved).columns, options)


def arranged(spec: ExportSpec, format: Format) -> tuple[bool, str, Locks]:
    """(all in one file, what is round it, what a password locks). Raises BadSpec for what cannot be had together."""
    packing, split = spec.packaging, spec.packaging.split
    together = _together(spec, format, split)
    several = not together and (len(spec.sources) > 1 or split is not None)
    locks = _locks(packing, format, several=several)
    compression: str = packing.compression
    if compression == "auto":
        compression = "zip" if several or locks == "zip" else "none"
    packaging.check(format, compression)
    return together, compression, locks


def _together(spec: ExportSpec, format: Format, split: Split | None) -> bool:
    layout = spec.output.layout
    if layout == "together" and not format.several and (len(spec.sources) > 1 or split is not None):
        raise BadSpec(
            f"{format.label} files hold one table each.",
            "Make a file each, or choose a format with sheets, such as Excel.",
            field="output.layout",
        )
    if layout == "together" and split is not None and not by_key(split):
        raise BadSpec(
            f"Parts of so many {'rows' if split.by == 'rows' else 'MB'} make sense as files of their own only.",
            "Make a file each, or split by values or dates.",
            field="output.layout",
        )
    if split is not None and split.by == "size" and not isinstance(format, RowFormat):
        raise BadSpec(
            f"How large {format.label} files become is known only when they are finished.",
            "Split by rows instead, or choose a text format such as CSV.",
            field="packaging.split",
        )
    if layout == "auto":
        return format.several and len(spec.sources) > 1 and split is None
    return layout == "together" and format.several


def _locks(packing: Packaging, format: Format, *, several: bool) -> Locks:
    if not packing.password:
        return ""
    alone = not several and packing.compression in ("auto", "none")
    usual: Locks = "file" if format.lockable and alone else "zip"
    locks: Locks = usual if packing.lock == "auto" else packing.lock
    if locks == "file" and not format.lockable:
        raise BadSpec(
            f"{format.label} files have no password of their own.",
            "Lock a zip instead, or choose Excel or PDF.",
            field="packaging.lock",
        )
    if locks == "zip" and packing.compression not in ("auto", "zip"):
        raise BadSpec(
            "Only a zip can carry a password round this file.", "Choose zip, or leave the password out.",
            field="packaging.password",
        )  # fmt: skip
    return locks
