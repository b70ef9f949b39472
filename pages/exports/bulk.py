"""Export several datasets at once: which, as what, and whether by month. One zip comes of it."""

from __future__ import annotations

import streamlit as st

from core import bulk, datasets
from core.desk import Desk
from core.engine.formats import FORMATS
from pages import routes
from pages.components import dialogs, explain, layout
from pages.session import checked
from pages.texts import N_, _

SEVERAL = "export_several"


@dialogs.dialog(N_("Export several datasets"), icon=":material/folder_zip:")
@checked
def show(desk: Desk) -> None:
    names = {one.id: one.name for one in sorted(datasets.list(desk), key=lambda one: one.name.casefold())}
    usual = desk.workspace().default_format
    with st.form("export_several_form", border=False):
        chosen = st.multiselect(
            _("Datasets"), list(names), placeholder=_("All of them"), format_func=lambda id: names.get(id, id)
        )
        formats = list(FORMATS)
        format = st.selectbox(
            _("Format"),
            formats,
            index=formats.index(usual) if usual in formats else 0,
            format_func=lambda f: _(FORMATS[f].label),
        )
        by_month = st.toggle(
            _("A file for every month"),
            help=_("By the main date column of each dataset. One without dates stays one file."),
        )
        st.caption(
            _("You get one zip with a file each, and a manifest that lists them with their rows."),
            help=explain.of("manifest"),
        )
        if st.form_submit_button(_("Export"), type="primary"):
            with layout.telling():
                bulk.start(desk, chosen or None, format=format, by_month=by_month)
                dialogs.forget()
                routes.to_exports()
