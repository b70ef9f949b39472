"""ExportDraft: the builder's state. It becomes an ExportSpec, comes from one, and is stored whole so that nothing is lost.

A draft holds what a spec cannot: filters still being typed, columns that are unticked (with the place and the name they
had), the options of formats looked at before. What concerns one dataset is in its SourceDraft; the file, its packing and
its password concern them all. How the builder opens:

    /new-export?dataset=ID   a new export of that dataset     ?template=ID   that template's spec
               ?export=ID    the spec of that export          ?draft=ID      where somebody left off

The first three turn into a draft of their own, and the address becomes `?draft=ID`: it survives a refresh, a restart of
the server and a switch of pages, and can be sent to a colleague of the same workspace.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from core.engine import formats, packaging
from core.engine.planning import arranged
from core.engine.spec import Delivering, ExportSpec, Limits, Output, Packaging, Source
from core.engine.table import Table
from core.engine.values import DATED
from core.errors import BadSpec
from pages.builder.draft_parts import (
    ColumnPick,
    FilterGroup,
    FilterRow,
    KeyRow,
    MeasureRow,
    Part,
    SortRow,
    SplitBy,
    SplitChoice,
    TimeChoice,
    usual_operator,
)
from pages.builder.draft_source import SourceDraft
from pages.texts import _

__all__ = [
    "ColumnPick",
    "ExportDraft",
    "FilterGroup",
    "FilterRow",
    "KeyRow",
    "MeasureRow",
    "SortRow",
    "SourceDraft",
    "SplitBy",
    "SplitChoice",
    "Tables",
    "TimeChoice",
    "can_be_packed",
    "date_columns",
    "new_id",
    "upgraded",
    "usual_operator",
]

Tables = Mapping[str, Table]  # dataset id → the table it is now
Compression = Literal["auto", "none", "gzip", "bz2", "zstd", "zip"]


def new_id() -> str:
    return str(uuid.uuid4())


class ExportDraft(Part):
    """Everything the builder edits. `job` is the run this draft started last, `template` the one it came from.

    `password` is the id of a kept password; the password itself is never here. With `protect` and without one, it is
    still to be chosen, and nothing runs.
    """

    id: str = Field(default_factory=new_id)
    sources: list[SourceDraft] = Field(min_length=1)
    current: str = ""  # id of the source on screen; empty or gone: the first
    name: str = ""
    format: str = "xlsx"
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)  # format → its options, kept on a change of format
    file_name: str = "{name}"
    layout: Literal["auto", "together", "apart"] = "auto"
    compression: Compression = "auto"
    split: SplitChoice = Field(default_factory=SplitChoice)
    protect: bool = False
    password: str | None = None
    lock: Literal["auto", "file", "zip"] = "auto"
    limits: Limits = Limits()
    delivering: Delivering = Delivering()
    keep_hours: int | None = None  # the files are kept; None: as retention says
    job: str | None = None
    made: bool = False  # the file of that run says what the draft says: nothing is left to do
    template: str | None = None

    @property
    def source(self) -> SourceDraft:
        """The one on screen."""
        return next((s for s in self.sources if s.id == self.current), self.sources[0])

    @property
    def several(self) -> bool:
        """Whether more than one table comes out of it: of several datasets, or of one that is split."""
        return len(self.sources) > 1 or self.split.by != ""

    @property
    def can_be_together(self) -> bool:
        """Whether there is a choice between one file and a file each. Parts of so many rows are files of their own."""
        sheets = self.format in formats.FORMATS and formats.FORMATS[self.format].several
        return sheets and self.several and self.split.by not in ("rows", "size")

    @property
    def together(self) -> bool:
        """Whether several tables go into one file: as chosen, else as the spec's `auto` means it."""
        return self._arranged()[0]

    @property
    def lock_means(self) -> str:
        """What a password locks as things stand: "file" or "zip"."""
        return self._arranged(password="any")[2] or "zip"

    def _arranged(self, **packing: str) -> tuple[bool, str, str]:
        """(all in one file, what is round it, what a password locks), by the rule the export itself goes by."""
        sources = tuple(Source(dataset=source.dataset) for source in self.sources)
        packaging = self._packaging().model_copy(update=packing)
        spec = ExportSpec(sources=sources, output=self._output(), packaging=packaging)
        try:
            return arranged(spec, formats.get(self.format))
        except BadSpec:  # told where everything that is wrong is told
            return spec.output.layout == "together", "", spec.packaging.lock.replace("auto", "zip")

    # ---------------------------------------------------------------- from and to a spec

    @classmethod
    def new(
        cls, dataset: str, table: Table, *, format: str = "xlsx", options: Mapping[str, dict[str, Any]] | None = None
    ) -> ExportDraft:
        """Every row and every column of a dataset; `options` (format → its options) as the workspace begins with them."""
        return cls(sources=[SourceDraft.new(dataset, table)], format=format, options=dict(options or {}))

    @classmethod
    def from_spec(cls, spec: ExportSpec, found: Sequence[tuple[str, Table]]) -> tuple[ExportDraft, list[str]]:
        """The draft that gives this spec again, and a sentence for each part that does not fit its table and was left out.

        `found`: for each source of the spec its dataset's id and table.
        """
        sources, left_out = [], []
        for source, (dataset, table) in zip(spec.sources, found, strict=True):
            draft, sentences = SourceDraft.from_source(source, dataset, table)
            sources.append(draft)
            left_out += sentences
        return cls(
            sources=sources,
            name=spec.name,
            format=spec.output.format,
            options={spec.output.format: dict(spec.output.options)},
            file_name=spec.output.file_name,
            layout=spec.output.layout,
            compression=spec.packaging.compression,
            split=SplitChoice.of(spec.packaging.split),
            protect=spec.packaging.password is not None,
            password=spec.packaging.password,
            lock=spec.packaging.lock,
            limits=spec.limits,
            delivering=spec.delivering,
            keep_hours=spec.keep_hours,
        ), left_out

    def to_spec(self, tables: Tables) -> ExportSpec:
        """The spec as far as it is finished (see `unfinished`)."""
        return ExportSpec(
            name=self.name,
            sources=tuple(source.to_source(tables[source.dataset]) for source in self.sources),
            output=self._output(),
            packaging=self._packaging(),
            limits=self.limits,
            delivering=self.delivering,
            keep_hours=self.keep_hours,
        )

    def _output(self) -> Output:
        return Output(
            format=self.format,
            options=self.options.get(self.format, {}),
            file_name=self.file_name,
            layout=self.layout if self.layout != "together" or self.can_be_together else "auto",
        )

    def _packaging(self) -> Packaging:
        """What makes no sense for the format at hand waits until another one is chosen."""
        lockable = self.format in formats.FORMATS and formats.FORMATS[self.format].lockable
        return Packaging(
            compression=self.compression if can_be_packed(self.format, self.compression) else "auto",
            split=self.split.split(),
            password=self.password if self.protect else None,
            lock=self.lock if self.lock != "file" or lockable else "auto",
        )

    def unfinished(self, tables: Tables) -> list[BadSpec]:
        """What the screen must ask for before a run, of every dataset and of the file."""
        missing = [m for source in self.sources for m in self._unfinished(source, tables)]
        if self.split.unfinished:
            missing.append(
                BadSpec(
                    _("It is not said yet which column’s values to split by."), _("Choose the column."), field="split"
                )
            )
        if self.protect and self.password is None:
            missing.append(
                BadSpec(
                    _("There is no password yet."), _("Choose one, or switch the protection off."), field="password"
                )
            )
        return missing

    def _unfinished(self, source: SourceDraft, tables: Tables) -> list[BadSpec]:
        """Of several datasets, those that are not on screen are named."""
        missing = source.unfinished(tables[source.dataset])
        if source is self.source:
            return missing
        title = source.name or tables[source.dataset].name
        return [BadSpec(f"“{title}”: {m.message}", m.next_step, field=m.field) for m in missing]

    # ---------------------------------------------------------------- storing

    def dump(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @classmethod
    def load(cls, content: dict[str, Any], tables: Tables) -> ExportDraft:
        """A stored draft, of this shape or the one before, fitted to its datasets as they are now.

        Sources whose dataset is not among the tables leave; one at least must be there.
        """
        stored = upgraded(content)
        there = [s for s in stored["sources"] if s["dataset"] in tables]
        draft = cls.model_validate(stored | {"sources": there})
        draft.refit(tables)
        return draft

    def refit(self, tables: Tables) -> None:
        """Follow the datasets after their files were replaced."""
        for source in self.sources:
            source.refit(tables[source.dataset])


def upgraded(content: dict[str, Any]) -> dict[str, Any]:
    """The content of a stored draft with its dataset in `sources`: until then an export had one, and gzip or nothing."""
    if "sources" in content:
        return content
    of_the_source = {k: v for k, v in content.items() if k in SourceDraft.model_fields and k not in ("id", "name")}
    rest = {k: v for k, v in content.items() if k not in SourceDraft.model_fields or k in ("id", "name")}
    packed = rest.pop("gzip", False)
    return {**rest, "sources": [of_the_source], "compression": "gzip" if packed else "auto"}


def can_be_packed(format: str, compression: str) -> bool:
    """Whether this packing makes sense: a workbook is compressed by itself."""
    try:
        packaging.check(formats.get(format), compression)
    except BadSpec:
        return False
    return True


def date_columns(table: Table) -> list[str]:
    """The ids of the columns a time range can use, the main one first."""
    dated = [c.id for c in table.columns if c.kind in DATED]
    return sorted(dated, key=lambda i: i != table.date_column)
