"""A number format as OpenDocument writes it (1.3 part 3, 16.29: data styles), made from the Excel code of the look."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from core.engine.formats.sheets.looks import TEXT_FORMAT, YES_NO_FORMAT

DATE_TOKENS = re.compile(r"yyyy|mmm|mm|dd|d|hh|ss(?:\.0+)?|[^ymdhs]+")
LONG = 'number:style="long"'
PARTS = {
    "yyyy": f"<number:year {LONG}/>",
    "mmm": '<number:month number:textual="true"/>',
    "mm": f"<number:month {LONG}/>",
    "dd": f"<number:day {LONG}/>",
    "d": "<number:day/>",
    "hh": f"<number:hours {LONG}/>",
    "ss": f"<number:seconds {LONG}/>",
}
MINUTES = f"<number:minutes {LONG}/>"


def data_style(name: str, code: str) -> str:
    """The data style of that name for an Excel number format code of ours; "" for General, which needs none."""
    if code == "General":
        return ""
    if code == TEXT_FORMAT:
        return _style("text-style", name, "<number:text-content/>")
    if code == YES_NO_FORMAT:
        return _style("boolean-style", name, "<number:boolean/>")
    if "yy" in code:
        return _style("date-style", name, _moment(code))
    if "hh" in code:
        return _style("time-style", name, _moment(code))
    if code.endswith("%"):
        return _style("percentage-style", name, _number(code[:-1]) + "<number:text>%</number:text>")
    return _style("number-style", name, _number(code))


def _style(kind: str, name: str, content: str) -> str:
    return f'<number:{kind} style:name="{name}">{content}</number:{kind}>'


def _number(code: str) -> str:
    places = len(code.partition(".")[2])
    grouping = ' number:grouping="true"' if "," in code else ""
    return (
        f'<number:number number:decimal-places="{places}" number:min-decimal-places="{places}" '
        f'number:min-integer-digits="1"{grouping}/>'
    )


def _moment(code: str) -> str:
    pieces, clock = [], False
    for token in DATE_TOKENS.findall(code):
        clock = clock or token == "hh"
        if token == "mm" and clock:
            pieces.append(MINUTES)
        elif token.startswith("ss."):
            pieces.append(f'<number:seconds {LONG} number:decimal-places="{len(token) - 3}"/>')
        else:
            pieces.append(PARTS.get(token) or f"<number:text>{escape(token)}</number:text>")
    return "".join(pieces)
