"""The shapes every screen is made of: a page header, cards, an inviting empty screen, and errors in three lines.

Streamlit's configuration gives colours and type; the few rules it has no option for are in `styles.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import DeskError
from pages.texts import _

NOTHING = ":small[]"  # Streamlit's Markdown for no text: cuts a text in two that looks and copies as before


def header(title: str, about: str = "", *, help: str | None = None) -> DeltaGenerator:
    """The page's title and its one explaining line. Returns a container at the right for actions.

    `help` explains a word of the title (components.explain).
    """
    with st.container(key="page_header", horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(gap=None, width="stretch", key="page_header_words"):
            st.title(plain(title), anchor=False, help=help)
            if about:
                st.caption(plain(about))
        return st.container(horizontal=True, width="content", key="page_header_actions")


@contextmanager
def card(
    key: str,
    title: str = "",
    icon: str | None = None,
    about: str = "",
    *,
    height: Literal["content", "stretch"] = "content",
    help: str | None = None,
) -> Iterator[DeltaGenerator]:
    """A white (or, in the dark, raised) panel. `key` is unique on the page; its CSS class is `st-key-card_<key>`.

    `height="stretch"` makes cards side by side equally tall. `help` explains a word of the title (components.explain).
    """
    box = st.container(border=True, key=f"card_{key}", height=height)
    with box:
        if title:
            st.header(plain(title), anchor=False, icon=icon, help=help)
        if about:
            st.caption(about)
        yield box


@contextmanager
def row(key: str, *, align: Literal["left", "right", "center", "distribute"] = "left") -> Iterator[DeltaGenerator]:
    """Things side by side that wrap on a phone."""
    box = st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment=align, gap="small", key=f"row_{key}"
    )
    with box:
        yield box


@contextmanager
def empty(key: str, title: str, sentence: str, icon: str = ":material/inbox:") -> Iterator[DeltaGenerator]:
    """A screen with nothing on it yet: one sentence and, from the caller, one button."""
    with st.container(border=True, key=f"card_empty_{key}"):
        box = st.container(horizontal_alignment="center", gap="xsmall", key=f"empty_{key}")
        with box:
            st.header(title, anchor=False, icon=icon, text_alignment="center")
            st.caption(said(sentence), text_alignment="center")
            yield box


def error_box(error: DeskError) -> None:
    """What happened, to which row or field, and what to do: title, message, next step."""
    st.error(lines(error), title=_(error.title), icon=":material/error:")


def lines(error: DeskError) -> str:
    """Message and next step as Markdown that shows their characters as they are."""
    return "  \n".join(plain(part) for part in (error.message, error.next_step) if part)


def plain(text: str) -> str:
    """Text from a file or a person, kept from being read as Markdown (or as a colour, an icon, a link)."""
    return _unlinked("".join("\\" + c if c in "\\`*_{}[]<>()#+-.!|~$:@" else c for c in str(text).replace("\n", " ")))


def said(sentence: str) -> str:
    """A sentence of core, for where Streamlit reads Markdown: the names of people in it make no links, pictures or colours.

    Unlike `plain` it leaves ordinary punctuation alone.
    """
    return _unlinked(re.sub(r"[\\`*_\[\]<>$~]|[:.@](?=\S)", r"\\\g<0>", sentence))


def badge(text: str, icon: str = "") -> None:
    """A quiet badge of what people wrote, as they wrote it (st.badge would escape what `plain` writes)."""
    st.markdown(f":gray-badge[{icon} {plain(text)}]")


def _unlinked(markdown: str) -> str:
    """Addresses stay text: Streamlit makes links of them wherever one stands in one piece, escaped or not, so each is two."""
    return re.sub(r"@(?=\S)|:/(?=/)|www(?=\\?\.)", rf"\g<0>{NOTHING}", markdown, flags=re.IGNORECASE)


@contextmanager
def telling() -> Iterator[None]:
    """Show a DeskError where it happened instead of losing the page. Nothing else is caught."""
    try:
        yield
    except DeskError as error:
        error_box(error)


def button(label: str, key: str, *, blocked: str = "", help: str | None = None, **kwargs: object) -> bool:
    """A button that, when it cannot be pressed, says why: `blocked` is the reason, shown on hover and to screen readers."""
    return st.button(label, key=key, disabled=bool(blocked), help=said(blocked) or help, **kwargs)  # type: ignore[arg-type]
