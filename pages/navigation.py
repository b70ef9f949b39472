"""The one script Streamlit runs: what the page is called, where one can go, who is looking."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages import routes
from pages.components import notices, styles
from pages.session import desk

_STATIC = Path(__file__).parent / "static"

st.set_page_config(page_title="Export Desk", page_icon=str(_STATIC / "icon.svg"), layout="wide")
st.logo(_STATIC / "logo.svg", icon_image=_STATIC / "icon.svg", size="large")
styles.show()

page = st.navigation(
    [
        st.Page(
            routes.BUILDER,
            title="New export",
            icon=":material/add_circle:",
            default=True,
            help="Choose data, keep the rows and columns you need, and download the file.",
        ),
        st.Page(
            routes.MY_EXPORTS,
            title="My exports",
            icon=":material/history:",
            url_path="my-exports",
            help="Everything you have exported: download it again, run it again, see its receipt.",
        ),
        st.Page(
            routes.DATA,
            title="Data",
            icon=":material/table:",
            url_path="data",
            help="The spreadsheets and files you have added, and what is in them.",
        ),
        st.Page(
            routes.TEMPLATES,
            title="Templates",
            icon=":material/bookmark:",
            url_path="templates",
            help="Exports you saved, ready to run again.",
        ),
    ]
)
notices.watch(desk())
page.run()
