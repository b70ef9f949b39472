"""A day of the audit log: a line for each thing that was done, as one piece of HTML, so that a long page stays light."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

_CSS = """<style>
ol.desk-log { list-style: none; margin: 0; padding: 0 !important; font-size: 0.92rem; line-height: 1.5; }
.desk-log li { display: flex; margin: 0 !important; gap: 0.9rem; padding: 0.42rem 0;
  border-bottom: 1px solid light-dark(#eceff5, #232a3a); }
.desk-log li:last-child { border-bottom: 0; }
.desk-log time { color: light-dark(#596275, #a3adc0); font-variant-numeric: tabular-nums; }
.desk-log div { min-width: 0; overflow-wrap: anywhere; }
.desk-log b { font-weight: 600; }
.desk-log small { display: block; color: light-dark(#596275, #a3adc0); font-size: 0.82rem; }
.desk-log .refused { color: light-dark(#b42332, #ff8f9a); }
</style>"""


@dataclass(frozen=True)
class Line:
    """`beside` is said smaller: from where, and with what."""

    time: str
    who: str
    what: str
    beside: str = ""
    refused: bool = False


def show(lines: Sequence[Line]) -> None:
    st.html(f"{_CSS}<ol class='desk-log'>{''.join(_line(one) for one in lines)}</ol>")


def _line(one: Line) -> str:
    refused = " class='refused'" if one.refused else ""
    small = f"<small>{html.escape(one.beside)}</small>" if one.beside else ""
    return (
        f"<li><time>{html.escape(one.time)}</time>"
        f"<div><span{refused}><b>{html.escape(one.who)}</b> {html.escape(one.what)}</span>{small}</div></li>"
    )
