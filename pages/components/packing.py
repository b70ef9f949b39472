"""Into how many parts the rows go, and what is put round the finished file or files."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.engine.formats import FORMATS
from core.engine.formats.base import RowFormat
from pages.builder.draft import ExportDraft, SplitBy, SplitChoice, can_be_packed
from pages.components import explain, fields
from pages.texts import N_, _, n_

SPLITS: dict[SplitBy, str] = {
    "": N_("No, keep it whole"),
    "value": N_("by the values of a column"),
    "day": N_("by day"),
    "week": N_("by week"),
    "month": N_("by month"),
    "quarter": N_("by quarter"),
    "year": N_("by year"),
    "rows": N_("every so many rows"),
    "size": N_("by size"),
}
SPLIT_BY = {
    "day": N_("split by day"),
    "week": N_("split by week"),
    "month": N_("split by month"),
    "quarter": N_("split by quarter"),
    "year": N_("split by year"),
}
SPANS = ("day", "week", "month", "quarter", "year")
ONE = {
    "auto": N_("As it is"),
    "none": N_("As it is"),
    "zip": "Zip",
    "gzip": "Gzip (.gz)",
    "bz2": "Bzip2 (.bz2)",
    "zstd": "Zstandard (.zst)",
}
SEVERAL = {"auto": N_("All in one zip"), "zip": N_("All in one zip"), "none": N_("One by one")} | {
    "gzip": N_("One by one, gzip (.gz)"),
    "bz2": N_("One by one, bzip2 (.bz2)"),
    "zstd": N_("One by one, Zstandard (.zst)"),
}
ABOUT = {
    "zip": N_("Every computer opens it."),
    "gzip": N_("Usual between programs; Windows needs 7-Zip."),
    "bz2": N_("Smaller than gzip and slower; Windows needs 7-Zip."),
    "zstd": N_("Smallest for its speed; only newer programs open it."),
}
TOGETHER = {"sheets": N_("Sheets of one file"), "sections": N_("Sections of one file")}
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
    return words[:1].upper() + words[1:] if said else _("Split and compress")


def layout_choice(draft: ExportDraft, *, key: str) -> None:
    """Several tables in one file or a file each, where the format can do both."""
    if not draft.can_be_together:
        return
    format = FORMATS[draft.format]
    words = {"together": _(TOGETHER.get(format.tables, TOGETHER["sheets"])), "apart": _("A file each")}
    name = f"{key}_layout"
    st.session_state[name] = "together" if draft.together else "apart"  # it follows the split until somebody chooses
    st.segmented_control(
        _("The datasets become") if not draft.split.by else _("The parts become"),
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
    st.selectbox(
        _("Split into several"), offered, format_func=lambda by: _(SPLITS[by]), **fields.bound(split, "by", name)
    )
    if split.by == "rows":
        st.number_input(
            _("Rows in each"), min_value=1, max_value=MOST_ROWS, step=1, **fields.bound(split, "rows", f"{name}_rows")
        )
    elif split.by == "size":
        st.number_input(
            _("At most this many MB each"),
            min_value=0.001,
            max_value=MOST_MEGABYTES,
            step=1.0,
            format="%g",
            help=_("Millions of bytes, before compression"),
            **fields.bound(split, "megabytes", f"{name}_size"),
        )
    elif split.by == "value":
        _column(_("Column to split by"), columns, split, "column", f"{name}_column")
        st.caption(_("One for each value that occurs, and one for rows without any."))
    elif split.by in SPANS and (len(dated) > 1 or (split.dates and split.dates not in dated)):
        split.dates = split.dates or dated[0]
        _column(_("Date column"), dated, split, "dates", f"{name}_dates")


def _column(label: str, offered: Sequence[str], split: SplitChoice, attribute: str, name: str) -> None:
    """A column by its name. One that is chosen and no longer there stays, for the check to tell."""
    now = getattr(split, attribute)
    options = [*offered, *([now] if now and now not in offered else [])]
    st.selectbox(label, options, placeholder=_("Choose a column"), **fields.bound(split, attribute, name))


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
    chosen = st.selectbox(
        _("Packing"), offered, format_func=lambda packing: _(words[packing]), help=explain.of("packing"), **bound
    )
    if about := ABOUT.get("zip" if apart and chosen == "auto" else chosen):
        st.caption(_(about))


def _split_words(draft: ExportDraft) -> str:
    split = draft.split
    if split.by == "rows":
        return n_("split every row", "split every {n} rows", split.rows)
    if split.by == "size":
        return _("split every {size} MB").format(size=f"{split.megabytes:g}")
    if split.by == "value":
        return _("split by {column}").format(column=split.column) if split.column else _("split by values")
    return _(SPLIT_BY[split.by])
