"""A number format as OpenDocument writes it (1.3 part 3, 16.29: data styles), made from the Excel code of the look, and back."""

from __future__ import annotations

from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from core.engine.formats.ods.document import NAMESPACES
from core.engine.formats.sheets.codes import MINUTES, is_moment, moment_tokens, places
from core.engine.formats.sheets.looks import TEXT_FORMAT, YES_NO_FORMAT

LONG = 'number:style="long"'
PARTS = {
    "yyyy": f"<number:year {LONG}/>",
    "mmm": '<number:month number:textual="true"/>',
    "mm": f"<number:month {LONG}/>",
    "dd": f"<number:day {LONG}/>",
    "d": "<number:day/>",
    "hh": f"<number:hours {LONG}/>",
    MINUTES: f"<number:minutes {LONG}/>",
    "ss": f"<number:seconds {LONG}/>",
}
NUMBER = f"{{{NAMESPACES['number']}}}"
CODES = {"year": "yyyy", "hours": "hh", "minutes": "mm"}  # parts of a moment that have one form


def data_style(name: str, code: str) -> str:
    """The data style of that name for an Excel number format code of ours; "" for General, which needs none."""
    if code == "General":
        return ""
    if code == TEXT_FORMAT:
        return _style("text-style", name, "<number:text-content/>")
    if code == YES_NO_FORMAT:
        return _style("boolean-style", name, "<number:boolean/>")
    if is_moment(code):
        return _style("date-style" if "yy" in code else "time-style", name, _moment(code))
    if code.endswith("%"):
        return _style("percentage-style", name, _number(code[:-1]) + "<number:text>%</number:text>")
    return _style("number-style", name, _number(code))


def _style(kind: str, name: str, content: str) -> str:
    return f'<number:{kind} style:name="{name}">{content}</number:{kind}>'


def _number(code: str) -> str:
    digits = places(code)
    grouping = ' number:grouping="true"' if "," in code else ""
    return (
        f'<number:number number:decimal-places="{digits}" number:min-decimal-places="{digits}" '
        f'number:min-integer-digits="1"{grouping}/>'
    )


def _moment(code: str) -> str:
    return "".join(_part(token) for token in moment_tokens(code))


def _part(token: str) -> str:
    if token.startswith("ss."):
        return f'<number:seconds {LONG} number:decimal-places="{len(token) - 3}"/>'
    return PARTS.get(token) or f"<number:text>{escape(token)}</number:text>"


def code_of(style: Element) -> str:
    """The Excel code a data style of ours was made from."""
    kind = style.tag.removeprefix(NUMBER)
    if kind == "text-style":
        return TEXT_FORMAT
    if kind == "boolean-style":
        return YES_NO_FORMAT
    return "".join(_code(part) for part in style)


def _code(part: Element) -> str:
    name = part.tag.removeprefix(NUMBER)
    digits = int(part.get(f"{NUMBER}decimal-places", "0"))
    behind = "." + "0" * digits if digits else ""
    if name == "text":
        return part.text or ""
    if name == "number":
        return ("#,##0" if part.get(f"{NUMBER}grouping") else "0") + behind
    if name == "seconds":
        return "ss" + behind
    if name == "month":
        return "mmm" if part.get(f"{NUMBER}textual") else "mm"
    if name == "day":
        return "dd" if part.get(f"{NUMBER}style") == "long" else "d"
    return CODES[name]
