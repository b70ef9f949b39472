"""The left side of the builder, for the dataset on screen: the rows to keep, the columns, and what is asked for less often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import previews
from core.desk import Desk
from core.engine.display import DATE_FORMATS, NUMBER_FORMATS
from core.engine.filters import OPERATORS, RELATIVE, resolve_relative
from core.engine.moments import resolve_count, span_words
from core.engine.protection import MASK, PSEUDONYM, WAYS
from core.engine.spec import ColumnRef
from core.engine.table import Table
from core.engine.values import DATED, NUMBERS, Column, Kind
from core.errors import DeskError
from core.templating.saved_sets import SetKind
from pages.builder import sets
from pages.builder.answers import Answers, remembered
from pages.builder.draft import ColumnPick, ExportDraft, FilterRow, SourceDraft, date_columns
from pages.components import columns as column_picker
from pages.components import fields, filters, layout, sort, summary, time_range
from pages.components.columns import PickedColumn
from pages.texts import N_, _, n_

_CSS = (Path(__file__).parent / "builder.css").read_text(encoding="utf-8")
AS_IT_IS = ("", N_("as it is"))
FORMATS_OFFERED = {
    "date": [AS_IT_IS, *((k, f.example) for k, f in DATE_FORMATS.items() if k != "day")],
    "moment": [AS_IT_IS, *((k, f"{f.example} 08:30" if f.with_time else f.example) for k, f in DATE_FORMATS.items())],
    "number": [AS_IT_IS, *((k, f.example) for k, f in NUMBER_FORMATS.items())],
}
HIDDEN = ((MASK, N_("masked")), (PSEUDONYM, N_("as a pseudonym")))
FORMATS_OFFERED = {kind: [*offered, *HIDDEN] for kind, offered in FORMATS_OFFERED.items()} | {
    "hidden": [AS_IT_IS, *HIDDEN]  # of text, once it was hidden: there it would be in everybody's way
}


@dataclass(frozen=True)
class RowsCard:
    """Places in the card of filters for what is known only after the question was asked."""

    total: DeltaGenerator
    slots: filters.Slots
    time: DeltaGenerator | None


def styles() -> None:
    st.html(f"<style>{_CSS}</style>")


def rows(desk: Desk, draft: ExportDraft, table: Table, key: str) -> RowsCard:
    """Time range and filters. The numbers beside them come later, into the places this returns."""
    source = draft.source
    with layout.card("rows"):
        with st.container(horizontal=True, vertical_alignment="center", key="row_rows_head"):
            st.header(_("Rows to keep"), anchor=False, icon=":material/filter_alt:", width="stretch")
            total = st.empty()
            filters.match(source.filters, key)
            sets.button(draft, SetKind.FILTERS, key)
        when = None
        if dated := date_columns(table):
            names = {c.id: c.name for c in table.columns}
            labels = {k: _(r.label.lower()) for k, r in RELATIVE.items()}
            when = time_range.show(source.time, dated, names, labels, key=f"{key}_time")
        slots = filters.show(source.filters, table.columns, key=key, choices=_choices(desk, source, table))
    return RowsCard(total, slots, when)


def tell(card: RowsCard, desk: Desk, source: SourceDraft, table: Table, answers: Answers) -> None:
    """Print how many rows are left, what each filter removed, and the days a relative date means today."""
    if answers.counts:
        kept = f"{answers.counts.rows:,}"
        card.total.caption(
            n_("**{kept}** of {n} row", "**{kept}** of {n} rows", table.rows, kept=kept), width="content"
        )
    now, zone = datetime.now(UTC), desk.workspace().zone
    notes = dict(answers.removed)
    for row in source.filters.rows():
        notes[row.id] = " · ".join(p for p in (_dates(row, now, zone), answers.removed.get(row.id)) if p)
    filters.tell(card.slots, notes, answers.wrong)
    if card.time is not None:
        span = ""
        if source.time.choice in RELATIVE:
            span = span_words(*resolve_relative(source.time.choice, now, zone))
        parts = [span, answers.removed.get("time", "")]
        card.time.caption(" · ".join(layout.plain(p) for p in parts if p))


def columns(draft: ExportDraft, table: Table, key: str) -> None:
    source = draft.source
    with layout.card("columns"):
        with st.container(horizontal=True, vertical_alignment="center", key="row_columns_head"):
            st.header(_("Columns"), anchor=False, icon=":material/view_column:", width="stretch")
            if not source.summarise:
                sets.button(draft, SetKind.COLUMNS, key)
        if source.summarise:
            st.caption(_("While rows are grouped, the file's columns are the groups and figures chosen below."))
            return
        by_id = {c.id: (place, c) for place, c in enumerate(table.columns)}
        lines = [_line(pick, *by_id[pick.column]) for pick in source.columns if pick.column in by_id]
        formats = {kind: [(k, _(shown)) for k, shown in offered] for kind, offered in FORMATS_OFFERED.items()}
        picked = column_picker.show(lines, formats, key=key, stamp=f"{source.id} {table.path.parent.name}")
        source.columns = [ColumnPick(column=i, on=on, label=label, format=fmt) for i, on, label, fmt in picked]


def more(source: SourceDraft, table: Table, key: str) -> None:
    """Sort, distinct, limit and group & summarise: quiet until somebody looks for them."""
    with st.container(border=True, key="card_more", gap="xsmall"):
        with st.expander(_("Sort, group, limit"), icon=":material/sort:", type="compact", key=f"{key}_more"):
            _sorting(source, table, key)
            source.summarise = st.toggle(
                _("Group & summarise"), key=fields.seeded(f"{key}_summarise", source.summarise), width="stretch"
            )
            st.caption(
                _("One row for each group, such as the number of rows and the sum of an amount for each country.")
            )
            if source.summarise:
                summary.show(source.keys, source.measures, table.columns, key=f"{key}_sum")
            if not source.summarise:
                source.distinct = st.toggle(
                    _("Leave out repeated rows"),
                    key=fields.seeded(f"{key}_distinct", source.distinct),
                    help=_("Rows that are the same in every ticked column are kept once."),
                    width="stretch",
                )
            source.limit = st.number_input(
                _("No more than this many rows"),
                min_value=1,
                step=1,
                placeholder=_("all rows"),
                key=fields.seeded(f"{key}_limit", source.limit),
                width=240,
            )
        if said := _more_words(source):
            st.caption(layout.plain(said))


def _sorting(source: SourceDraft, table: Table, key: str) -> None:
    if source.summarise:
        found = source.figures(table)
        if found:
            kinds = {c.label: c.kind for c in found}
            sort.show(source.sort, list(kinds), kinds, {n: n for n in kinds}, key=f"{key}_sortsum")
    else:
        ids = [c.id for c in table.columns]
        kinds = {c.id: c.kind for c in table.columns}
        sort.show(source.sort, ids, kinds, {c.id: c.name for c in table.columns}, key=f"{key}_sort")


def _more_words(source: SourceDraft) -> str:
    """What is set inside the folded card, so that nothing acts unseen."""
    said = []
    if source.sort:
        said.append(_("sorted"))
    if source.summarise:
        said.append(_("grouped"))
    if source.distinct and not source.summarise:
        said.append(_("without repeated rows"))
    if source.limit:
        said.append(n_("at most {n} row", "at most {n} rows", source.limit))
    return ", ".join(said).capitalize()


def _line(pick: ColumnPick, place: int, column: Column) -> PickedColumn:
    formats = "number" if column.kind in NUMBERS else "hidden" if pick.format in WAYS else ""
    if column.kind in DATED:
        formats = "date" if column.kind is Kind.DATE else "moment"
    return PickedColumn(column.id, column.name, _(column.words), pick.on, pick.label, pick.format, formats, place)


def _choices(desk: Desk, source: SourceDraft, table: Table) -> filters.Choices:
    def choices(column: str, search: str, limit: int) -> Sequence[tuple[Any, int]]:
        ref = ColumnRef(name="", id=column)
        question = f"{table.path} {column} {limit} {search}"
        found: Sequence[tuple[Any, int]] = remembered(
            "choices", question, lambda: previews.choices(desk, source.dataset, ref, search, limit)
        )
        return found

    return choices


def _dates(row: FilterRow, now: datetime, zone: str) -> str:
    """The days a relative filter means today."""
    operator = OPERATORS.get(row.operator)
    if operator is None or operator.takes == "value" or not row.values:
        return ""
    try:
        if operator.takes == "relative":
            return span_words(*resolve_relative(str(row.values[0]), now, zone))
        return span_words(*resolve_count("last" if "last" in operator.key else "next", int(row.values[0]), now, zone))
    except (DeskError, ValueError, OverflowError):
        return ""
