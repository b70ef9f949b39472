"""Reading a spec against a table: its parts as rows of the builder, and a sentence for each that does not fit."""

from __future__ import annotations

from core.engine.spec import ColumnRef, Group, OutputColumn, Summary, TimeRange
from core.engine.table import Table
from core.errors import BadSpec
from pages.builder.draft_parts import ColumnPick, FilterGroup, FilterRow, KeyRow, MeasureRow, TimeChoice
from pages.texts import N_, _

LEFT_OUT = {
    "filter": N_("{problem} The filter on it was left out."),
    "time": N_("{problem} The time range on it was left out."),
    "column": N_("{problem} The column on it was left out."),
    "grouping": N_("{problem} The grouping on it was left out."),
    "figure": N_("{problem} The figure on it was left out."),
    "sort": N_("{problem} The sort on it was left out."),
}


class Fit:
    """Reads a spec against a table, collecting what does not fit."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.left_out: list[str] = []

    def id(self, ref: ColumnRef, part: str) -> str | None:
        """The column's id in the table; without it, a key of LEFT_OUT says what goes with it."""
        try:
            return self.table.column(ref).id
        except BadSpec as error:
            self.left_out.append(_(LEFT_OUT[part]).format(problem=error.message))
            return None

    def group(self, group: Group) -> FilterGroup:
        result = FilterGroup(match=group.match)
        for item in group.items:
            if isinstance(item, Group):
                result.items.append(self.group(item))
            elif column := self.id(item.column, "filter"):
                result.items.append(FilterRow(column=column, operator=item.operator, values=list(item.values)))
        return result

    def time(self, span: TimeRange | None) -> TimeChoice:
        if span is None:
            return TimeChoice()
        column = self.id(span.column, "time") if span.column else None
        if span.column and not column:
            return TimeChoice()
        return TimeChoice(
            choice=span.relative or "between",
            column=column,
            start=span.start.isoformat() if span.start else None,
            end=span.end.isoformat() if span.end else None,
        )

    def columns(self, chosen: tuple[OutputColumn, ...]) -> list[ColumnPick]:
        picks = [
            ColumnPick(column=i, label=c.label, format=c.format) for c in chosen if (i := self.id(c.column, "column"))
        ]
        here = {p.column for p in picks}
        rest = [c.id for c in self.table.columns if c.id not in here]
        return picks + [ColumnPick(column=i, on=not chosen) for i in rest]

    def summary(self, summary: Summary) -> tuple[list[KeyRow], list[MeasureRow]]:
        keys = [
            KeyRow(column=i, unit=g.unit, label=g.label)
            for g in summary.group_by
            if (i := self.id(g.column, "grouping"))
        ]
        measures = []
        for m in summary.measures:
            column = self.id(m.column, "figure") if m.column else None
            if m.column is None or column:
                measures.append(MeasureRow(function=m.function, column=column, label=m.label))
        return keys, measures
