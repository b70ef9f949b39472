"""The ⋯ of a thing: what can be done with it. What the person may not do stands there with a lock, and says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.access import roles
from core.desk import Desk
from pages.components import layout
from pages.texts import _


@dataclass(frozen=True)
class Action:
    """`use` is the use case it needs (core.access.roles); empty: everybody may."""

    icon: str
    use: str = ""


def menu(desk: Desk, offered: Mapping[str, Action], thing: Any, *, key: str) -> str | None:
    """The chosen label, if it may be done. Where nothing in it may be done, the whole menu says why."""
    allowed = {label for label, action in offered.items() if not action.use or roles.may(desk, action.use, thing)}
    blocked = "" if allowed else roles.blocked(desk, next(iter(offered.values())).use, thing)

    def words(label: str) -> str:
        return f"{offered[label].icon if label in allowed else ':material/lock:'} {_(label)}"

    chosen = st.menu_button(
        _("More"),
        list(offered),
        key=key,
        type="tertiary",
        disabled=bool(blocked),
        help=layout.said(blocked) or None,
        format_func=words,
    )
    if chosen and chosen not in allowed:
        st.toast(layout.plain(roles.blocked(desk, offered[chosen].use, thing)), icon=":material/lock:")
        return None
    return chosen
