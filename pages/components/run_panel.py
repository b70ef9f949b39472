"""What becomes of a run: how far it is and Cancel; then the file, its receipt, and what can be done next."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import errors
from core.engine.receipt import Receipt
from pages.components import download_all, explain, file_list, layout, progress, words
from pages.components.progress import JobLike
from pages.texts import _, n_

Action = Literal["cancel", "retry", "again", "template"]


def bar() -> DeltaGenerator:
    """Where the one thing to press stands: in the card, and on a phone at the foot of the screen. Once a page."""
    return st.container(key="runbar")


def run(rows: str, *, key: str, blocked: str) -> bool:
    """The one primary button, with the number of rows beside it where the card is out of sight."""
    with bar():
        with st.container(key="runbar_count", width="content"):
            st.markdown(rows)
        return layout.button(
            _("Run export"),
            f"{key}_run",
            blocked=blocked,
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
        )


def under_way(job: JobLike, place: int | None, *, key: str) -> Action | None:
    """The bar with its words, and Cancel."""
    with bar():
        progress.show(job, place)
        pressed = st.button(
            _("Cancel"), key=f"{key}_cancel", icon=":material/close:", disabled=job.cancel_requested, width="stretch"
        )
    return "cancel" if pressed else None


def done(receipt: Receipt, urls: Sequence[str], *, key: str, latest: bool) -> Action | None:
    """The files and the receipt's line. `latest`: nothing was changed since, so Download is the one thing to press."""
    with st.container(key=f"soft_{key}_ready", gap="xsmall"):
        size = words.size(sum(f.bytes for f in receipt.files))
        ready = n_("**Ready: {n} row**, {size}", "**Ready: {n} rows**, {size}", receipt.rows, size=size)
        st.markdown(f":green[:material/check_circle:] {ready}")
        st.caption(layout.plain(trail(receipt)))
        if any(f.locked for f in receipt.files):
            st.caption(_(":material/lock: It opens only with its password."))
    with bar() if latest else nullcontext():
        if len(urls) > 1:
            names = [f.name for f in receipt.files]
            download_all.show(list(zip(names, urls, strict=True)), primary=latest, key=f"{key}_download_all")
        else:
            st.link_button(
                _("Download"),
                urls[0],
                key=f"{key}_download_0",
                icon=":material/download:",
                type="primary" if latest else "secondary",
                width="stretch",
            )
    _inside(receipt, urls, key)
    with st.container(horizontal=True, gap="small", key=f"row_{key}_next"):
        again = st.button(_("Run again"), key=f"{key}_again", icon=":material/replay:", width="stretch")
        template = st.button(
            _("Save as template"), key=f"{key}_template", icon=":material/bookmark_add:", width="stretch"
        )
    with st.expander(_("Receipt"), icon=":material/receipt_long:", type="compact", key=f"{key}_receipt"):
        _facts(receipt)
    return "again" if again else "template" if template else None


def _inside(receipt: Receipt, urls: Sequence[str], key: str) -> None:
    """Several files one by one, or what the zip holds: folded, the download is above."""
    inside = sum(f.member_count for f in receipt.files)
    if not inside and len(urls) < 2:
        return
    label = n_("{n} file in the zip", "{n} files in the zip", inside) if inside else words.files(len(urls))
    with st.expander(label, icon=":material/stacks:", type="compact", key=f"{key}_inside"):
        if inside:
            file_list.members(receipt.files[0])
        else:
            file_list.files(receipt.files, urls)


def trail(receipt: Receipt) -> str:
    """ "100,000 rows → 24,854 after country is Indonesia → 24,854 in the file ✓": the receipt's line without its hash."""
    return receipt.line().split(", SHA-256")[0]


def failed(error: dict[str, object] | None, *, key: str) -> Action | None:
    """What happened and what to do. Only a passing problem is worth another try as it is."""
    known = errors.from_dict(dict(error or {}))
    layout.error_box(known)
    if st.button(_("Try again"), key=f"{key}_retry", icon=":material/replay:", width="stretch"):
        return "retry"
    return None


def cancelled(*, key: str) -> None:
    with st.container(key=f"soft_{key}_cancelled"):
        st.markdown(_(":material/block: Cancelled. Nothing was written."))


def _facts(receipt: Receipt) -> None:
    for file in receipt.files[: file_list.SHOWN]:
        st.text(file.name)
        counted = n_(
            "{n} row counted in the finished file, {size}",
            "{n} rows counted in the finished file, {size}",
            file.rows,
            size=words.size(file.bytes),
        )
        st.caption(counted)
        st.caption("SHA-256", help=explain.of("fingerprint"))
        st.code(file.sha256, language=None, wrap_lines=True)
    if len(receipt.files) > file_list.SHOWN:
        st.caption(n_("… and {n} more file", "… and {n} more files", len(receipt.files) - file_list.SHOWN))
    for note in receipt.notes:
        st.caption(layout.plain(note.message))
