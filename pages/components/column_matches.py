"""Which column of new data takes the place of which of a template: what names settled, and what has to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.engine.values import Column
from core.templating.matching import Matched
from pages.components import fields, layout
from pages.texts import N_, _, n_

HOW = {
    "same": N_("same name"),
    "alike": N_("same name, written otherwise"),
    "remembered": N_("as you said before"),
    "similar": N_("similar name"),
    "by_hand": N_("chosen by hand"),
}
USED = {
    "column": N_("column"),
    "summary": N_("summary"),
    "filter": N_("filter"),
    "time": N_("time range"),
    "sorting": N_("sorting"),
    "split": N_("split"),
}
SURE = ("same", "alike")
Said = dict[tuple[int, str], str | None]


def show(found: Sequence[Matched], columns: Sequence[Sequence[Column]], *, key: str) -> Said:
    """Draw the pairs; what whoever looks at them says of those that names alone did not settle (core.templating.matching.ByHand).

    `columns`: of each source's data, to choose from.
    """
    sure = [one for one in found if one.how in SURE]
    open_ = [one for one in found if one.how not in SURE]
    said: Said = {}
    for one in open_:
        said[one.source, one.wanted] = _choice(one, columns[one.source], key)
    if sure:
        label = n_("{n} column found by its name", "{n} columns found by their names", len(sure))
        if not open_:
            label = n_(
                "The one column it needs was found by its name", "All {n} columns were found by their names", len(sure)
            )
        with st.expander(label, icon=":material/check_circle:", type="compact", key=f"{key}_sure"):
            for one in sure:
                name = one.column.name if one.column else ""
                arrow = (
                    layout.plain(one.wanted)
                    if name == one.wanted
                    else f"{layout.plain(one.wanted)} ← {layout.plain(name)}"
                )
                st.markdown(f"{arrow} :gray[{_used(one)}]")
    return said


def _choice(one: Matched, columns: Sequence[Column], key: str) -> str | None:
    ids = [column.id for column in columns]
    names = {column.id: f"{column.name} ({_(column.words)})" for column in columns}
    own = fields.seeded(f"{key}_{one.source}_{one.wanted}", one.column.id if one.column else None)
    now = st.session_state[own]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"soft_{own}"):
        with st.container(gap=None, width="stretch", key=f"words_{own}"):
            st.markdown(f"**{layout.plain(one.wanted)}** :gray[{_used(one)}]")
            if now is None:
                st.caption(_(":orange[:material/error: Not in this data. Which column is it?]"))
            elif one.column and one.column.id == now and one.how == "similar":
                st.caption(_(":orange[:material/help: Only the name is similar: is this right?]"))
            else:
                how = one.how if one.how and one.column and one.column.id == now else "by_hand"
                st.caption(f":green[:material/check:] {_(HOW[how])}")
        near = [column.id for name in one.nearest for column in columns if column.name == name]
        order = [*dict.fromkeys([*near, *ids])]
        chosen: str | None = st.selectbox(
            _("Column for {name}").format(name=one.wanted),
            order,
            index=None,  # so that a proposal can be cleared
            format_func=names.__getitem__,
            placeholder=_("Choose a column"),
            label_visibility="collapsed",
            key=own,
            width=260,
        )
    return chosen


def _used(one: Matched) -> str:
    return ", ".join(_(USED[why]) for why in one.used)
