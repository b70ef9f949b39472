"""CSV and TSV (RFC 4180): what spreadsheets, databases and most programs exchange.

"For spreadsheets" disarms formulas: a text cell that a spreadsheet would compute gets a leading apostrophe, and the receipt
says how many (OWASP, CSV injection). Numbers, and text that is a plain number or a phone number, are never touched.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

from core.engine.formats.base import Context, Options, RowFormat
from core.engine.formats.cells import Cells, counted
from core.engine.formats.choices import LINE_ENDS, MORE, DateFormatKey, Encoding, LineEnd, NullText
from core.engine.formats.reading import Ends, QuotedLines
from core.engine.receipt import Note
from core.engine.rendering import OutColumn
from core.engine.session import characters, literal
from core.engine.text import shown
from core.engine.values import DATED, NUMBERS, TEXTS, Kind

BOM = b"\xef\xbb\xbf"
# = + - @, tab, CR and the full-width = + - @ that some spreadsheets fold to them
DANGEROUS = (0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D, 0xFF1D, 0xFF0B, 0xFF0D, 0xFF20)
HARMLESS = r"[+-]?[0-9][0-9 .,]*([eE][+-]?[0-9]+)?%?"  # -5, +62 812 3456, 1.250,00, -12%
LONGEST_CELL = 2**31 - 1  # characters
_DELIMITERS: JsonDict = {
    "suggestions": {
        ",": "comma  ,",
        ";": "semicolon  ;",
        "\t": "tab",
        "|": "vertical bar  |",
    }  # any other sign may be typed
}


def _one_delimiter(value: str) -> str:
    if len(value) != 1 or not value.isascii() or value.isalnum() or value in "\"\r\n\0'+-.":
        raise ValueError("a delimiter is one sign such as , ; | or a tab, and none that values are made of")
    return value


class CsvOptions(Options):
    """What people who open CSV files need to choose."""

    audience: Literal["spreadsheets", "programs"] = Field(
        "spreadsheets",
        title="Made for",
        description="For spreadsheets, text that begins like a formula is made harmless; for programs nothing is touched.",
        json_schema_extra={"choices": {"spreadsheets": "spreadsheets", "programs": "programs"}},
    )
    delimiter: Annotated[str, AfterValidator(_one_delimiter)] = Field(
        ",",
        title="Delimiter",
        description="The sign between two cells, such as a comma, a semicolon, | or a tab.",
        json_schema_extra=_DELIMITERS,
    )
    header: bool = Field(True, title="Header row", description="The first row holds the column names.")
    quoting: Literal["minimal", "all"] = Field(
        "minimal",
        title="Quotes",
        description="Readers need them only where a cell holds the delimiter, a quote or a line end.",
        json_schema_extra=MORE | {"choices": {"minimal": "only where needed", "all": "round every cell"}},
    )
    decimal_comma: bool = Field(
        False,
        title="Decimal comma",
        description="Write 1,5 for one and a half; pair it with a semicolon between cells.",
    )
    date_format: DateFormatKey = "iso"
    null_text: NullText = Field(
        "", description="What stands for a missing value; a text that reads the same is put in quotes."
    )
    bom: Literal["auto", "yes", "no"] = Field(
        "auto",
        title="Byte order mark",
        description="Three bytes at the start that tell Excel the file is UTF-8; other encodings do without.",
        json_schema_extra=MORE | {"choices": {"auto": "for spreadsheets only", "yes": "yes", "no": "no"}},
    )
    line_ends: LineEnd = Field("lf", description="Nearly every program reads both.")
    encoding: Encoding = "utf-8"

    @property
    def with_bom(self) -> bool:
        """UTF-16 has a mark of its own, the others have none."""
        wanted = self.bom == "yes" or (self.bom == "auto" and self.audience == "spreadsheets")
        return wanted and self.encoding == "utf-8"


class TsvOptions(CsvOptions):
    """CSV's options, with a tab between cells."""

    delimiter: Annotated[str, AfterValidator(_one_delimiter)] = Field(
        "\t",
        title="Delimiter",
        description="The sign between two cells; a tab unless chosen otherwise.",
        json_schema_extra=_DELIMITERS,
    )


class Csv(RowFormat):
    name: ClassVar[str] = "csv"
    label: ClassVar[str] = "CSV"
    about: ClassVar[str] = "Opens in any spreadsheet and is read by any program."
    extension: ClassVar[str] = "csv"
    media_type: ClassVar[str] = "text/csv; charset=utf-8"
    Options: ClassVar[type[Options]] = CsvOptions

    def encoding(self, options: CsvOptions) -> str:
        return str(options.encoding)

    def prologue(self, columns: tuple[OutColumn, ...], options: CsvOptions, context: Context) -> bytes:
        start = BOM if options.with_bom else b""
        if not options.header:
            return start
        cells = [self._header(column.label, options) for column in columns]
        if cells == [""]:
            cells = ['""']
        return start + (options.delimiter.join(cells) + LINE_ENDS[options.line_ends]).encode()

    @staticmethod
    def _header(label: str, options: CsvOptions) -> str:
        armed = options.audience == "spreadsheets" and label[:1] and ord(label[0]) in DANGEROUS
        label = f"'{label}" if armed else label
        if options.quoting == "all":
            return '"' + label.replace('"', '""') + '"'
        return _quoted_text(label, options.delimiter)

    def cells(self, columns: tuple[OutColumn, ...], options: CsvOptions, zone: str) -> Cells:
        return Cells(columns, lambda column: _cell(column, options, zone, alone=len(columns) == 1))

    def row(self, cells: Cells, columns: tuple[OutColumn, ...], options: CsvOptions) -> str:
        between = f", {literal(options.delimiter)}, "
        joined = between.join(cells.sql[column.key] for column in columns)
        return f"concat({joined}, {characters(LINE_ENDS[options.line_ends])})"

    def tallies(self, columns: tuple[OutColumn, ...], options: CsvOptions, zone: str) -> dict[str, str]:
        texts = [column for column in columns if column.kind is Kind.TEXT]
        if options.audience != "spreadsheets" or not texts:
            return {}
        return {"formula_guard": counted(texts, lambda column: _armed(column.key))}

    def notes(self, columns: tuple[OutColumn, ...], options: Any, tallies: Mapping[str, int]) -> tuple[Note, ...]:
        guarded = tallies.get("formula_guard", 0)
        if not guarded:
            return ()
        cells = "1 text cell begins" if guarded == 1 else f"{guarded:,} text cells begin"
        was = "was" if guarded == 1 else "were"
        message = f"{cells} like a formula and {was} given a leading apostrophe, so that no spreadsheet runs it."
        return (Note(code="formula_guard", message=message, count=guarded),)

    def ends(self, columns: tuple[OutColumn, ...], options: Any) -> Ends:
        return QuotedLines()

    def parse(self, text: str, columns: tuple[OutColumn, ...], options: CsvOptions) -> int:
        count = 0
        csv.field_size_limit(LONGEST_CELL)  # Python's own limit is 128 KB a cell
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=options.delimiter, strict=True)
        try:
            for count, cells in enumerate(reader, 1):  # noqa: B007
                if len(cells) != len(columns):
                    raise ValueError(f"a row has {len(cells)} cells instead of {len(columns)}")
        except csv.Error as trouble:
            raise ValueError(str(trouble)) from trouble
        return count


def _armed(key: str) -> str:
    """Whether a text cell would be computed by a spreadsheet; true or false, also for NULL.

    Plain comparisons come first: they hold for few cells and cost a tenth of looking at the first character.
    """
    ranges = (("=", ">"), ("@", "A"), ("＋", "ａ"))
    maybe = " or ".join([f"{key} < '.'", *(f"({key} >= '{a}' and {key} < '{b}')" for a, b in ranges)])
    surely = f"ord({key}) in {DANGEROUS} and not regexp_full_match({key}, {literal(HARMLESS)})"
    return f"case when {maybe} then {surely} else false end"


def _cell(column: OutColumn, options: CsvOptions, zone: str, *, alone: bool) -> str:
    """One cell as SQL text, never NULL."""
    text = shown(column, zone, date_format=options.date_format, decimal_comma=options.decimal_comma)
    null = literal(f'"{options.null_text}"' if options.quoting == "all" or (alone and not options.null_text)
                   else _quoted_text(options.null_text, options.delimiter))  # fmt: skip
    escaped = f"""replace({text}, '"', '""')"""
    if options.quoting == "all":
        body = f"""concat('"', {escaped}, '"')"""
    else:
        body = _quoted_where_needed(column, text, options, alone=alone)
    if options.audience == "spreadsheets" and column.kind is Kind.TEXT:
        body = f"""case when {_armed(column.key)} then concat('"''', {escaped}, '"') else {body} end"""
    return f"case when {column.key} is null then {null} else {body} end"


def _quoted_text(text: str, delimiter: str) -> str:
    if any(sign in text for sign in ('"', "\r", "\n", delimiter)):
        return '"' + text.replace('"', '""') + '"'
    return text


def _quoted_where_needed(column: OutColumn, text: str, options: CsvOptions, *, alone: bool) -> str:
    if column.kind not in TEXTS:
        return f"""concat('"', {text}, '"')""" if _may_hold_delimiter(column, options) else text
    signs = ["'\"'", literal(options.delimiter), "chr(10)", "chr(13)"]
    needed = [f"contains({text}, {sign})" for sign in signs]
    if options.null_text:
        needed.append(f"{text} = {literal(options.null_text)}")
    elif alone or options.audience == "programs":
        needed.append(f"{text} = ''")  # "" is a text without letters, nothing is a missing value
    return f"""case when {" or ".join(needed)} then concat('"', replace({text}, '"', '""'), '"') else {text} end"""


def _may_hold_delimiter(column: OutColumn, options: CsvOptions) -> bool:
    """Whether the way a number or date is written contains the delimiter (1,5 between commas)."""
    if column.kind in NUMBERS:
        parted = (column.format or "").startswith("thousands")
        return (options.delimiter == "," and (options.decimal_comma or parted) and (parted or column.kind is not Kind.WHOLE
                or bool(column.format)))  # fmt: skip
    if column.kind in DATED or column.kind is Kind.TIME:
        return options.delimiter in " :/-."
    return False


class Tsv(Csv):
    name: ClassVar[str] = "tsv"
    label: ClassVar[str] = "TSV"
    about: ClassVar[str] = "CSV with tabs: pastes straight into a spreadsheet."
    extension: ClassVar[str] = "tsv"
    media_type: ClassVar[str] = "text/tab-separated-values; charset=utf-8"
    Options: ClassVar[type[Options]] = TsvOptions


FORMAT = Csv()
TSV = Tsv()
