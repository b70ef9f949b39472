"""What the data says to the draft: how many rows each step leaves, what is wrong, and the sentence.

Questions are asked of the dataset on screen alone; of the others only how many rows they give.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import streamlit as st

from core import previews
from core.desk import Desk
from core.engine.query import Counts
from core.engine.spec import ExportSpec, Source
from core.engine.table import Table
from core.errors import BadSpec, DeskError
from pages.builder.draft import ExportDraft, FilterGroup, FilterRow, SourceDraft, Tables
from pages.components import layout, words
from pages.texts import _, n_

T = TypeVar("T")
KEPT, KEPT_LARGE = 400, 20  # answers kept in a session, so that going back to a filter asks nothing
LARGE = ("page", "file")  # kinds of answers that are more than a few numbers
LISTED = 6  # datasets told one by one beside the total


@dataclass(frozen=True)
class Answers:
    """`counts` is None while something must be mended first, or in `trouble`; `asked` tells one question from another."""

    spec: ExportSpec  # of the dataset on screen alone
    asked: str
    problem: BadSpec | None = None  # found only by asking
    counts: Counts | None = None
    trouble: str = ""  # why there are no counts although nothing is wrong with the draft
    sentence: str = ""
    removed: dict[str, str] = field(default_factory=dict)  # row or group id, or "time" → "−1,204 rows"
    wrong: dict[str, str] = field(default_factory=dict)  # row id → what is wrong with it
    rows: dict[str, int | None] = field(default_factory=dict)  # source id → rows it gives, None: not known

    @property
    def total(self) -> int | None:
        """Rows of the export, if every dataset's are known."""
        known = [n for n in self.rows.values() if n is not None]
        return sum(known) if known and len(known) == len(self.rows) else None


def ask(desk: Desk, draft: ExportDraft, tables: Tables) -> Answers:
    """Check the dataset on screen, and count what each dataset gives as far as it can be counted."""
    spec, table = draft.to_spec(tables), tables[draft.source.dataset]
    rows: dict[str, int | None] = {
        s.id: None if s is draft.source else _rows(desk, tables, spec.sources[n]) for n, s in enumerate(draft.sources)
    }
    alone = _alone(spec.sources[draft.sources.index(draft.source)])
    asked = question(desk, tables, *alone.sources)
    own = remembered("problems", asked, lambda: previews.problems(desk, alone))
    answers = Answers(alone, asked, wrong=_wrong(draft.source, table, own), rows=rows)
    if own or any(u.field in ("columns", "summary") for u in draft.source.unfinished(table)):
        return answers
    try:
        counts = remembered("counts", asked, lambda: previews.counts(desk, alone))
        sentence = previews.sentence(desk, alone)
    except BadSpec as error:
        return replace(answers, problem=error)
    except DeskError as error:  # too long or too large for a screen; the export itself has more time and memory
        return replace(answers, trouble=error.message)
    removed = _removed(draft.source, counts)
    return replace(
        answers, counts=counts, sentence=sentence, removed=removed, rows=answers.rows | {draft.source.id: counts.rows}
    )


def _alone(source: Source) -> ExportSpec:
    return ExportSpec(sources=(source,))


def question(desk: Desk, tables: Tables, *asked: Source, beside: str = "") -> str:
    """What makes a question another one: the versions, the sources as they are chosen, the day, and what is beside them."""
    today = datetime.now(ZoneInfo(desk.workspace().zone)).date().isoformat()
    versions = [str(tables[s.dataset].path) for s in asked]
    return json.dumps([versions, today, [s.model_dump(mode="json") for s in asked], beside], sort_keys=True)


def whole(desk: Desk, tables: Tables, spec: ExportSpec) -> str:
    """The question that is about the whole export: its datasets, its file, its packing."""
    beside = f"{spec.name} {spec.output.model_dump_json()} {spec.packaging.model_dump_json()} {spec.limits}"
    return question(desk, tables, *spec.sources, beside=beside)


def _rows(desk: Desk, tables: Tables, source: Source) -> int | None:
    """How many rows a dataset that is not on screen gives; None where that cannot be said now."""
    alone = _alone(source)
    try:
        counts: Counts = remembered("counts", question(desk, tables, source), lambda: previews.counts(desk, alone))
    except DeskError:
        return None
    return counts.rows


def figures(answers: Answers, draft: ExportDraft, tables: Tables) -> None:
    """The answer, always in sight: how many rows, how many columns, in one sentence."""
    with st.container(key="figures", gap="xsmall"):
        if len(draft.sources) > 1:
            _together(answers, draft, tables)
        elif answers.counts is None:
            st.metric(_("Rows"), "–")
        else:
            kept = answers.counts.rows
            st.metric(_("Rows"), f"{kept:,}")
            st.caption(layout.plain(difference(kept, tables[draft.source.dataset].rows, draft.source)))
            st.text(answers.sentence)


def _together(answers: Answers, draft: ExportDraft, tables: Tables) -> None:
    """Of several datasets: the rows of each, and of all."""
    st.metric(_("Rows"), "–" if answers.total is None else f"{answers.total:,}")
    lines = []
    for source in draft.sources[:LISTED]:
        rows = answers.rows.get(source.id)
        name = layout.plain(source.name or tables[source.dataset].name)
        lines.append(f"{name} :gray[{'–' if rows is None else words.rows(rows)}]")
    if len(draft.sources) > LISTED:
        more = n_("and {n} more", "and {n} more", len(draft.sources) - LISTED)
        lines.append(f":gray[{more}]")
    st.markdown("  \n".join(f":small[{line}]" for line in lines))


def difference(kept: int, there: int, source: SourceDraft) -> str:
    columns = sum(p.on for p in source.columns)
    said = []
    if kept != there and source.summarise:
        said.append(_("from {rows}").format(rows=f"{there:,}"))
    elif kept != there:
        said.append(_("−{fewer} of {rows}").format(fewer=f"{there - kept:,}", rows=f"{there:,}"))
    if not source.summarise:
        said.append(n_("{kept} of {n} column", "{kept} of {n} columns", len(source.columns), kept=f"{columns:,}"))
    return " · ".join(said)


def remembered(kind: str, question: str, answer: Callable[[], T]) -> T:
    """The answers of this session to questions it asked before; relative dates make a question new each day."""
    known: dict[str, T] = st.session_state.setdefault("builder_answers", {}).setdefault(kind, {})
    if question not in known:
        known[question] = answer()
        while len(known) > (KEPT_LARGE if kind in LARGE else KEPT):
            known.pop(next(iter(known)))
    return known[question]


def _wrong(source: SourceDraft, table: Table, problems: list[BadSpec]) -> dict[str, str]:
    """Which filter rows the problems are about: they name the column."""
    names = {c.id: c.name for c in table.columns}
    wrong: dict[str, str] = {}
    for problem in problems:
        for row in source.filters.rows():
            if row.finished and problem.field == names.get(row.column) and row.id not in wrong:
                wrong[row.id] = f"{problem.message} {problem.next_step}".strip()
                break
    return wrong


def _removed(source: SourceDraft, counts: Counts) -> dict[str, str]:
    """How many rows each step took away, by the row it belongs to: filters in the order they stand, then the time range.

    Filters of which any may match are one step together, and no single one of them removed anything.
    """
    items = [i for i in source.filters.items if _acts(i)]
    together = source.filters.match == "any" and len(items) > 1
    owners = ([""] if together else [i.id for i in items]) + (["time"] if source.time.choice != "any" else [])
    removed, before = {}, counts.source_rows
    for owner, step in zip(owners, counts.steps, strict=False):
        if owner:
            fewer = before - step.rows
            removed[owner] = n_("−{n} row", "−{n} rows", fewer) if fewer else _("removes no row")
        before = step.rows
    return removed


def _acts(item: FilterRow | FilterGroup) -> bool:
    """Whether it reaches the spec: a row with its values, a group with at least one of those."""
    return item.finished if isinstance(item, FilterRow) else any(row.finished for row in item.rows())
