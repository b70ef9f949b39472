"""Settings of the whole installation: mail, limits, retention, storage, access. Who may not change them sees why."""

from __future__ import annotations

import streamlit as st

from core import choices
from core.access import installation
from core.choices import Limits, Retention
from pages import session
from pages.components import explain, fields, layout
from pages.settings import access, mail
from pages.settings import values as settings_values
from pages.texts import N_, _

SECTIONS = (N_("Mail"), N_("Limits"), N_("Retention"), N_("Storage"), N_("Access"))

desk = session.desk()


def story() -> None:
    layout.header(
        _("Installation settings"),
        _("For every workspace of this desk. Changes hold within seconds."),
        help=explain.of("workspace", "retention"),
    )
    fields.addressed("section", SECTIONS)
    section = st.segmented_control(
        _("Section"),
        SECTIONS,
        format_func=_,
        default="Mail",
        required=True,
        key="section",
        bind="query-params",
        label_visibility="collapsed",
    )
    blocked = installation.blocked(desk, choices.CHANGE.replace("this", "the"))
    if section == "Limits":
        settings_values.show(
            desk,
            Limits,
            ":material/speed:",
            _("How much one export, import or upload may use. 0 is no limit."),
            blocked=blocked,
        )
    elif section == "Retention":
        settings_values.show(
            desk,
            Retention,
            ":material/auto_delete:",
            _("How long things are kept before they are gone."),
            blocked=blocked,
        )
    elif blocked:  # which servers and networks there are is nobody else's business
        with layout.empty("settings", _("This is for administrators"), blocked, ":material/lock:"):
            pass
    elif section == "Mail":
        mail.show(desk)
    elif section == "Storage":
        access.storage(desk)
    else:
        access.show(desk)
        access.outside(desk)
        access.intake(desk)


story()
