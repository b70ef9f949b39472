"""Fields of options that know the columns of the file: one of them, something for each of them; and a picture."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import streamlit as st

from pages.components import fields, layout
from pages.texts import _

PICTURE_MB = 1  # what the uploader lets through; the option itself says how much less it wants
EACH = 60  # columns a field each is drawn for; past that their text is easier to edit


def column(label: str, columns: Sequence[str], now: str, *, key: str) -> str:
    """One of the columns, or none: "". One that is chosen and no longer there stays, for the check to tell."""
    offered = ["", *columns, *([now] if now and now not in columns else [])]
    if st.session_state.get(key) not in offered:
        st.session_state[key] = now
    return st.selectbox(label, offered, key=key, format_func=lambda name: name or _("None")) or ""


def each_column(label: str, columns: Sequence[str], now: str, *, hint: str, key: str) -> str | None:
    """A short text for each column, as one text: "10, , 8". None where the text there is does not go with the columns."""
    entries = split(now)
    if not 0 < len(columns) <= EACH or (entries and len(entries) != len(columns)):
        return None
    st.markdown(f":small[{label}]")
    given = []
    with st.container(key=f"each_{key}", gap=None):
        for place, (name, entry) in enumerate(zip(columns, entries or [""] * len(columns), strict=True)):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"eachrow_{key}_{place}"):
                st.caption(layout.plain(name), width="stretch")
                given.append(fields.text(f"{label}: {name}", entry, f"{key}_{name}_{place}", placeholder=hint))
    return joined(given)


def split(text: str) -> list[str]:
    """The entries of "10, , 8"; none where nothing is said."""
    return [entry.strip() for entry in text.replace(";", ",").split(",")] if text.strip() else []


def joined(entries: Sequence[str]) -> str:
    """The reverse. What is typed into one field stays one entry."""
    one = [entry.replace(",", " ").replace(";", " ").strip() for entry in entries]
    return ", ".join(one) if any(one) else ""


def picture(label: str, now: str, *, key: str) -> str:
    """A picture as a data: URI; "" for none. The one there is stands here with a way to remove it."""
    if now:
        with st.container(key=f"picture_{key}", gap="xsmall"):
            st.markdown(f":small[{label}]")
            if now.startswith("data:image/"):
                st.image(now, width=140)
            if st.button(_("Remove the picture"), key=f"{key}_remove", type="tertiary", icon=":material/close:"):
                st.session_state[f"{key}_round"] = st.session_state.get(f"{key}_round", 0) + 1
                return ""
        return now
    # A field of its own each time, else the picture that was removed would be back at once.
    fresh = f"{key}_{st.session_state.get(f'{key}_round', 0)}"
    file = st.file_uploader(label, type=["png", "jpg", "jpeg"], max_upload_size=PICTURE_MB, key=fresh)
    if file is None:
        return ""
    kind = "png" if file.name.lower().endswith(".png") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
