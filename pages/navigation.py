"""The one script Streamlit runs: what the page is called, where one can go, who is looking."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.access import accounts, roles, sign_in
from pages import routes, texts
from pages.components import banner, bell, name_menu, notices, styles, switcher, theme
from pages.session import SignedOut, current, desk, lead_to_sign_in
from pages.texts import _

_STATIC = Path(__file__).parent / "static"

st.set_page_config(page_title="Export Desk", page_icon=str(_STATIC / "icon.svg"), layout="wide")
st.logo(_STATIC / "logo.svg", icon_image=_STATIC / "icon.svg", size="large")
styles.show()


def draw() -> None:
    """The page that was asked for, and what stands around every page. Raises SignedOut, anywhere."""
    acting = desk()
    texts.prefer(accounts.preferences(acting).language)
    signs_in = sign_in.required(acting)
    page = st.navigation(
        {
            "": [
                st.Page(
                    routes.HOME,
                    title=_("Home"),
                    icon=":material/home:",
                    default=True,
                    help=_("Go on where you left off."),
                ),
                st.Page(
                    routes.BUILDER,
                    title=_("New export"),
                    icon=":material/add_circle:",
                    url_path="new-export",
                    help=_("Choose data, keep the rows and columns you need, and download the file."),
                ),
                st.Page(
                    routes.MY_EXPORTS,
                    title=_("My exports"),
                    icon=":material/history:",
                    url_path="my-exports",
                    help=_("Everything you have exported: download it again, run it again, see its receipt."),
                ),
                st.Page(
                    routes.DATA,
                    title=_("Data"),
                    icon=":material/table:",
                    url_path="data",
                    help=_("The spreadsheets and files you have added, and what is in them."),
                ),
                st.Page(
                    routes.TEMPLATES,
                    title=_("Templates"),
                    icon=":material/bookmark:",
                    url_path="templates",
                    help=_("Exports you saved, ready to run again."),
                ),
                st.Page(
                    routes.SCHEDULES,
                    title=_("Schedules"),
                    icon=":material/schedule:",
                    url_path="schedules",
                    help=_("Templates that run by themselves: what comes next, and what came of the last time."),
                ),
                st.Page(
                    routes.CHECK_FILE,
                    title=_("Check a file"),
                    icon=":material/fact_check:",
                    url_path="check-a-file",
                    help=_("Whether a file was exported here, unchanged, and by which export."),
                ),
                st.Page(
                    routes.INSIGHTS,
                    title=_("Insights"),
                    icon=":material/query_stats:",
                    url_path="insights",
                    help=_("What was exported, when, by whom, and how well."),
                ),
            ],
            _("Workspace"): [
                st.Page(
                    routes.PEOPLE,
                    title=_("People"),
                    icon=":material/group:",
                    url_path="people",
                    visibility="visible" if signs_in else "hidden",
                    help=_("Who belongs to this workspace, and what each may do."),
                ),
                st.Page(
                    routes.PROJECTS,
                    title=_("Projects"),
                    icon=":material/folder:",
                    url_path="all-projects",
                    help=_("Data, exports and templates that belong together."),
                ),
                st.Page(
                    routes.DESTINATIONS,
                    title=_("Destinations"),
                    icon=":material/outbox:",
                    url_path="destinations",
                    help=_("Places your files are delivered to: mail, servers, cloud storage, folders."),
                ),
                st.Page(
                    routes.TOKENS,
                    title=_("Tokens"),
                    icon=":material/key:",
                    url_path="tokens",
                    help=_("How programs sign in: what each may do, how often, until when."),
                ),
                st.Page(
                    routes.STORAGE,
                    title=_("Storage"),
                    icon=":material/hard_drive:",
                    url_path="storage",
                    visibility="visible" if roles.may(acting, "workspace.storage") else "hidden",
                    help=_("What takes space, what goes by itself, and how much there may be."),
                ),
                st.Page(
                    routes.RECENTLY_DELETED,
                    title=_("Recently deleted"),
                    icon=":material/restore_from_trash:",
                    url_path="recently-deleted",
                    help=_("What was deleted, and how long it can still be restored."),
                ),
                st.Page(
                    routes.ACTIVITY,
                    title=_("Activity"),
                    icon=":material/manage_history:",
                    url_path="activity",
                    help=_("Who did what, when and from where, and what was refused."),
                ),
                st.Page(
                    routes.WORKSPACE,
                    title=_("Settings"),
                    icon=":material/tune:",
                    url_path="workspace",
                    help=_("What this workspace is called, how it shows things, how new exports begin."),
                ),
            ],
            _("Installation"): [
                st.Page(
                    routes.STATUS,
                    title=_("Status"),
                    icon=":material/monitor_heart:",
                    url_path="status",
                    visibility="visible" if acting.administrator else "hidden",
                    help=_("Whether everything runs, and what to do where it does not."),
                ),
                st.Page(
                    routes.ACCOUNTS,
                    title=_("Accounts"),
                    icon=":material/manage_accounts:",
                    url_path="accounts",
                    visibility="visible" if acting.administrator and signs_in else "hidden",
                    help=_("Everybody who has an account here: close one, sign somebody out, help with a password."),
                ),
                st.Page(
                    routes.SETTINGS,
                    title=_("Installation settings"),
                    icon=":material/settings:",
                    url_path="settings",
                    visibility="visible" if acting.administrator else "hidden",
                    help=_("Mail, limits, how long things are kept, the disk, and who may reach the desk."),
                ),
            ],
            _("You"): [
                st.Page(
                    routes.ACCOUNT,
                    title=_("My account"),
                    icon=":material/person:",
                    url_path="account",
                    visibility="hidden" if signs_in else "visible",  # there the name's menu leads to it
                    help=_("Your name, time zone, look, notices, password, and where you are signed in."),
                ),
                st.Page(
                    routes.NOTICES,
                    title=_("Notices"),
                    icon=":material/notifications:",
                    url_path="notices",
                    visibility="hidden",  # the bell leads to it
                    help=_("What you were told: what is ready, what did not work, what waits for you."),
                ),
            ],
        },
        expanded=True,
    )
    switcher.show(acting, current())
    if signs_in:
        name_menu.show(acting)
    bell.show(acting)
    theme.follow(acting)
    banner.show(acting)
    notices.watch(acting)
    page.run()


try:
    draw()
except (
    SignedOut
):  # and to its end: st.stop would leave the looks of that page's fragments, which have no place any more
    lead_to_sign_in()
