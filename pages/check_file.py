"""Check a file: drop any file and be told whether it was made here, and by which export. `?check=<job id>` shows one."""

from __future__ import annotations

import streamlit as st

from core import checks, choices, uploads, workspaces
from core.checks import Found
from pages import routes
from pages.components import layout, upload, words
from pages.session import checked
from pages.session import desk as current_desk
from pages.texts import _

EVERY = 0.5  # seconds between two looks while it goes on
PARAMETER = "check"

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    layout.header(
        _("Check a file"),
        _("Somebody sent you a file? Drop it here, and see whether it was exported here, unchanged, when and by whom."),
    )
    job_id = st.query_params.get(PARAMETER)
    with layout.card("check_drop"):
        arrived = upload.show(
            "check_upload",
            ticket=uploads.ticket(desk),
            limit=choices.limits(desk).max_upload_mb * 1024**2,
            taken=tuple(st.session_state.get("checked", ())),
            several=False,
        )
        st.caption(_("It is compared and then forgotten. Only exports you can see count."))
    if arrived:
        st.session_state["checked"] = [*st.session_state.get("checked", ()), *(one.id for one in arrived)]
        with layout.telling():
            st.query_params[PARAMETER] = checks.check(desk, arrived[0].id).id
            st.rerun()
    if job_id:
        outcome(job_id)


def outcome(job_id: str) -> None:
    with layout.telling():
        going_on = checks.found(desk, job_id) is None

        @st.fragment(run_every=EVERY if going_on else None)
        @checked
        def look() -> None:
            with layout.telling():
                told = checks.found(desk, job_id)
                if going_on and told is not None:
                    st.rerun()
                with layout.card("verdict"):
                    if told is None:
                        name = layout.plain(checks.job(desk, job_id).name)
                        st.markdown(_(":material/progress_activity: Looking at **{name}** …").format(name=name))
                    else:
                        verdict(told, checks.job(desk, job_id).name)

        look()


def verdict(told: Found, name: str) -> None:
    """Yes or no first, then which, when and by whom; where it is no, what differs from what comes nearest."""
    kind, export = told.verdict.verdict, told.export
    st.caption(layout.plain(name))
    if kind == "bytes":
        st.success(_("**Yes, this is one of yours**, byte for byte."), icon=":material/verified:")
    elif kind == "values":
        st.success(
            _("**Yes, it holds the same rows and columns** as one of yours, though it is not the very same file."),
            icon=":material/check_circle:",
        )
    elif kind == "near":
        st.warning(_("**No, not as it is.** This is the export it comes nearest to:"), icon=":material/difference:")
    elif kind == "unreadable":
        st.info(_("**It is not the file of an export you can see**, byte for byte."), icon=":material/help:")
    else:
        st.info(
            _("**No.** It is no file of an export you can see, and it holds the rows of none."), icon=":material/block:"
        )
    if export is not None:
        with layout.row("verdict_export", align="distribute"):
            with st.container(gap=None, width="stretch", key="verdict_words"):
                st.markdown(f"**{layout.plain(export.name)}**")
                made = _("{file} · made {when} by {name}").format(
                    file=told.verdict.file, when=words.moment(export.created_at, clock), name=told.by or _("somebody")
                )
                st.caption(layout.plain(made))
            if st.button(_("Open the export"), key="open_export", icon=":material/arrow_forward:"):
                routes.to_exports(export.id)
    for sentence in told.verdict.said:
        st.markdown(f"- {layout.plain(sentence)}")


story()
