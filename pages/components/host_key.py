"""The key of an SFTP server: looked at, compared and confirmed once; only that one is trusted from then on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core import destinations
from pages.components import layout
from pages.texts import _


def show(look: Callable[[str, int], Any], options: dict[str, Any], key: str) -> dict[str, Any]:
    """The options with the key that was confirmed. `look(host, port)` asks the server for the one it shows now."""
    where = (str(options.get("host", "")), int(options.get("port", 22)))
    seen = st.session_state.get(f"{key}_seen")
    with st.container(border=True, key=f"{key}_hostkey", gap="small"):
        st.markdown(_("**Key of the server**"))
        if options.get("host_key") and not (seen and seen[0] == where):
            st.code(destinations.fingerprint(options["host_key"]), language=None, wrap_lines=True)
            st.caption(_("Confirmed. Only a server that shows this key is spoken to."))
        elif seen and seen[0] == where:
            options = _confirm(options, seen[1], key)
        else:
            st.caption(_("The desk looks at the key once. You compare it with what the owner of the server says."))
        label = _("Look again") if options.get("host_key") or seen else _("Look at its key")
        blocked = "" if where[0] else _("Type the server first.")
        if layout.button(label, f"{key}_look", blocked=blocked, icon=":material/key:"):
            with layout.telling():
                st.session_state[f"{key}_seen"] = (where, look(*where))
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
    st.caption(_("Until it is confirmed, it is not spoken to."))
    return kept
