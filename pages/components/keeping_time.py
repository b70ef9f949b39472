"""How long the files of an export are kept, where it shall be otherwise than usual."""

from __future__ import annotations

import streamlit as st

from pages.builder.draft import ExportDraft
from pages.components import explain, fields
from pages.texts import N_, _, n_

DAY = 24  # hours
USUAL = {
    None: N_("As long as usual"),
    DAY: N_("24 hours"),
    3 * DAY: N_("3 days"),
    7 * DAY: N_("7 days"),
    90 * DAY: N_("90 days"),
    365 * DAY: N_("A year"),
}


def show(draft: ExportDraft, *, key: str) -> None:
    """One choice; what a program wrote into the spec is among what is offered."""
    offered = [*USUAL, *([] if draft.keep_hours in USUAL else [draft.keep_hours])]
    name = f"{key}_keep_hours"
    draft.keep_hours = st.selectbox(
        _("Keep the file"),
        offered,
        key=fields.seeded(name, draft.keep_hours),
        format_func=words,
        help=explain.of("retention"),
    )


def words(hours: int | None) -> str:
    return _(USUAL[hours]) if hours in USUAL else n_("{n} hour", "{n} hours", hours or 0)
