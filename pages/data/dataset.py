"""One dataset: what its columns hold and why they are read so, its rows, the rows set aside, its versions."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import datasets
from core.access import roles
from core.desk import Desk
from core.engine.ingest.options import Understood
from core.engine.summary import ColumnProfile
from core.engine.values import DATED, Column
from core.workspaces import Clock
from pages import belonging, routes
from pages.data import actions, feed, reading_again
from pages.components import columns_table, layout, looks, words
from pages.texts import _, n_

ROWS, PROBLEMS = 50, 200  # shown at a time


def show(desk: Desk, slug: str, clock: Clock) -> None:
    if st.button(_("Data"), key="back_to_data", type="tertiary", icon=":material/arrow_back:"):
        st.query_params.pop("dataset", None)
        st.rerun()
    with layout.telling():
        dataset = datasets.get(desk, slug)
        version = datasets.version(desk, dataset.version_id or "")
        columns = datasets.columns(version)
        with layout.header(dataset.name, facts(version, clock)):
            actions.menu(desk, dataset)
            blocked = roles.blocked(desk, "exports.run")
            if layout.button(
                _("New export from this"), "new_export", blocked=blocked, type="primary", icon=":material/add_circle:"
            ):
                routes.to_builder(dataset=dataset.slug)
        belonging.show(desk, "dataset", dataset)
        feed.show(desk, dataset, clock)
        date_column(desk, dataset, version, columns)
        tabs = st.tabs(
            [
                _("Columns"),
                _("Rows"),
                _("Set aside ({rows})").format(rows=f"{version.problems:,}") if version.problems else _("Set aside"),
                _("Versions"),
            ]
        )
        with tabs[0], layout.card("columns"):
            columns_table.show(columns, [ColumnProfile.model_validate(p) for p in version.profile])
        with tabs[1], layout.card("rows"):
            rows(desk, dataset, columns)
        with tabs[2], layout.card("problems"):
            problems(desk, version)
        with tabs[3], layout.card("versions"):
            versions(desk, dataset, clock)
        reading_again.show(desk, dataset, version, columns)


def facts(version: Any, clock: Clock, by: str = "") -> str:
    """`by`: the name of whoever added it, where it is known."""
    when = words.moment(version.created_at, clock)
    return " · ".join(
        [
            words.rows(version.rows),
            words.columns(len(version.columns)),
            f"{version.source_name} ({words.size(version.bytes)})",
            _("added {when} by {name}").format(when=when, name=by) if by else _("added {when}").format(when=when),
        ]
    )


def date_column(desk: Desk, dataset: Any, version: Any, columns: tuple[Column, ...]) -> None:
    """The one column that time ranges mean: guessed when the data was added, and the person's to change."""
    dated = [c for c in columns if c.kind in DATED]
    with layout.card("date"), st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_(":material/calendar_month: **Main date column**"), width="content")
        if not dated:
            st.caption(_("None of the columns holds dates, so time ranges are not offered for this table."))
            return
        names = {c.id: c.name for c in dated}
        current = dataset.date_column or version.date_column
        chosen = st.selectbox(
            _("Main date column"), list(names), index=list(names).index(current) if current in names else None,
            format_func=names.__getitem__, label_visibility="collapsed", key=f"date_column_{dataset.id}", width=240,
            disabled=not roles.may(desk, "data.change", dataset),
            help=layout.said(roles.blocked(desk, "data.change", dataset)) or None,
        )  # fmt: skip
        st.caption(_("“Last month” and other time ranges mean this date."), width="stretch")
        if chosen and chosen != current:
            datasets.set_date_column(desk, dataset.id, chosen)
            said = _("Time ranges now use **{column}**.").format(column=layout.plain(names[chosen]))
            st.toast(said, icon=":material/calendar_month:")
            st.rerun()


def rows(desk: Desk, dataset: Any, columns: tuple[Column, ...]) -> None:
    looks.table(columns, datasets.rows(desk, dataset.id, limit=ROWS), key="dataset_rows", height=620)
    st.caption(
        n_(
            "The first row. A new export pages through all of them.",
            "The first {n} rows. A new export pages through all of them.",
            ROWS,
        )
    )


def problems(desk: Desk, version: Any) -> None:
    """Nothing is dropped unseen: each row that did not fit, where it stands, and why."""
    if not version.problems:
        st.caption(_(":material/check_circle: Every row of the file could be read."))
        return
    st.caption(
        n_(
            "{n} row of the file did not fit the table and stands here, not in it.",
            "{n} rows of the file did not fit the table and stand here, not in it.",
            version.problems,
        )
    )
    looks.problem_table([p.model_dump() for p in datasets.problems(desk, version.id, limit=PROBLEMS)])


def versions(desk: Desk, dataset: Any, clock: Clock) -> None:
    """Every file it was made from. Going back is going to a version that is there: nothing is read again, nothing lost."""
    people = datasets.people(desk, dataset.id)
    for one in datasets.versions(desk, dataset.id):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"version_{one.number}"):
            with st.container(gap=None, width="stretch", key=f"words_version_{one.number}"):
                st.markdown(_("**Version {number}**").format(number=one.number))
                st.caption(layout.plain(facts(one, clock, people.get(one.owner_id, ""))))
            if one.id == dataset.version_id:
                st.badge(_("In use"), icon=":material/check_circle:", color="green")
            elif layout.button(
                _("Use this version"),
                f"use_{one.number}",
                blocked=roles.blocked(desk, "data.change", dataset),
                icon=":material/history:",
            ):
                datasets.use_version(desk, dataset.id, one.id)
                said = _("Version {number} is in use again.").format(number=one.number)
                st.toast(said, icon=":material/history:")
                st.rerun()
    looks_like = Understood.model_validate(datasets.version(desk, dataset.version_id).understood)
    how = layout.plain(" · ".join(looks.facts_of(looks_like)))
    st.caption(_("Version in use, read as: {facts}").format(facts=how))
