"""The one script Streamlit runs: what the page is called, where one can go, who is looking."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core import sign_in
from pages import routes
from pages.components import banner, notices, styles, switcher, theme
from pages.session import current, desk

_STATIC = Path(__file__).parent / "static"

st.set_page_config(page_title="Export Desk", page_icon=str(_STATIC / "icon.svg"), layout="wide")
st.logo(_STATIC / "logo.svg", icon_image=_STATIC / "icon.svg", size="large")
styles.show()
acting = desk()  # a page of somebody who is not signed in ends here
signs_in = sign_in.required(acting)
page = st.navigation(
    {
        "": [
            st.Page(
                routes.HOME,
                title="Home",
                icon=":material/home:",
                default=True,
                help="Go on where you left off.",
            ),
            st.Page(
                routes.BUILDER,
                title="New export",
                icon=":material/add_circle:",
                url_path="new-export",
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
        ],
        "Workspace": [
            st.Page(
                routes.PEOPLE,
                title="People",
                icon=":material/group:",
                url_path="people",
                visibility="visible" if signs_in else "hidden",
                help="Who belongs to this workspace, and what each may do.",
            ),
            st.Page(
                routes.PROJECTS,
                title="Projects",
                icon=":material/folder:",
                url_path="all-projects",
                help="Data, exports and templates that belong together.",
            ),
            st.Page(
                routes.TOKENS,
                title="Tokens",
                icon=":material/key:",
                url_path="tokens",
                help="How programs sign in: what each may do, how often, until when.",
            ),
            st.Page(
                routes.RECENTLY_DELETED,
                title="Recently deleted",
                icon=":material/restore_from_trash:",
                url_path="recently-deleted",
                help="What was deleted, and how long it can still be restored.",
            ),
            st.Page(
                routes.ACTIVITY,
                title="Activity",
                icon=":material/manage_history:",
                url_path="activity",
                help="Who did what, when and from where, and what was refused.",
            ),
            st.Page(
                routes.WORKSPACE,
                title="Settings",
                icon=":material/tune:",
                url_path="workspace",
                help="What this workspace is called, how it shows things, how new exports begin.",
            ),
        ],
        "Installation": [
            st.Page(
                routes.STATUS,
                title="Status",
                icon=":material/monitor_heart:",
                url_path="status",
                visibility="visible" if acting.administrator else "hidden",
                help="Whether everything runs, and what to do where it does not.",
            ),
            st.Page(
                routes.SETTINGS,
                title="Installation settings",
                icon=":material/settings:",
                url_path="settings",
                visibility="visible" if acting.administrator else "hidden",
                help="Mail, limits, how long things are kept, the disk, and who may reach the desk.",
            ),
        ],
        "You": [
            st.Page(
                routes.ACCOUNT,
                title="My account",
                icon=":material/person:",
                url_path="account",
                help="Your name, time zone, look, notices, password, and where you are signed in.",
            )
        ],
    }
)
switcher.show(acting, current())
theme.follow(acting)
banner.show(acting)
notices.watch(acting)
page.run()
