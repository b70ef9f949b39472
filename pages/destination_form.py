"""The form of a destination, drawn from its method: its options, its secrets, and for SFTP the key of the server.

Secrets are typed in and never shown again; an empty field keeps what there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import delivery as methods
from core import destinations, mail, outside
from core.delivery.base import Method, Secret
from core.desk import Desk
from core.destinations import Destination
from pages.components import dialogs, layout, options_form
from pages.texts import _

PREFIX = "destination_"  # of every key here, so that a form begins empty
SEEN = PREFIX + "seen_key"  # (host, port) and the key that was shown for it


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
        options = _host_key(desk, options, key)
    secrets = _secrets(method, one, key)
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


def _secrets(method: Method[Any], one: Destination | None, key: str) -> dict[str, str]:
    """Those that were typed."""
    kept = set(one.secrets) if one else set()
    typed = {secret.key: _secret(secret, secret.key in kept, f"{key}_secret_{secret.key}") for secret in method.secrets}
    given = {name: text for name, text in typed.items() if text}
    for secret in method.secrets:
        if secret.key in kept and st.session_state.get(f"{key}_forget_{secret.key}"):
            given[secret.key] = ""
    return given


def _secret(secret: Secret, kept: bool, key: str) -> str:
    label, hint = _(secret.label), _("Kept. Type to replace it.") if kept else ""
    if secret.long:
        typed = st.text_area(label, key=key, height=110, placeholder=hint, help=_(secret.help) or None)
    else:
        typed = st.text_input(
            label, key=key, type="password", placeholder=hint, autocomplete="new-password", help=_(secret.help) or None
        )
    if kept:
        st.checkbox(_("Forget it"), key=key.replace("_secret_", "_forget_"))
    return typed or ""


def _host_key(desk: Desk, options: dict[str, Any], key: str) -> dict[str, Any]:
    """The key the server shows is looked at, compared and confirmed once; only that one is trusted from then on."""
    where = (str(options.get("host", "")), int(options.get("port", 22)))
    seen = st.session_state.get(SEEN)
    with st.container(border=True, key=f"{key}_hostkey", gap="small"):
        st.markdown(_("**Key of the server**"))
        if options.get("host_key") and not (seen and seen[0] == where):
            st.code(destinations.fingerprint(options["host_key"]), language=None, wrap_lines=True)
            st.caption(_("Confirmed. Files go only to a server that shows this key."))
        elif seen and seen[0] == where:
            options = _confirm(options, seen[1], key)
        else:
            st.caption(_("The desk looks at the key once. You compare it with what the owner of the server says."))
        label = _("Look again") if options.get("host_key") or seen else _("Look at its key")
        blocked = "" if where[0] else _("Type the server first.")
        if layout.button(label, f"{key}_look", blocked=blocked, icon=":material/key:"):
            with layout.telling():
                st.session_state[SEEN] = (where, destinations.host_key(desk, *where))
                st.session_state.pop(f"{key}_confirmed", None)
                st.rerun(scope="fragment")
    return options


def _confirm(options: dict[str, Any], shown: Any, key: str) -> dict[str, Any]:
    st.code(shown.fingerprint, language=None, wrap_lines=True)
    kept = {name: value for name, value in options.items() if name != "host_key"}
    if options.get("host_key") and options["host_key"] != shown.line:
        st.warning(_("This is another key than the one that was confirmed before. Ask why, before you trust it."))
    if st.checkbox(_("This is the key its owner named"), key=f"{key}_confirmed"):
        return kept | {"host_key": shown.line}
    st.caption(_("Until it is confirmed, nothing is sent there."))
    return kept
