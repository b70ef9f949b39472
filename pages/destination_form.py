"""The form of a destination, drawn from its method: its options, its secrets, and for SFTP the key of the server.

Secrets are typed in and never shown again; an empty field keeps what there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core import delivery as methods
from core import destinations, outside
from core.delivery.base import Method
from core.desk import Desk
from core.destinations import Destination
from core.notifying import mail
from pages.components import dialogs, host_key, layout, options_form, secret_fields
from pages.texts import _

PREFIX = "destination_"  # of every key here, so that a form begins empty


def forget() -> None:
    """Nothing of a form that was open before stays, its secrets least of all."""
    for key in [k for k in st.session_state if str(k).startswith(PREFIX)]:
        del st.session_state[key]


def dismissed() -> None:
    forget()
    dialogs.forget()


def show(desk: Desk, one: Destination | None) -> None:
    """A new destination (None), or one to change."""
    offered = {method.name: method for method in methods.every()}
    if one is None:
        chosen = st.selectbox(
            _("How"), list(offered), format_func=lambda name: _(offered[name].label), key=f"{PREFIX}method"
        )
        method = offered[chosen]
    else:
        method = offered[one.method]
    key = f"{PREFIX}{method.name}"
    _before(desk, method)
    name = st.text_input(
        _("Name"),
        value=one.name if one else "",
        max_chars=destinations.MAX_NAME,
        placeholder=_("After whoever gets the files"),
        key=f"{key}_name",
        autocomplete="off",
    )
    values = dict(one.options) if one else {}
    if method.name == "folder":
        values |= _folder(desk, values, key)
    options = options_form.show(method.model, values, key=f"{key}_options")
    if method.name == "sftp":
        options = host_key.show(partial(destinations.host_key, desk), options, key)
    secrets = secret_fields.show(method.secrets, one.secrets if one else (), key)
    if layout.button(
        _("Save"), f"{key}_save", blocked="" if name.strip() else _("Give it a name first."), type="primary"
    ):
        with layout.telling():
            if one is None:
                made = destinations.make(desk, name, method.name, options, secrets)
            else:
                made = destinations.change(desk, one.id, name=name, options=options, secrets=secrets)
            forget()
            saved = _("**{name}** is saved. Send a test file to see whether everything arrives.")
            dialogs.close(saved.format(name=layout.plain(made.name)))


def _before(desk: Desk, method: Method[Any]) -> None:
    """What an administrator has to do first, before somebody fills in a form in vain."""
    if method.name == "email" and not mail.configured(desk):
        st.warning(_("Mail is not set up on this desk. An administrator does it under Installation settings, Mail."))


def _folder(desk: Desk, values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    allowed = [*dict.fromkeys([*outside.folders(desk), *([values["root"]] if values.get("root") else [])])]
    if not allowed:
        st.warning(_("No folder is allowed yet. An administrator allows one under Installation settings, Access."))
        return {}
    now = values.get("root")
    index = allowed.index(now) if now in allowed else 0
    return {"root": st.selectbox(_("Folder of the server"), allowed, index=index, key=f"{key}_root")}
