"""HTML: one page that holds everything, with search and sort, for people who have a browser and nothing else.

The page is a plain table first: it reads, prints and works with a screen reader without JavaScript. Its content security policy
allows its own style and script by their hashes and nothing else, so it asks no host for anything (CSP level 2, 7.15).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from core.engine.formats.base import Context, Options, RowFormat
from core.engine.formats.cells import Cells, counted
from core.engine.formats.choices import DateFormatKey
from core.engine.formats.reading import Ends, Marked
from core.engine.receipt import Note
from core.engine.rendering import OutColumn
from core.engine.session import literal, quoted
from core.engine.text import plain, programs_date, shown
from core.engine.values import DATED, NUMBERS, TEXTS, Kind
from core.errors import LimitReached

MOST_ROWS = 100_000  # of ten columns each a browser takes some seconds and 700 MB; with more it seems to hang
STYLE = Path(__file__).with_name("html_page.css").read_text(encoding="utf-8")
SCRIPT = Path(__file__).with_name("html_page.js").read_text(encoding="utf-8")
FIRST = 'document.documentElement.className = "loading";'  # the rows a script will take out are not laid out before


class HtmlOptions(Options):
    """What stands round the table."""

    heading: str = Field("", max_length=200, title="Title", description="Empty: the name of the export.")
    about: bool = Field(
        False,
        title="“About this export”",
        description="Lines at the foot that say what is in the page and how it was made.",
    )
    date_format: DateFormatKey = "iso"


class Html(RowFormat):
    name: ClassVar[str] = "html"
    label: ClassVar[str] = "Web page"
    about: ClassVar[str] = "One page with search and sort: opens in any browser, for people without Excel."
    extension: ClassVar[str] = "html"
    media_type: ClassVar[str] = "text/html; charset=utf-8"
    view: ClassVar[str] = "html"
    Options: ClassVar[type[Options]] = HtmlOptions
    values: ClassVar[Mapping[str, str]] = {
        "rows": f"at most {MOST_ROWS:,}: with more, browsers hang",
        "text": "as it is, with its line ends and blanks; NUL, which HTML cannot hold, becomes `�`, counted",
        "numbers": "all digits, aligned to the right; sorted as numbers",
        "yes/no": "yes, no",
        "dates": "`2026-10-31`, `2026-10-31 08:05:00`, with the workspace's offset where they have a zone; or as you choose",
        "missing values, empty text": "an empty cell; sorted last",
        "lists and objects": "JSON text",
    }

    def prologue(self, columns: tuple[OutColumn, ...], options: HtmlOptions, context: Context) -> bytes:
        refuse_too_many(context)
        title = escape(options.heading or context.title)
        style = STYLE + _alignment(columns)
        policy = f"default-src 'none'; style-src {_source(style)}; script-src {_source(FIRST)} {_source(SCRIPT)}"
        rows = "" if context.rows is None else f"{context.rows:,} {'row' if context.rows == 1 else 'rows'}"
        heads = "\n".join(f'<th scope="col" data-kind="{_sorted_as(c)}">{escape(c.label)}</th>' for c in columns)
        return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="generator" content="Export Desk">
<title>{title}</title>
<style>{style}</style>
<script>{FIRST}</script>
</head>
<body>
<header>
<div class="title"><h1 id="title">{title}</h1><p class="count" id="count" role="status">{rows}</p></div>
<div class="search" hidden><label for="q">Search in all columns</label>
<input id="q" type="search" autocomplete="off" spellcheck="false" aria-controls="table"></div>
</header>
<div class="frame" id="frame" role="region" aria-labelledby="title" tabindex="0">
<table id="table">
<caption>{title}</caption>
<thead><tr>
{heads}
</tr></thead>
<tbody>
""".encode()

    def cells(self, columns: tuple[OutColumn, ...], options: HtmlOptions, zone: str) -> Cells:
        return Cells(columns, lambda column: _cell(column, options, zone))

    def row(self, cells: Cells, columns: tuple[OutColumn, ...], options: Any) -> str:
        return f"concat('<tr>', {', '.join(cells.sql[column.key] for column in columns)}, '</tr>', chr(10))"

    def epilogue(self, columns: tuple[OutColumn, ...], options: HtmlOptions, context: Context) -> bytes:
        refuse_too_many(context)
        lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>\n" for name, text in context.about)
        about = f"<footer><details><summary>About this export</summary><dl>\n{lines}</dl></details></footer>\n"
        return f"""</tbody>
</table>
<p class="none" id="none" role="status" hidden></p>
<button class="more" id="more" type="button" hidden>Show more rows</button>
</div>
{about if options.about and lines else ""}<script>{SCRIPT}</script>
</body>
</html>
""".encode()

    def tallies(self, columns: tuple[OutColumn, ...], options: Any, zone: str) -> dict[str, str]:
        texts = [column for column in columns if column.kind in TEXTS]
        return {"nul": counted(texts, lambda column: f"contains({quoted(column.key)}, chr(0))")} if texts else {}

    def notes(self, columns: tuple[OutColumn, ...], options: Any, tallies: Mapping[str, int]) -> tuple[Note, ...]:
        count = tallies.get("nul", 0)
        if not count:
            return ()
        cells = "1 text holds" if count == 1 else f"{count:,} texts hold"
        message = f"{cells} NUL characters, which HTML cannot hold: each became the sign � (U+FFFD)."
        return (Note(code="forbidden_characters", message=message, count=count),)

    def ends(self, columns: tuple[OutColumn, ...], options: Any) -> Ends:
        return Marked(b"</tr>\n")

    def parse(self, text: str, columns: tuple[OutColumn, ...], options: Any) -> int:
        reader = _Rows(len(columns))
        reader.feed(text)
        reader.close()
        if reader.open:
            raise ValueError(f"<{reader.open[-1]}> is never closed")
        return reader.rows


class _Rows(HTMLParser):
    """Counts rows; raises ValueError for any tag but a row of so many cells."""

    WITHIN = {"tr": None, "td": "tr"}

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns, self.rows, self.cells = columns, 0, 0
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.WITHIN or self.WITHIN[tag] != (self.open[-1] if self.open else None):
            raise ValueError(f"<{tag}> stands where it cannot")
        self.open.append(tag)
        self.cells = self.cells + 1 if tag == "td" else 0

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"</{tag}> closes nothing")
        if tag == "tr":
            self.rows += 1
            if self.cells != self.columns:
                raise ValueError(f"a row has {self.cells} cells instead of {self.columns}")


def refuse_too_many(context: Context) -> None:
    """Raises LimitReached before a row is written where their number is known, else before the file is finished."""
    if context.rows is not None and context.rows > MOST_ROWS:
        raise LimitReached(
            f"This web page would have {context.rows:,} rows; with more than {MOST_ROWS:,} browsers hang.",
            "Filter the rows, split the export by rows, or choose Excel or CSV.",
            field="limits.rows",
        )


def _source(text: str) -> str:
    """What a content security policy calls this style or script."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _alignment(columns: tuple[OutColumn, ...]) -> str:
    """One rule for all columns of numbers: a class in every cell would make the page a fifth larger."""
    places = [i for i, column in enumerate(columns, 1) if column.kind in NUMBERS]
    if not places:
        return ""
    cells = ", ".join(f":is(th, td):nth-child({place})" for place in places)
    return f"{cells} {{ text-align: end; font-variant-numeric: tabular-nums; }}\n"


def _sorted_as(column: OutColumn) -> str:
    return "number" if column.kind in NUMBERS else "date" if column.kind in DATED else "text"


def _cell(column: OutColumn, options: HtmlOptions, zone: str) -> str:
    """One cell as HTML, never NULL; shown in a display format, it carries its plain value to be sorted by."""
    name = quoted(column.key)
    text = shown(column, zone, date_format=options.date_format)
    begin = "'<td>'"
    if column.kind in TEXTS:
        for sign, reference in {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "\0": "\ufffd"}.items():
            text = f"replace({text}, chr({ord(sign)}), {literal(reference)})"
    elif column.kind is Kind.YES_NO:
        text = f"case when {name} then 'yes' else 'no' end"
    elif text != plain(column, zone):
        sortable = programs_date(_unformatted(column), zone) if column.kind in DATED else plain(column, zone)
        begin = f"""'<td data-v="', {sortable}, '">'"""
    return f"case when {name} is null then '<td></td>' else concat({begin}, {text}, '</td>') end"


def _unformatted(column: OutColumn) -> OutColumn:
    return OutColumn(column.key, column.label, column.kind, zone=column.zone)


FORMAT = Html()
