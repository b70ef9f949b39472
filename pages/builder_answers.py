"""What the data says to the draft: how many rows each step leaves, what is wrong, the sentence, and the page in sight."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from core import previews
from core.desk import Desk
from core.engine.query import Counts
from core.engine.spec import ExportSpec
from core.engine.table import Table
from core.errors import BadSpec, DeskError
from core.previews import Shown
from pages.components import layout, preview, words
from pages.draft import ExportDraft, FilterGroup, FilterRow

PAGE = 15  # rows of the preview
REMEMBERED = 40  # answers kept in a session, so that going back to a filter asks nothing


@dataclass(frozen=True)
class Answers:
    """`counts` is None while something must be mended first, or in `trouble`; `asked` tells one question from another."""

    spec: ExportSpec
    asked: str
    problems: list[BadSpec] = field(default_factory=list)
    counts: Counts | None = None
    trouble: str = ""  # why there are no counts although nothing is wrong with the draft
    sentence: str = ""
    removed: dict[str, str] = field(default_factory=dict)  # row or group id, or "time" → "−1,204 rows"
    wrong: dict[str, str] = field(default_factory=dict)  # row id → what is wrong with it


def ask(desk: Desk, draft: ExportDraft, table: Table) -> Answers:
    """Check the draft, and count what it keeps if it can be counted."""
    spec = draft.to_spec(table)
    today = datetime.now(ZoneInfo(desk.workspace().zone)).date().isoformat()
    asked = json.dumps([str(table.path), today, [s.model_dump(mode="json") for s in spec.sources]], sort_keys=True)
    unfinished = draft.unfinished(table)
    found = remembered("problems", asked + spec.output.model_dump_json(), lambda: previews.problems(desk, spec))
    wrong = _wrong(draft, table, found)
    answers = Answers(spec, asked, [*unfinished, *found], wrong=wrong)
    if found or any(u.field in ("columns", "summary") for u in unfinished):
        return answers
    try:
        counts = remembered("counts", asked, lambda: previews.counts(desk, spec))
        sentence = previews.sentence(desk, spec)
    except BadSpec as error:
        return Answers(spec, asked, [*answers.problems, error], wrong=wrong)
    except DeskError as error:  # too long or too large for a screen; the export itself has more time and memory
        return Answers(spec, asked, answers.problems, trouble=error.message, wrong=wrong)
    removed = _removed(draft, counts)
    return Answers(spec, asked, answers.problems, counts, sentence=sentence, removed=removed, wrong=wrong)


def figures(answers: Answers, draft: ExportDraft, table: Table) -> None:
    """The answer, always in sight: how many rows, how many columns, in one sentence."""
    with st.container(key="figures", gap="xsmall"):
        if answers.counts is None:
            st.metric("Rows", "–")
            return
        kept = answers.counts.rows
        st.metric("Rows", f"{kept:,}")
        st.caption(layout.plain(difference(kept, table.rows, draft)))
        st.text(answers.sentence)


def difference(kept: int, there: int, draft: ExportDraft) -> str:
    columns = sum(p.on for p in draft.columns)
    said = [] if draft.summarise else [f"{columns:,} of {words.count(len(draft.columns), 'column')}"]
    if kept != there:
        said.insert(0, f"from {there:,}" if draft.summarise else f"−{there - kept:,} of {there:,}")
    return " · ".join(said)


def preview_card(desk: Desk, answers: Answers, key: str) -> None:
    if answers.trouble:
        st.caption(layout.plain(f"{answers.trouble} The export itself can run all the same."))
    elif answers.counts is None:
        st.caption("The preview comes back as soon as the points under “Your export” are mended.")
    elif answers.counts.rows == 0:
        empty = answers.counts.source_rows == 0
        st.caption("There are no rows in this data." if empty else "No row is left. Loosen a filter to see rows here.")
    else:
        _pages(desk, answers, answers.counts.rows, key)


@st.fragment
def _pages(desk: Desk, answers: Answers, rows: int, key: str) -> None:
    """Turning a page asks for that page alone; nothing else on the screen is drawn again."""
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="center", key="row_preview_foot"):
        said = st.empty()
        # Another question begins at its own first page.
        number = st.pagination(max(1, ceil(rows / PAGE)), key=f"{key}_page_{hash(answers.asked)}")
    first = (number - 1) * PAGE + 1
    said.caption(f"Rows {first:,} to {min(rows, first + PAGE - 1):,} of {rows:,}", width="stretch")
    with place, layout.telling():
        page: Shown = remembered(
            "page",
            f"{answers.asked} {number}",
            lambda: previews.shown(desk, answers.spec, number, PAGE, columns=preview.COLUMNS),
        )
        preview.show(page, first=first, key=f"{key}_preview", stamp=f"{hash(answers.asked)} {number}")


def remembered(kind: str, question: str, answer: Any) -> Any:
    """The answers of this session to questions it asked before; relative dates make a question new each day."""
    known: dict[tuple[str, str], Any] = st.session_state.setdefault("builder_answers", {})
    if (kind, question) not in known:
        known[kind, question] = answer()
        while len(known) > REMEMBERED:
            known.pop(next(iter(known)))
    return known[kind, question]


def _wrong(draft: ExportDraft, table: Table, problems: list[BadSpec]) -> dict[str, str]:
    """Which filter rows the problems are about: they name the column."""
    names = {c.id: c.name for c in table.columns}
    wrong: dict[str, str] = {}
    for problem in problems:
        for row in draft.filters.rows():
            if row.finished and problem.field == names.get(row.column) and row.id not in wrong:
                wrong[row.id] = f"{problem.message} {problem.next_step}".strip()
                break
    return wrong


def _removed(draft: ExportDraft, counts: Counts) -> dict[str, str]:
    """How many rows each step took away, by the row it belongs to: filters in the order they stand, then the time range.

    Filters of which any may match are one step together, and no single one of them removed anything.
    """
    items = [i for i in draft.filters.items if _acts(i)]
    together = draft.filters.match == "any" and len(items) > 1
    owners = ([""] if together else [i.id for i in items]) + (["time"] if draft.time.choice != "any" else [])
    removed, before = {}, counts.source_rows
    for owner, step in zip(owners, counts.steps, strict=False):
        if owner:
            removed[owner] = "removes no row" if step.rows == before else f"−{words.count(before - step.rows, 'row')}"
        before = step.rows
    return removed


def _acts(item: FilterRow | FilterGroup) -> bool:
    """Whether it reaches the spec: a row with its values, a group with at least one of those."""
    return item.finished if isinstance(item, FilterRow) else any(row.finished for row in item.rows())
