"""Whose a thing is, in lists: a quiet badge on what others shared, and on one's own that others see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.access import members, sign_in
from core.desk import Desk
from pages.components import layout
from pages.texts import _


def names(desk: Desk) -> Mapping[str, str]:
    """Account id → name, once a list; nobody on a desk for one person."""
    return members.names(desk) if sign_in.required(desk) else {}


def badge(desk: Desk, thing: Any, names: Mapping[str, str]) -> None:
    """ "by Budi" on a thing of somebody else, "Shared" on one's own that everybody sees; nothing on the rest."""
    if thing.owner_id != desk.account_id and names:
        name = names.get(thing.owner_id) or _("somebody")
        layout.badge(_("by {name}").format(name=name), ":material/person:")
    elif thing.shared and names:
        st.badge(_("Shared"), icon=":material/group:", color="gray")
