"""A group of numbers an administrator chooses: which holds, why, and the way back to what would hold without a choice."""

from __future__ import annotations

import streamlit as st

from core import choices
from core.choices import Group
from core.desk import Desk
from core.settings import Settings
from pages.components import explain, layout
from pages.texts import N_, _

TITLES = {"limits": N_("Limits"), "retention": N_("Retention"), "storage": N_("Warning")}


def show(desk: Desk, kind: type[Group], icon: str, about: str, *, blocked: str = "") -> None:
    """Fields, one button, and beside each field where its value comes from."""
    now = choices.of(desk, kind).model_dump()
    origins, without = choices.origins(desk, kind), choices.without(desk, kind)
    with layout.card(kind.NAME, _(TITLES[kind.NAME]), icon, about, help=explain.named_in(TITLES[kind.NAME])):
        typed: dict[str, int] = {}
        for name, field in kind.model_fields.items():
            with st.container(
                horizontal=True, vertical_alignment="bottom", gap="small", key=f"line_{kind.NAME}_{name}_named"
            ):
                value = st.number_input(
                    _(str(field.title)),
                    min_value=0,
                    value=now[name],
                    step=1,
                    key=f"{kind.NAME}_{name}_{now[name]}",
                    disabled=bool(blocked),
                    width=300,
                    help=explain.named_in(field.title, Settings.model_fields[name].description),
                )
                typed[name] = now[name] if value is None else int(value)
                _why(desk, kind, name, origins[name], without[name], blocked)
        if layout.button(_("Save"), f"{kind.NAME}_save", blocked=blocked, type="primary"):
            changed = {name: value for name, value in typed.items() if value != now[name]}
            with layout.telling():
                choices.choose(desk, kind, **changed)
                st.toast(_("Saved."), icon=":material/check_circle:")
                st.rerun()


def _why(desk: Desk, kind: type[Group], name: str, origin: str, without: int, blocked: str) -> None:
    """What the value means and where it comes from; a choice can be taken back."""
    described = Settings.model_fields[name].description or ""
    about = layout.plain(_(described))
    with st.container(width="stretch", gap=None, key=f"why_{name}"):
        if origin == "chosen":
            if layout.button(
                _("Back to {value}").format(value=f"{without:,}"), f"back_{name}", blocked=blocked, type="tertiary"
            ):
                choices.choose(desk, kind, **{name: None})
                st.rerun()
            st.caption(_("{about} Chosen here.").format(about=about))
        elif origin == "environment":
            said = _("{about} Set by {setting} when the desk was started.")
            setting = layout.plain(f"DESK_{name.upper()}")
            st.caption(said.format(about=about, setting=setting), help=explain.of("environment"))
        else:
            st.caption(_("{about} This is the default.").format(about=about))
