"""Files or sheets as a list, each one line: its name, its rows and size, a lock where it asks for a password.

One piece of HTML instead of widgets: it stands for what comes out beforehand, and for what came out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from core.engine.receipt import File
from pages.components import explain, words
from pages.texts import _, n_

SHOWN = 20  # of a long list


@dataclass(frozen=True)
class Line:
    """`url` makes the name a link that downloads it."""

    name: str
    facts: str
    url: str = ""
    locked: bool = False


def show(lines: Sequence[Line], more: str = "", *, help: str | None = None) -> None:
    """The lines, and beneath them what became of the others; `help` explains a word of that."""
    st.html(f"<div class='desk-files'>{''.join(_line(line) for line in lines)}</div>")
    if more:
        st.caption(more, help=help)


def facts(rows: int | None, size: int | None, *, about: bool = False) -> str:
    """ "8,123 rows · about 0.4 MB", as far as it is known."""
    said = [words.rows(rows)] if rows is not None else []
    if size is not None:
        said.append(_("about {size}").format(size=words.size(size)) if about else words.size(size))
    return " · ".join(said)


def members(file: File) -> None:
    """What a zip holds: the first ones, the rest is in its manifest."""
    lines = [Line(m.name, facts(m.rows, m.bytes)) for m in file.members[:SHOWN]]
    rest = file.member_count - len(lines)
    more = n_(
        "… and {n} more, listed in the manifest inside the zip.",
        "… and {n} more, all listed in the manifest inside the zip.",
        rest,
    )
    show(lines, more if rest > 0 else "", help=explain.of("manifest"))


def files(given: Sequence[File], urls: Sequence[str]) -> None:
    """Files that were not put into one zip, each a link."""
    lines = [Line(f.name, facts(f.rows, f.bytes), url, f.locked) for f, url in zip(given[:SHOWN], urls, strict=False)]
    rest = len(given) - len(lines)
    more = n_("… and {n} more, listed in the receipt.", "… and {n} more, all listed in the receipt.", rest)
    show(lines, more if rest > 0 else "")


def _line(line: Line) -> str:
    name, facts = escape(line.name, quote=True), escape(line.facts)
    locked = escape(_("It asks for the password"), quote=True)
    lock = f"<b title='{locked}' aria-label='{locked}'></b>" if line.locked else ""
    if line.url:
        url = escape(line.url, quote=True)
        return f"<div><a href='{url}' download title='{name}'>{name}</a>{lock}<small>{facts}</small></div>"
    return f"<div><span title='{name}'>{name}</span>{lock}<small>{facts}</small></div>"
