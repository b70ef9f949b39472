"""Before files leave the house: which of their columns look personal, and one click to hide what they say."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import personal
from core.desk import Desk
from core.engine.protection import MASK, PSEUDONYM, WAYS
from core.personal import Personal
from pages.builder import source as builder_source
from pages.builder.answers import remembered
from pages.builder.draft import ColumnPick, ExportDraft, SourceDraft, Tables
from pages.components import personal_hint
from pages.texts import N_, _

LEAVE_OUT, KEEP = "leave_out", "keep"
_KEPT = "personal_kept"  # (dataset, column) that somebody chose to send as they are, for as long as they are here
# what one click does to all of them: what, label, icon, what it means
OFFERED = (
    (MASK, N_("Mask"), ":material/visibility_off:", N_("Shows just enough to notice a mistake: a***@example.org.")),
    (PSEUDONYM, N_("Pseudonymise"), ":material/key:", N_("The same person gets the same code in every export.")),
    (LEAVE_OUT, N_("Leave out"), ":material/remove_selection:", N_("These columns are not in the file.")),
    (KEEP, N_("Send as it is"), ":material/check:", N_("You know who gets it, and they may have it.")),
)


def show(desk: Desk, draft: ExportDraft, tables: Tables, key: str) -> None:
    """Of the columns that are ticked and shown as they are; nothing where whoever sends them has decided."""
    open_ones = {source.id: _undecided(desk, source, tables) for source in draft.sources}
    found = [(source, one) for source in draft.sources for one in open_ones[source.id]]
    if not found:
        return
    with st.container(border=True, key=f"{key}_personal", gap="xsmall"):
        st.markdown(personal_hint.sentence([one for _source, one in found]))
        with st.container(horizontal=True, gap="small", key=f"row_{key}_personal"):
            for what, label, icon, about in OFFERED:
                if st.button(_(label), key=f"{key}_personal_{what}", icon=icon, help=_(about), type="tertiary"):
                    _decide(draft, open_ones, what)
                    builder_source.renew(desk, draft, tables)
                    st.rerun()


def _undecided(desk: Desk, source: SourceDraft, tables: Tables) -> Sequence[Personal]:
    if source.summarise:
        return []
    path = str(tables[source.dataset].path)
    found: Sequence[Personal] = remembered("personal", path, lambda: personal.look(desk, source.dataset))
    open_ones = {pick.column for pick in source.columns if pick.on and pick.format not in WAYS}
    kept = st.session_state.get(_KEPT, set())
    return [one for one in found if one.column in open_ones and (source.dataset, one.column) not in kept]


def _decide(draft: ExportDraft, open_ones: dict[str, Sequence[Personal]], what: str) -> None:
    for source in draft.sources:
        meant = {one.column for one in open_ones[source.id]}
        if what == KEEP:
            st.session_state[_KEPT] = st.session_state.get(_KEPT, set()) | {(source.dataset, one) for one in meant}
            continue
        source.columns = [_changed(pick, what) if pick.column in meant else pick for pick in source.columns]


def _changed(pick: ColumnPick, what: str) -> ColumnPick:
    return pick.model_copy(update={"on": False} if what == LEAVE_OUT else {"format": what})
