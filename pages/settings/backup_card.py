"""A card of the workspace's settings: back all of it up into one file, and bring such a file back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import choices, naming, uploads
from core.access import installation, roles
from core.backup import backups
from core.desk import Desk
from core.errors import from_dict
from core.workspaces import Clock
from pages.components import explain, layout, progress, upload, words
from pages.session import checked
from pages.texts import N_, _

ACTIVE = ("queued", "running")
EVERY = 1.0  # seconds between two looks while something is on its way
SHOWN = 5
HINT = N_("The zip that “Back up now” made. Up to {limit}.")
_TAKEN = "backups_taken"
KINDS = {"backup": N_("Backup"), "restore": N_("Restored")}


def show(desk: Desk, clock: Clock) -> None:
    blocked = roles.blocked(desk, "workspace.backup")
    about = _(
        "One file with datasets, templates, schedules, destinations and projects: what is shared here, and your own. Passwords "
        "and keys do not go along. What others keep to themselves only whoever runs this desk can back up."
    )
    with layout.card("backup", _("Backup"), ":material/backup:", about, help=explain.of("workspace")):
        if blocked:
            layout.button(_("Back up now"), "back_up", blocked=blocked, icon=":material/backup:")
            return
        there = backups.list(desk)
        on_its_way = any(job.state in ACTIVE for job in there)
        waiting = _("One is on its way.") if on_its_way else ""
        if layout.button(_("Back up now"), "back_up", blocked=waiting, icon=":material/backup:"):
            with layout.telling():
                backups.start(desk)
                st.rerun()

        @st.fragment(run_every=EVERY if on_its_way else None)
        @checked
        def listed() -> None:
            found = backups.list(desk)
            if on_its_way and not any(job.state in ACTIVE for job in found):
                st.rerun()
            for job in found[:SHOWN]:
                item(desk, job, clock)

        listed()
        with st.expander(_("Bring a backup back"), icon=":material/settings_backup_restore:"):
            bring_back(desk)


def item(desk: Desk, job: Any, clock: Clock) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"backup_{job.id}"):
        with st.container(gap=None, width="stretch", key=f"words_{job.id}"):
            st.markdown(f"**{layout.plain(_(KINDS[job.kind]))}** {layout.plain(job.name)}")
            st.caption(layout.plain(" · ".join(facts(job, clock))))
        if job.state == "succeeded" and job.kind == "backup" and not job.expired_at:
            st.link_button(_("Download"), backups.link(desk, job.id), key=f"fetch_{job.id}", icon=":material/download:")
    if job.state in ACTIVE:
        going = _("Working on it…") if job.state == "running" else _("Waiting…")
        st.progress(progress.fraction(job), text=going)
    elif job.state == "failed" and job.error:
        layout.error_box(from_dict(job.error))


def facts(job: Any, clock: Clock) -> list[str]:
    counts = (job.result or {}).get("counts") or {}
    said = [words.things(kind, n) for kind, n in counts.items() if n and kind not in ("destinations",)]
    size = [words.size(job.bytes)] if job.bytes else []
    gone = [_("its file is gone")] if job.expired_at else []
    return [words.moment(job.finished_at or job.created_at, clock), *size, *said, *gone]


def bring_back(desk: Desk) -> None:
    """A file, and where to: a workspace of its own, or this one while it is empty."""
    arrived = upload.show(
        "backup_upload",
        ticket=uploads.ticket(desk),
        limit=choices.limits(desk).max_upload_mb * 1024**2,
        taken=tuple(st.session_state.get(_TAKEN, ())),
        several=False,
        quiet=True,
        hint=HINT,
    )
    fresh = not installation.blocked(desk, _("make workspaces"))
    name = ""
    if fresh:
        name = st.text_input(
            _("Name of the new workspace"), max_chars=naming.MAX_NAME, key="restore_name", autocomplete="off",
            help=_("Empty: it goes into this workspace, which must be empty."),
        )  # fmt: skip
    else:
        st.caption(_("It goes into this workspace, which must be empty."))
    if arrived and st.button(_("Restore"), key="restore_backup", icon=":material/settings_backup_restore:"):
        with layout.telling():
            st.session_state[_TAKEN] = [*st.session_state.get(_TAKEN, ()), *(one.id for one in arrived)]
            backups.restore(desk, arrived[0].id, into=(name or "").strip() or None)
            st.toast(_("It is being restored. A notice tells when it is done."), icon=":material/check_circle:")
            st.rerun()
