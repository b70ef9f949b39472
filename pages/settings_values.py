"""A group of numbers an administrator chooses: which holds, why, and the way back to what would hold without a choice."""

from __future__ import annotations

import streamlit as st

from core import choices
from core.choices import Group
from core.desk import Desk
from core.settings import Settings
from pages.components import layout

TITLES = {"limits": "Limits", "retention": "Retention", "storage": "Warning"}


def show(desk: Desk, kind: type[Group], icon: str, about: str, *, blocked: str = "") -> None:
    """Fields, one button, and beside each field where its value comes from."""
    now = choices.of(desk, kind).model_dump()
    origins, without = choices.origins(desk, kind), choices.without(desk, kind)
    with layout.card(kind.NAME, TITLES[kind.NAME], icon, about):
        typed: dict[str, int] = {}
        for name, field in kind.model_fields.items():
            with st.container(
                horizontal=True, vertical_alignment="bottom", gap="small", key=f"line_{kind.NAME}_{name}_named"
            ):
                value = st.number_input(
                    str(field.title),
                    min_value=0,
                    value=now[name],
                    step=1,
                    key=f"{kind.NAME}_{name}_{now[name]}",
                    disabled=bool(blocked),
                    width=300,
                )
                typed[name] = now[name] if value is None else int(value)
                _why(desk, kind, name, origins[name], without[name], blocked)
        if layout.button("Save", f"{kind.NAME}_save", blocked=blocked, type="primary"):
            changed = {name: value for name, value in typed.items() if value != now[name]}
            with layout.telling():
                choices.choose(desk, kind, **changed)
                st.toast("Saved.", icon=":material/check_circle:")
                st.rerun()


def _why(desk: Desk, kind: type[Group], name: str, origin: str, without: int, blocked: str) -> None:
    """What the value means and where it comes from; a choice can be taken back."""
    about = layout.plain(Settings.model_fields[name].description or "")
    with st.container(width="stretch", gap=None, key=f"why_{name}"):
        if origin == "chosen":
            if layout.button(f"Back to {without:,}", f"back_{name}", blocked=blocked, type="tertiary"):
                choices.choose(desk, kind, **{name: None})
                st.rerun()
            st.caption(f"{about} Chosen here.")
        elif origin == "environment":
            st.caption(f"{about} Set by {layout.plain(f'DESK_{name.upper()}')} when the desk was started.")
        else:
            st.caption(f"{about} As the desk comes.")
