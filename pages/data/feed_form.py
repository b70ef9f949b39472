"""The form of where a dataset comes from: a way, its options, its secrets; for a database a table from its list.

Secrets are typed in and never shown again; an empty field keeps what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from core import feeds, fetching, outside
from core.desk import Desk
from core.feeds import Feed, OnChange
from core.fetching.base import Method
from pages.components import host_key, layout, options_form, secret_fields
from pages.texts import N_, _

PREFIX = "feed_"  # of every key here, so that a form begins empty
ON_CHANGE: dict[OnChange, str] = {
    "warn": N_("Use them as they are, and say what changed"),
    "refuse": N_("Keep the data as it is, and say what changed"),
}


@dataclass(frozen=True)
class Wanted:
    """What was filled in."""

    method: str
    options: dict[str, Any]
    secrets: dict[str, str]
    on_change: OnChange
    sheet: str  # of a workbook; "": the one it was read from, of new data its first


def forget() -> None:
    """Nothing of a form that was open before stays, its secrets least of all."""
    for key in [k for k in st.session_state if str(k).startswith(PREFIX)]:
        del st.session_state[key]


def show(desk: Desk, feed: Feed | None, dataset: str | None = None) -> Wanted:
    """The form, with what holds now; `dataset`: of which dataset it is the feed, or is to be."""
    offered = {method.name: method for method in fetching.every()}
    names = list(offered)
    chosen = st.selectbox(
        _("From"),
        names,
        index=names.index(feed.method) if feed else 0,
        format_func=lambda name: _(offered[name].label),
        key=f"{PREFIX}method",
    )
    method = offered[chosen]
    mine = feed if feed is not None and feed.method == chosen else None
    key = f"{PREFIX}{method.name}"
    values = dict(mine.options) if mine else {}
    if "root" in method.model.model_fields:
        values |= _folder(desk, values, key)
    options = options_form.show(method.model, values, key=f"{key}_options")
    secrets = secret_fields.show(method.secrets, mine.secrets if mine else (), key)
    if "host_key" in method.model.model_fields:
        options = host_key.show(partial(feeds.host_key, desk), options, key)
    if method.lists_tables:
        options = _table(options, key, partial(feeds.tables, desk, chosen, secrets=secrets, dataset=dataset))
    sheet = "" if method.lists_tables else _sheet(feed, new=dataset is None)
    on_change = st.selectbox(
        _("If its columns change"),
        list(ON_CHANGE),
        index=list(ON_CHANGE).index(feed.on_change) if feed and feed.on_change in ON_CHANGE else 0,
        format_func=lambda one: _(ON_CHANGE[one]),
        key=f"{PREFIX}on_change",
    )
    return Wanted(chosen, options, secrets, on_change, sheet)


def label(method: str) -> str:
    """What a way is called."""
    found: Method[Any] = fetching.get(method)
    return _(found.label)


def _sheet(feed: Feed | None, *, new: bool) -> str:
    return st.text_input(
        _("Sheet"),
        value=feeds.sheet(feed) if feed else "",
        placeholder=_("The first one") if new else _("The same as before"),
        help=_("Only of a workbook (Excel, OpenDocument), where it has several: the name of the sheet to take."),
        key=f"{PREFIX}sheet",
        autocomplete="off",
    ).strip()


def _folder(desk: Desk, values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    allowed = [*dict.fromkeys([*outside.folders(desk), *([values["root"]] if values.get("root") else [])])]
    if not allowed:
        st.warning(_("No folder is allowed yet. An administrator allows one under Installation settings, Access."))
        return {}
    now = values.get("root")
    index = allowed.index(now) if now in allowed else 0
    return {"root": st.selectbox(_("Folder of the server"), allowed, index=index, key=f"{key}_root")}


def _table(options: dict[str, Any], key: str, look: Callable[[Mapping[str, Any]], Sequence[str]]) -> dict[str, Any]:
    """A table from the list of the database, once it was asked; a query takes its place."""
    if options.get("query"):
        return {name: value for name, value in options.items() if name != "table"}
    if layout.button(_("Show its tables"), f"{key}_look_tables", icon=":material/list:"):
        with layout.telling():
            st.session_state[f"{key}_tables"] = look({n: v for n, v in options.items() if n != "table"})
    listed: Sequence[str] = st.session_state.get(f"{key}_tables", ())
    now = str(options.get("table", ""))
    every = [*dict.fromkeys([*([now] if now else []), *listed])]
    if not every:
        return options
    chosen = st.selectbox(
        _("Table or view"), every, index=0 if now else None, key=f"{key}_table", placeholder=_("Choose one")
    )
    return options | {"table": chosen} if chosen else options
