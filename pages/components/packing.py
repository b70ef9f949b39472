"""Into how many parts the rows go, and what is put round the finished file or files."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.engine.formats import FORMATS
from core.engine.formats.base import RowFormat
from pages.components import fields
from pages.draft import ExportDraft, SplitBy, SplitChoice, can_be_packed

SPLITS: dict[SplitBy, str] = {
    "": "No, keep it whole",
    "value": "by the values of a column",
    "day": "by day",
    "week": "by week",
    "month": "by month",
    "quarter": "by quarter",
    "year": "by year",
    "rows": "every so many rows",
    "size": "by size",
}
SPANS = ("day", "week", "month", "quarter", "year")
ONE = {"auto": "As it is", "none": "As it is", "zip": "Zip", "gzip": "Gzip (.gz)", "bz2": "Bzip2 (.bz2)"} | {
    "zstd": "Zstandard (.zst)"
}
SEVERAL = {"auto": "All in one zip", "zip": "All in one zip", "none": "One by one"} | {
    "gzip": "One by one, gzip (.gz)",
    "bz2": "One by one, bzip2 (.bz2)",
    "zstd": "One by one, Zstandard (.zst)",
}
ABOUT = {
    "zip": "Every computer opens it.",
    "gzip": "Usual between programs; Windows needs 7-Zip.",
    "bz2": "Smaller than gzip and slower; Windows needs 7-Zip.",
    "zstd": "Smallest for its speed; only newer programs open it.",
}
PACKED = ("gzip", "bz2", "zstd")
MOST_ROWS, MOST_MEGABYTES = 1_000_000_000, 100_000.0


def show(draft: ExportDraft, columns: Sequence[str], dated: Sequence[str], *, key: str) -> None:
    """Edit the split and the packing in place. `columns` and `dated`: names that every dataset has, the main date first."""
    with st.expander(label(draft), icon=":material/call_split:", key=f"{key}_packing"):
        _split(draft, columns, dated, key)
        if draft.split.by:
            layout_choice(draft, key=f"{key}_split")
        _packing(draft, key)


def label(draft: ExportDraft) -> str:
    """What is inside while it is folded: "Split and compress", or what was chosen."""
    said = [_split_words(draft)] if draft.split.by else []
    packed = draft.compression
    if packed not in ("auto", "none") and can_be_packed(draft.format, packed):
        said.append({"bz2": "bzip2", "zstd": "Zstandard"}.get(packed, packed))
    words = ", ".join(said)
    return words[:1].upper() + words[1:] if said else "Split and compress"


def layout_choice(draft: ExportDraft, *, key: str) -> None:
    """Several tables in one file or a file each, where the format can do both."""
    if not draft.can_be_together:
        return
    format = FORMATS[draft.format]
    words = {"together": f"{format.tables.capitalize()} of one file", "apart": "A file each"}
    name = f"{key}_layout"
    st.session_state[name] = "together" if draft.together else "apart"  # it follows the split until somebody chooses
    st.segmented_control(
        "The datasets become" if not draft.split.by else "The parts become",
        list(words),
        key=name,
        format_func=words.__getitem__,
        required=True,
        width="stretch",
        on_change=lambda: setattr(draft, "layout", st.session_state[name]),
    )


def _split(draft: ExportDraft, columns: Sequence[str], dated: Sequence[str], key: str) -> None:
    split, name = draft.split, f"{key}_split"
    sized = isinstance(FORMATS[draft.format], RowFormat)  # of others the size is known only when they are finished
    offered = [b for b in SPLITS if b == split.by or ((b not in SPANS or dated) and (b != "size" or sized))]
    st.selectbox("Split into several", offered, format_func=SPLITS.__getitem__, **fields.bound(split, "by", name))
    if split.by == "rows":
        st.number_input(
            "Rows in each", min_value=1, max_value=MOST_ROWS, step=1, **fields.bound(split, "rows", f"{name}_rows")
        )
    elif split.by == "size":
        st.number_input(
            "At most this many MB each",
            min_value=0.001,
            max_value=MOST_MEGABYTES,
            step=1.0,
            format="%g",
            help="Millions of bytes, before compression",
            **fields.bound(split, "megabytes", f"{name}_size"),
        )
    elif split.by == "value":
        _column("Column to split by", columns, split, "column", f"{name}_column")
        st.caption("One for each value that occurs, and one for rows without any.")
    elif split.by in SPANS and (len(dated) > 1 or (split.dates and split.dates not in dated)):
        split.dates = split.dates or dated[0]
        _column("Date column", dated, split, "dates", f"{name}_dates")


def _column(label: str, offered: Sequence[str], split: SplitChoice, attribute: str, name: str) -> None:
    """A column by its name. One that is chosen and no longer there stays, for the check to tell."""
    now = getattr(split, attribute)
    options = [*offered, *([now] if now and now not in offered else [])]
    st.selectbox(label, options, placeholder="Choose a column", **fields.bound(split, attribute, name))


def _packing(draft: ExportDraft, key: str) -> None:
    apart = draft.several and not draft.together
    words = SEVERAL if apart else ONE
    # “auto” and what it means here are one choice; the one the draft says stays.
    other = "zip" if apart else "none"
    usual = other if draft.compression == other else "auto"
    offered = [usual, "none" if apart else "zip", *(c for c in PACKED if can_be_packed(draft.format, c))]
    name = f"{key}_compression"
    bound = fields.bound(draft, "compression", name)
    if draft.compression not in offered:  # it waits for a format that can be packed so
        st.session_state[name] = usual
    chosen = st.selectbox("Packing", offered, format_func=words.__getitem__, **bound)
    if about := ABOUT.get("zip" if apart and chosen == "auto" else chosen):
        st.caption(about)


def _split_words(draft: ExportDraft) -> str:
    split = draft.split
    if split.by == "rows":
        return f"split every {split.rows:,} rows"
    if split.by == "size":
        return f"split every {split.megabytes:g} MB"
    return f"split by {split.column or 'values' if split.by == 'value' else split.by}"
