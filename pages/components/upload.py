"""The upload box: drop files, see them travel, go on after a lost connection. Bytes go to /api/uploads, never through here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.texts import N_, _

_FRONTEND = Path(__file__).parent
_box = st.components.v2.component(
    "export_desk_upload",
    html=(_FRONTEND / "upload.html").read_text(encoding="utf-8"),
    css=(_FRONTEND / "upload.css").read_text(encoding="utf-8"),
    js=(_FRONTEND / "upload.js").read_text(encoding="utf-8"),
)

ACCEPT = ".csv,.tsv,.tab,.txt,.psv,.xlsx,.xlsm,.xlsb,.xls,.ods,.json,.jsonl,.ndjson,.parquet,.gz,.zip"
HINT = N_("Excel, CSV, OpenDocument or nearly any other table, also zipped. Up to {limit}.")

TEXTS = {  # what the box says of each file while it travels
    "answered": N_("The server answered {status}. Try again in a moment."),
    "lost": N_("The connection was lost. Nothing that arrived is lost."),
    "again": N_("Connection lost. Trying again…"),
    "empty": N_("This file is empty. Choose another one."),
    "large": N_("This file has {size}; files up to {limit} can be added."),
    "waiting": N_("Waiting · {size}"),
    "uploaded": N_("Uploaded · {size}"),
    "sent": N_("{sent} of {size}"),
    "pace": N_("{sent} of {size} · {speed}/s · about {time} left"),
    "continue": N_("Continue"),
    "cancel": N_("Cancel"),
    "dismiss": N_("Dismiss"),
}


@dataclass(frozen=True)
class Arrived:
    """A file that is on the server whole, and nothing more yet."""

    id: str  # of the upload
    name: str
    size: int  # bytes


def show(
    key: str,
    *,
    ticket: str,
    limit: int,  # bytes
    taken: tuple[str, ...] = (),  # ids the caller has dealt with: no longer listed
    several: bool = True,
    quiet: bool = False,
    hint: str = HINT,  # what may be dropped; {limit} is how large
) -> list[Arrived]:
    """Files that have arrived whole and are not among `taken`, in the order they were dropped.

    `quiet` makes the box small and its button plain: something else on the screen is the next step.
    """
    value = _box(
        key=key,
        data={
            "key": key,
            "ticket": ticket,
            "limit": limit,
            "taken": list(taken),
            "several": several,
            "accept": ACCEPT,
            "quiet": quiet,
            "lead": _("Add more files") if quiet else _("Drop your files here") if several else _("Drop the file here"),
            "hint": _(hint).format(limit=_gigabytes(limit)),
            "button": _("Choose files") if several else _("Choose a file"),
            "texts": {name: _(text) for name, text in TEXTS.items()},
        },
        default={"uploads": []},
        on_uploads_change=lambda: None,
        on_ticket_change=lambda: None,  # the rerun alone brings a fresh ticket
    )
    arrived = [Arrived(str(u["id"]), str(u["name"]), int(u["size"])) for u in value.uploads or []]
    return [a for a in arrived if a.id not in taken]


def _gigabytes(n: int) -> str:
    return f"{n / 1024**3:g} GB" if n >= 1024**3 else f"{n / 1024**2:g} MB"
