"""Download buttons: signed links to the API route, which streams from disk. Streamlit's own would hold the file in memory."""

from __future__ import annotations

import time
from typing import Literal

import streamlit as st

from core import links
from core.desk import Desk
from core.engine.receipt import Receipt
from pages.components import download_all, layout, words
from pages.texts import _

FRESH_SECONDS = 3600.0  # a page that stays open gets a new link each hour, long before the old one expires


def path(desk: Desk, job_id: str, n: int = 0) -> str:
    """A link to file `n` of this job: one a session and hour, not one a rerun."""
    made: dict[tuple[str, int], tuple[str, float]] = st.session_state.setdefault("download_links", {})
    link, at = made.get((job_id, n), ("", 0.0))
    if time.monotonic() - at > FRESH_SECONDS or not link:
        link = links.make(desk, job_id, n)
        made[job_id, n] = link, time.monotonic()
    return link


def several(receipt: Receipt) -> bool:
    """Whether there are files to download one by one: a zip of a thousand is one file."""
    return len(receipt.files) > 1


def paths(desk: Desk, job_id: str, receipt: Receipt) -> list[str]:
    return [path(desk, job_id, n) for n in range(len(receipt.files))]


def show(desk: Desk, job_id: str, receipt: Receipt, *, type: Literal["primary", "secondary"] = "secondary") -> None:
    """One button: Download, or Download all."""
    if several(receipt):
        names = [f.name for f in receipt.files]
        links = list(zip(names, paths(desk, job_id, receipt), strict=True))
        download_all.show(links, primary=type == "primary", key=f"download_all_{job_id}")
        return
    file = receipt.files[0]
    st.link_button(
        _("Download"),
        path(desk, job_id),
        key=f"download_{job_id}_0",
        icon=":material/download:",
        type=type,
        help=f"{layout.plain(file.name)} · {words.size(file.bytes)}",
    )
