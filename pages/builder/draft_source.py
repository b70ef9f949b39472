"""SourceDraft: one dataset of the export and what is kept of it, as it stands on screen. It becomes a Source and comes from one.

Columns are named by their id (c1 … cN) inside it. What is unticked or unfinished stays here and does not reach the spec.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import Field

from core.engine.grouping import figures
from core.engine.rendering import OutColumn
from core.engine.spec import (
    ColumnRef,
    Condition,
    Group,
    GroupBy,
    Measure,
    OutputColumn,
    Resolved,
    SortKey,
    Source,
    Summary,
    TimeRange,
)
from core.engine.table import Table
from core.errors import BadSpec
from pages.builder.draft_fit import Fit
from pages.builder.draft_parts import ColumnPick, FilterGroup, KeyRow, MeasureRow, Part, SortRow, TimeChoice, new_row_id
from pages.texts import _


class SourceDraft(Part):
    """`id` names it on screen: one dataset may be here twice, as two sheets with filters of their own."""

    id: str = Field(default_factory=new_row_id)
    dataset: str
    name: str = ""  # of its sheet or file where there are several; empty: the dataset's
    filters: FilterGroup = Field(default_factory=FilterGroup)
    time: TimeChoice = Field(default_factory=TimeChoice)
    columns: list[ColumnPick] = Field(default_factory=list)
    sort: list[SortRow] = Field(default_factory=list)
    summarise: bool = False
    keys: list[KeyRow] = Field(default_factory=list)
    measures: list[MeasureRow] = Field(default_factory=list)
    distinct: bool = False
    limit: int | None = None

    # ---------------------------------------------------------------- from and to a part of a spec

    @classmethod
    def new(cls, dataset: str, table: Table) -> SourceDraft:
        """Every row and every column of a dataset."""
        return cls(dataset=dataset, columns=[ColumnPick(column=c.id) for c in table.columns])

    @classmethod
    def from_source(cls, source: Source, dataset: str, table: Table) -> tuple[SourceDraft, list[str]]:
        """The draft that gives this source again, and a sentence for each part that does not fit the table."""
        fit = Fit(table)
        draft = cls(
            dataset=dataset,
            name=source.name,
            filters=fit.group(source.filters),
            time=fit.time(source.time_range),
            columns=fit.columns(source.columns),
            summarise=source.summary is not None,
            distinct=source.distinct,
            limit=source.limit,
        )
        if source.summary:
            draft.keys, draft.measures = fit.summary(source.summary)
            draft.sort = [SortRow(column=k.column.name, descending=k.descending) for k in source.sort]
        else:
            draft.sort = [
                SortRow(column=i, descending=k.descending) for k in source.sort if (i := fit.id(k.column, "sort"))
            ]
        return draft, fit.left_out

    def to_source(self, table: Table) -> Source:
        """As far as it is finished: conditions without their values keep every row (see `unfinished`)."""
        ref = {c.id: ColumnRef(name=c.name, id=c.id) for c in table.columns}
        return Source(
            dataset=self.dataset,
            name=self.name.strip(),
            filters=_group(self.filters, ref),
            time_range=self._time_range(ref),
            columns=self._columns(table, ref),
            sort=tuple(
                SortKey(column=ColumnRef(name=s.column) if self.summarise else ref[s.column], descending=s.descending)
                for s in self.sort
                if self.summarise or s.column in ref
            ),
            summary=self._summary(ref) if self.summarise else None,
            distinct=self.distinct and not self.summarise,
            limit=self.limit,
        )

    def _time_range(self, ref: dict[str, ColumnRef]) -> TimeRange | None:
        column = ref.get(self.time.column or "")
        if self.time.choice == "any":
            return None
        if self.time.choice == "between":
            if not (self.time.start or self.time.end):
                return None
            return TimeRange.model_validate({"column": column, "start": self.time.start, "end": self.time.end})
        return TimeRange(column=column, relative=self.time.choice)

    def _columns(self, table: Table, ref: dict[str, ColumnRef]) -> tuple[OutputColumn, ...]:
        """Empty where nothing was changed: a template then takes all columns of whatever it runs on."""
        own = [c.id for c in table.columns]
        if [p.column for p in self.columns] == own and all(p.on and not p.label and not p.format for p in self.columns):
            return ()
        return tuple(
            OutputColumn(column=ref[p.column], label=p.label, format=p.format)
            for p in self.columns
            if p.on and p.column in ref
        )

    def _summary(self, ref: dict[str, ColumnRef]) -> Summary:
        return Summary(
            group_by=tuple(
                GroupBy(column=ref[k.column], unit=k.unit, label=k.label) for k in self.keys if k.column in ref
            ),
            measures=tuple(
                Measure(function=m.function, column=ref.get(m.column or ""), label=m.label)
                for m in self.measures
                if m.function == "count" or m.column in ref
            ),
        )

    def figures(self, table: Table) -> list[OutColumn]:
        """The columns of the summary as it stands; none while something in it must be mended."""
        summary = self.to_source(table).summary
        try:
            return [f.column for f in figures(summary, table, Resolved(now=datetime.now(UTC)))] if summary else []
        except BadSpec:
            return []

    # ---------------------------------------------------------------- what is still missing

    def unfinished(self, table: Table) -> list[BadSpec]:
        """What the screen must ask for before a run: each says which part and what to do. Unknown to the spec itself."""
        names = {c.id: c.name for c in table.columns}
        missing = [
            BadSpec(
                _("The filter on “{column}” has no value yet.").format(column=names.get(row.column, row.column)),
                _("Give it a value or remove it."),
                field=row.id,
            )
            for row in self.filters.rows()
            if not row.finished
        ]
        if self.time.choice == "between" and not (self.time.start or self.time.end):
            missing.append(
                BadSpec(_("The time range has no dates yet."), _("Choose the dates, or “Any time”."), field="time")
            )
        if not self.summarise and not any(p.on for p in self.columns):
            missing.append(BadSpec(_("No column is ticked."), _("Tick at least one column."), field="columns"))
        if self.summarise and not self.keys and not self.measures:
            missing.append(
                BadSpec(_("The summary is empty."), _("Choose what to group by, or a figure."), field="summary")
            )
        return missing

    def refit(self, table: Table) -> None:
        """Follow the dataset after its file was replaced: new columns join at the end, lost ones take their filters along."""
        ids = [c.id for c in table.columns]
        known = set(ids)
        self.columns = [p for p in self.columns if p.column in known]
        here = {p.column for p in self.columns}
        self.columns += [ColumnPick(column=i) for i in ids if i not in here]
        _drop_unknown(self.filters, known)
        if self.time.column not in known:
            self.time.column = None
        if not self.summarise:
            self.sort = [s for s in self.sort if s.column in known]
        self.keys = [k for k in self.keys if k.column in known]
        self.measures = [m for m in self.measures if m.column is None or m.column in known]


def _group(group: FilterGroup, ref: dict[str, ColumnRef]) -> Group:
    items: list[Condition | Group] = []
    for item in group.items:
        if isinstance(item, FilterGroup):
            inner = _group(item, ref)
            if inner.items:
                items.append(inner)
        elif item.finished and item.column in ref:
            items.append(Condition(column=ref[item.column], operator=item.operator, values=tuple(item.values)))
    return Group(match=group.match, items=tuple(items))


def _drop_unknown(group: FilterGroup, known: set[str]) -> None:
    group.items = [i for i in group.items if isinstance(i, FilterGroup) or i.column in known]
    for item in group.items:
        if isinstance(item, FilterGroup):
            _drop_unknown(item, known)
