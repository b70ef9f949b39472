"""Where the screens are, and how to get from one to another. Deep links use the same query parameters.

/                   Home
/new-export         New export         ?dataset=<slug>  ?template=<id>  ?job=<id>  ?draft=<id>  (start from one of these)
/my-exports         My exports         ?job=<id>        (one export, with its receipt)
/data               Data               ?dataset=<slug>  (one dataset)
/templates          Templates
/schedules          Schedules          ?schedule=<id> (one)  ?template=<id>  ?job=<id>  (a new one, of that)
/check-a-file       Check a file       ?check=<id>      (what came of one)
/insights           Insights           ?period=<7_days|30_days|90_days|12_months|all>
/people             People (where people sign in)
/all-projects       Projects           ?project=<id>    (what is in one)
/workspace          Settings of the workspace
/recently-deleted   Recently deleted
/activity           Activity
/settings           Installation settings  ?section=<Mail|Limits|Retention|Storage|Access>
/status             Status             (administrators of the installation)
/accounts           Accounts           (administrators of the installation, where people sign in)
/account            My account
/tokens             Tokens
/destinations       Destinations
/notices            Notices
/storage            Storage

What begins with /projects is an outside contract's (api.errors.PREFIXES), so a screen cannot be there.
New export stood at / once: links of that time lead there still.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import NoReturn
from urllib.parse import parse_qsl, urlsplit

import streamlit as st

# Scripts, seen from this folder, where navigation.py is.
HOME, BUILDER, MY_EXPORTS, DATA = "home.py", "builder/builder.py", "exports/my_exports.py", "data/data.py"
TEMPLATES, SCHEDULES, DESTINATIONS = "templates/templates.py", "schedules/schedules.py", "destinations.py"
PROJECTS, RECENTLY_DELETED, ACTIVITY, NOTICES = "projects.py", "recently_deleted.py", "activity.py", "notices.py"
CHECK_FILE, INSIGHTS = "check_file.py", "insights.py"
PEOPLE, ACCOUNTS, ACCOUNT, TOKENS = "people/people.py", "people/accounts.py", "people/account.py", "people/tokens.py"
WORKSPACE, SETTINGS = "settings/workspace_settings.py", "settings/settings.py"
STATUS, STORAGE = "settings/status.py", "settings/storage.py"
ADDRESSES = {  # as notices and links name them, where they are not called like their script
    "new-export": BUILDER,
    "my-exports": MY_EXPORTS,
    "all-projects": PROJECTS,
    "workspace": WORKSPACE,
    "recently-deleted": RECENTLY_DELETED,
    "check-a-file": CHECK_FILE,
} | {
    PurePosixPath(script).stem: script
    for script in (DATA, TEMPLATES, PEOPLE, ACTIVITY, ACCOUNT, TOKENS, STORAGE, SCHEDULES, DESTINATIONS, INSIGHTS)
}
# Where no query parameter is wanted, `query_params={}` drops them all; None would fail while a filter is bound to one.
OF_THE_BUILDER = ("dataset", "template", "job", "export", "draft", "uploads")  # what its address may say


def to_builder(
    *, dataset: str | None = None, template: str | None = None, job: str | None = None, draft: str | None = None
) -> NoReturn:
    """Open the builder on a dataset, on a template, on what an earlier export was made of, or on a draft that was left."""
    wanted = {"dataset": dataset, "template": template, "job": job, "draft": draft}
    st.switch_page(BUILDER, query_params={k: v for k, v in wanted.items() if v})


def to_path(path: str) -> NoReturn:
    """Where a path of the desk leads, such as "/my-exports?job=…"; home, where there is no such screen (any more)."""
    asked = urlsplit(path)
    script = ADDRESSES.get(asked.path.strip("/"), HOME)
    st.switch_page(script, query_params=dict(parse_qsl(asked.query)))


def to_home() -> NoReturn:
    st.switch_page(HOME, query_params={})


def to_exports(job: str | None = None) -> NoReturn:
    st.switch_page(MY_EXPORTS, query_params={"job": job} if job else {})


def to_data(dataset: str | None = None) -> NoReturn:
    st.switch_page(DATA, query_params={"dataset": dataset} if dataset else {})


def to_projects(project: str | None = None) -> NoReturn:
    st.switch_page(PROJECTS, query_params={"project": project} if project else {})


def to_destinations() -> NoReturn:
    st.switch_page(DESTINATIONS, query_params={})


def to_schedules(schedule: str | None = None) -> NoReturn:
    st.switch_page(SCHEDULES, query_params={"schedule": schedule} if schedule else {})


def to_new_schedule(*, template: str | None = None, job: str | None = None) -> NoReturn:
    """Of a template, or of what an export was made of, which becomes a template with it."""
    wanted = {"template": template, "job": job}
    st.switch_page(SCHEDULES, query_params={k: v for k, v in wanted.items() if v})


def follow_old_links() -> None:
    """On the home page: what somebody kept of the time when the builder was here opens the builder."""
    kept = {name: st.query_params.get_all(name) for name in OF_THE_BUILDER if name in st.query_params}
    if kept:
        st.switch_page(BUILDER, query_params=[(name, value) for name, values in kept.items() for value in values])
