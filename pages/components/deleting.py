"""The two buttons under the question whether something shall go: keep it, or into the bin with it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.components import dialogs, layout
from pages.texts import _


def buttons(kind: str, name: str, delete: Callable[[], object], *, blocked: str = "") -> None:
    """At the end of a dialog about the thing called `name`. `kind` tells the buttons of one dialog from another's."""
    with layout.row("confirm_delete", align="right"):
        if st.button(_("Keep it"), key=f"keep_{kind}"):
            dialogs.close()
        if layout.button(_("Delete"), f"delete_{kind}", blocked=blocked, type="primary"):
            with layout.telling():
                delete()
                dialogs.close(_("**{name}** was deleted.").format(name=layout.plain(name)), ":material/delete:")
