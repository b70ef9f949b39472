"""Every column of a dataset at a glance: its type and why, how full it is, its range, what is frequent, how it is spread.

One piece of HTML instead of a widget a column: a hundred columns cost one element. Everything from a file is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from core.engine.summary import Bucket, ColumnProfile
from core.engine.values import DATED, NUMBERS, Column, Kind
from pages.texts import N_, _

LONG = 28  # characters of a value shown; the rest is in its title

_CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
_WIDE = (N_("Most frequent"), N_("Spread"))  # on a phone: a line of their own
_HEADS = (N_("Column"), N_("Empty"), N_("Different"), N_("Range"), N_("Most frequent"), N_("Spread"))


def show(columns: Sequence[Column], profile: Sequence[ColumnProfile]) -> None:
    figures = {p.id: p for p in profile}
    heads = "".join(f"<th scope='col'>{escape(_(h))}</th>" for h in _HEADS)
    rows = "".join(_row(c, figures[c.id]) for c in columns if c.id in figures)
    st.html(
        f"<style>{_CSS}</style><table class='desk-columns'><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(column: Column, p: ColumnProfile) -> str:
    why = f"<div class='soft why'>{escape(column.why)}</div>" if column.why else ""
    spread = _spread(column, p)
    cells = (
        f"<div class='name'>{escape(column.name)}</div><span class='kind'>{escape(_(column.words))}</span>{why}",
        _empty(p),
        f"<span class='n'>{escape(_different(p))}</span>",
        _range(column, p),
        _top(p),
        spread,
    )
    heads = ("", *_HEADS[1:-1], _HEADS[-1] if spread else "")
    return (
        "<tr>"
        + "".join(
            f"<td data-head='{escape(_(h), quote=True)}'{' class=wide' if h in _WIDE else ''}>{c}</td>"
            for h, c in zip(heads, cells, strict=True)
        )
        + "</tr>"
    )


def _different(p: ColumnProfile) -> str:
    return _("about {n}").format(n=f"{p.distinct:,}") if p.approximate else f"{p.distinct:,}"


def _empty(p: ColumnProfile) -> str:
    if not p.empty:
        none = escape(_("none"))
        return f"<span class='soft n'>{none}</span>"
    share = 100 * p.empty / max(1, p.rows)
    return f"<span class='n'>{p.empty:,}</span> <span class='soft n'>{'<1' if share < 1 else f'{share:.0f}'} %</span>"


def _range(column: Column, p: ColumnProfile) -> str:
    if p.min is None or p.max is None or column.kind not in NUMBERS | DATED | {Kind.TIME}:
        return "<span class='soft'>–</span>"
    to, low, high = escape(_("to")), shown(column, p.min), shown(column, p.max)
    return f"<div class='n'>{low}</div><div class='n'><span class='soft'>{to}</span> {high}</div>"


def _top(p: ColumnProfile) -> str:
    if not p.top or p.top[0].count < 2:
        once = escape(_("every value once")) if p.distinct else "–"
        return f"<span class='soft'>{once}</span>"
    lines = "".join(
        f"<span title='{escape(f.value, quote=True)}'>{escape(f.value[:LONG])}</span><span class='soft n'>{f.count:,}</span>"
        for f in p.top[:3]
    )
    return f"<div class='top'>{lines}</div>"


def _spread(column: Column, p: ColumnProfile) -> str:
    if not p.histogram:
        return ""
    ends = (shown(column, p.histogram[0].start), shown(column, p.histogram[-1].end))
    return f"{bars(p.histogram)}<div class='soft ends'><span>{ends[0]}</span><span>{ends[1]}</span></div>"


def bars(histogram: Sequence[Bucket]) -> str:
    """A histogram of plain bars (the page's sanitiser lets no SVG through); each says its span and its count."""
    most = max(1, *(b.count for b in histogram))
    drawn = "".join(
        f"<i style='height:{max(4 if b.count else 1, 100 * b.count / most):.0f}%'"
        f" title='{escape(f'{b.start} – {b.end}: {b.count:,}', quote=True)}'></i>"
        for b in histogram
    )
    about = escape(_("Spread of the values"), quote=True)
    return f"<div class='bars' role='img' aria-label='{about}'>{drawn}</div>"


def shown(column: Column, value: str) -> str:
    """A bound of a range, short: dates without a midnight, numbers with thousands marks."""
    if column.kind in NUMBERS:
        whole, point, rest = value.partition(".")
        return escape(f"{int(whole):,}{point}{rest[:4]}") if whole.lstrip("-").isdigit() else escape(value)
    return escape(value.removesuffix(" 00:00:00").removesuffix("T00:00:00")[:16])
