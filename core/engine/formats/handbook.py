"""docs/formats.md, made from the formats themselves: `python -m core.engine.formats.handbook` writes it anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from core.engine.display import DATE_FORMATS, NUMBER_FORMATS
from core.engine.formats import FORMATS
from core.engine.formats.base import Format
from core.engine.formats.transcoding import ENCODINGS

PAGE = Path(__file__).parents[3] / "docs" / "formats.md"
INTRODUCTION = """# Formats and their options

Every format writes the same rows; what differs is who reads them. The options below are the ones in the builder under
“File”, and the keys of `output.options` in a spec. What is left out stays as it is by default. This page is made from the
code (`python -m core.engine.formats.handbook`); a test compares.

## How values are written

| value | CSV, TSV | JSON, JSON Lines | Excel | OpenDocument | Parquet | Fixed width, own layout |
|---|---|---|---|---|---|---|
| text | as it is | as it is, escaped | always a text cell | always a text cell; control characters as U+FFFD, counted | as it is | as it is; fixed width fills it up |
| text like a formula | for spreadsheets: a leading apostrophe, counted; for programs: as it is | as it is | as it is | as it is | as it is | as it is |
| numbers | all digits | all digits; in quotes where a reader would round them | a number to 15 digits, else text | a number to 15 digits, else text | all digits | all digits, or as you ask; never cut |
| NaN, infinity | `NaN`, `Infinity` | `null` or text, counted | text, counted | text, counted | as they are | `NaN`, `Infinity`, never among zeros |
| dates | `2026-10-31` | `"2026-10-31"` | a real date; before 1 March 1900 text | a real date; before 15 October 1582 text | date | `2026-10-31`, or as you ask |
| date and time | `2026-10-31 08:05:00` | `"2026-10-31T08:05:00"` | a real date and time, in ms | a real date and time | timestamp | `2026-10-31 08:05:00`, or as you ask |
| date, time and zone | with the workspace's offset | the same | on the workspace's clock | on the workspace's clock | timestamp with zone | with the workspace's offset, or as you ask |
| missing values | nothing, or the text you choose | `null` | an empty cell | an empty cell | null | blanks, or the text you choose |
| empty text | nothing; for programs `""` | `""` | an empty text | an empty text | empty text | blanks; nothing where no width is asked |
| lists and objects | JSON text | nested | JSON text | JSON text | JSON text | JSON text |

In fixed width and in your own layout every value has its place: a text that is too long or holds a line break is refused with
its row and column before anything is written, or cut or joined where you say so, and counted.

What the other formats do stands in their own sections.

Two columns with the same header stay so in CSV, Excel and OpenDocument; in JSON and Parquet the second is called
“name (2)”, and the receipt says so.
"""  # noqa: E501 (a row of a Markdown table is one line)
LOOKS = """
## How a value looks in your own layout

After a colon in a placeholder stand some of these words, a blank between them, as in `{Amount:0.00 >12}`:

| word | what it does |
|---|---|
| `0` `0.00` `0,00` | a number with so many decimals, after a point or a comma; rounded |
| `#,##0.00` `#.##0,00` | the same, thousands parted |
| `0v00` | the same, the decimal sign left out: 12.34 becomes 1234 |
| `12` `<12` `>12` `^12` | so many characters wide: to the left, the right, in the middle; numbers stand right by themselves |
| `*>12` | the same, filled up with the sign before the arrow |
| `08` | filled up with zeros, which stand after a minus; a missing number stays blank |
| `dmy_slash` … | a date in one of the display formats below |
| `yyyymmdd` `dd.mm.yy` `hhmiss` | a date or a time in parts: yyyy, yy, mm, dd, hh, mi, ss, and - / . : _ T between them |
| `upper` `lower` | its letters |
| `cut` | a text that is too long loses its end, counted; without it the export is refused, naming the row |

Above and below the rows there are `{title}` `{date}` `{time}` `{rows}` (or `{count}`) and, of a column, `{sum:Amount}`
`{min:Amount}` `{max:Day}` `{count:Email}`, each with a look too: `{sum:Amount:0v00 015}`. A split by rows, values or dates gives
every file its own figures. Widths count characters, not bytes.
"""
DISPLAY = """
## Display formats of a column

A column may have one (`columns[].format` in a spec); it changes what a reader sees, on purpose. Parquet keeps the values.

| key | for | example |
|---|---|---|
"""
ENCODED = """
## Encodings

A character that an encoding does not have ends the export with a sentence that shows where it stands; nothing is replaced.
XML, JSON, YAML, SQL and the web page are always UTF-8.

| key | name |
|---|---|
"""


def page() -> str:
    """The whole page as Markdown."""
    sections = [_section(format) for format in FORMATS.values()]
    dates = [f"| `{f.key}` | dates | {f.example} |" for f in DATE_FORMATS.values()]
    numbers = [f"| `{f.key}` | numbers | {f.example} |" for f in NUMBER_FORMATS.values()]
    encodings = [f"| `{key}` | {words} |" for key, words in ENCODINGS.items()]
    tables = DISPLAY + "\n".join(dates + numbers) + "\n" + ENCODED + "\n".join(encodings) + "\n"
    return INTRODUCTION + "".join(sections) + LOOKS + tables


def _section(format: Format) -> str:
    model = format.Options
    properties = model.model_json_schema(by_alias=False)["properties"]
    lines = [f"\n## {format.label} (`{format.name}`)\n", f"{format.about}\n"]
    if format.values:
        lines += ["| value | how it is written |", "|---|---|"]
        lines += [f"| {value} | {how} |" for value, how in format.values.items()]
        lines.append("")
    lines += ["| option | choices | usually | what it does |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        about = f"**{field.title}.** {_plain(field.description or '')}"
        lines.append(f"| `{name}` | {_choices(field, properties[name])} | {_shown(field.default)} | {about} |")
    return "\n".join(lines) + "\n"


def _choices(field: FieldInfo, schema: dict[str, Any]) -> str:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    choices = extra.get("choices")
    if takes := extra.get("takes"):
        return str(takes)
    if not isinstance(choices, dict):
        return _typed(schema)
    if choices.keys() == DATE_FORMATS.keys():
        return "[a date format](#display-formats-of-a-column)"
    if choices.keys() == ENCODINGS.keys():
        return "[an encoding](#encodings)"
    said = {choice: "" if words == choice else f" ({_plain(str(words))})" for choice, words in choices.items()}
    return ", ".join(f"`{choice}`{words}" for choice, words in said.items())


def _typed(schema: dict[str, Any]) -> str:
    """What a field of that JSON schema takes."""
    if "enum" in schema:
        return ", ".join(f"`{choice}`" for choice in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_typed(part) for part in schema["anyOf"])
    if "minimum" in schema:
        return f"{schema['minimum']} to {schema['maximum']:,}"
    return {"boolean": "`true`, `false`", "string": "text", "null": "nothing"}[schema["type"]]


def _plain(text: str) -> str:
    """Words that hold signs of Markdown's own, as a table shows them."""
    for sign, shown in {"&": "&amp;", "<": "&lt;", "*": "\\*", "|": "\\|"}.items():
        text = text.replace(sign, shown)
    return text


def _shown(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "a tab" if value == "\t" else f"`{value}`".replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
