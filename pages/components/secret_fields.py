"""Fields of secrets: typed in and never shown again; an empty field keeps what there is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from core.delivery.base import Secret
from pages.texts import _


def show(secrets: Sequence[Secret], kept: Collection[str], key: str) -> dict[str, str]:
    """Those that were typed; "" for one that is to be forgotten. `kept`: the keys of those there are."""
    typed = {secret.key: _field(secret, secret.key in kept, f"{key}_secret_{secret.key}") for secret in secrets}
    given = {name: text for name, text in typed.items() if text}
    for secret in secrets:
        if secret.key in kept and st.session_state.get(f"{key}_forget_{secret.key}"):
            given[secret.key] = ""
    return given


def _field(secret: Secret, kept: bool, key: str) -> str:
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
