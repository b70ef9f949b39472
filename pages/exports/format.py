"""The same export in another format: the dialog that asks which, and what a converted one says of where it comes from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import converting, exports
from core.desk import Desk
from core.engine.formats import FORMATS
from core.workspaces import Clock
from pages import routes
from pages.components import dialogs, layout, options_form, words
from pages.session import checked
from pages.texts import N_, _

FORMAT = N_("Another format")
NEEDS_MORE = ("fixed", "template")  # they are told how each row is written: the builder asks for that


@dialogs.dialog(N_("Another format"), icon=":material/swap_horiz:", width="medium")
@checked
def ask(desk: Desk, job_id: str) -> None:
    job = exports.get(desk, job_id)
    st.caption(_("The same rows, as they were when this was exported. The file you have stays."))
    offered = [name for name in FORMATS if name != job.format and name not in NEEDS_MORE]
    chosen = st.selectbox(_("Format"), offered, format_func=lambda name: _(FORMATS[name].label), key="convert_format")
    st.caption(_(FORMATS[chosen].about))
    with st.expander(_("Options"), key="convert_more", type="compact"):
        options = options_form.show(FORMATS[chosen].Options, {}, key=f"convert_{chosen}")
    if st.button(_("Make it"), key="convert", type="primary", icon=":material/swap_horiz:"):
        with layout.telling():
            made = converting.convert(desk, job.id, chosen, options)
            dialogs.forget()
            routes.to_exports(made.id)


def about(desk: Desk, job: Any, clock: Clock) -> None:
    """Which export it is in another format, and since when its data was as it was."""
    if origin := converting.origin(desk, job):
        with layout.row("origin"):
            st.caption(_("The same rows in another format as"), width="content")
            if st.button(layout.plain(origin.name), key="open_origin", type="tertiary"):
                routes.to_exports(origin.id)
    if as_of := exports.data_at(job):
        st.caption(_("Data as of {when}").format(when=words.moment(as_of, clock)), help=_(
            "When its data was added, or last fetched and found unchanged; the oldest of it where there are several."
        ))  # fmt: skip
