"""Files or sheets as a list, each one line: its name, its rows and size, a lock where it asks for a password.

One piece of HTML instead of widgets: it stands for what comes out beforehand, and for what came out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from core.engine.receipt import File
from pages.components import words

SHOWN = 20  # of a long list
LOCKED = "It asks for the password"


@dataclass(frozen=True)
class Line:
    """`url` makes the name a link that downloads it."""

    name: str
    facts: str
    url: str = ""
    locked: bool = False


def show(lines: Sequence[Line], more: str = "") -> None:
    """The lines, and beneath them what became of the others."""
    st.html(f"<div class='desk-files'>{''.join(_line(line) for line in lines)}</div>")
    if more:
        st.caption(more)


def facts(rows: int | None, size: int | None, *, about: bool = False) -> str:
    """ "8,123 rows · about 0.4 MB", as far as it is known."""
    said = [words.count(rows, "row")] if rows is not None else []
    said += [f"{'about ' if about else ''}{words.size(size)}"] if size is not None else []
    return " · ".join(said)


def members(file: File) -> None:
    """What a zip holds: the first ones, the rest is in its manifest."""
    lines = [Line(m.name, facts(m.rows, m.bytes)) for m in file.members[:SHOWN]]
    rest = file.member_count - len(lines)
    show(lines, f"… and {rest:,} more, all listed in the manifest inside the zip." if rest > 0 else "")


def files(given: Sequence[File], urls: Sequence[str]) -> None:
    """Files that were not put into one zip, each a link."""
    lines = [Line(f.name, facts(f.rows, f.bytes), url, f.locked) for f, url in zip(given[:SHOWN], urls, strict=False)]
    rest = len(given) - len(lines)
    show(lines, f"… and {rest:,} more, all listed in the receipt." if rest > 0 else "")


def _line(line: Line) -> str:
    name, facts = escape(line.name, quote=True), escape(line.facts)
    lock = f"<b title='{LOCKED}' aria-label='{LOCKED}'></b>" if line.locked else ""
    if line.url:
        url = escape(line.url, quote=True)
        return f"<div><a href='{url}' download title='{name}'>{name}</a>{lock}<small>{facts}</small></div>"
    return f"<div><span title='{name}'>{name}</span>{lock}<small>{facts}</small></div>"
