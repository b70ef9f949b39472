"""A sample with delimiters: its encoding, line ends, quotes and header, read off the bytes themselves."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.engine.formats.transcoding import ENCODINGS
from core.engine.ingest.dialect import WORDS, Dialect, records
from core.engine.ingest.options import Understood
from core.engine.matching import styles
from core.engine.matching.sample import MOST_ROWS, Sample, columns_of

HEAD_BYTES = 1 << 20  # of a text file: enough for a thousand rows
OURS = {  # Python's codec → ours
    "utf-8": "utf-8", "utf-16": "utf-16", "utf-16-le": "utf-16", "utf-16-be": "utf-16", "cp1252": "windows-1252",
    "cp1250": "windows-1250", "cp1251": "windows-1251", "cp1253": "windows-1253", "cp1254": "windows-1254",
    "cp1256": "windows-1256", "cp1258": "windows-1258", "iso8859-1": "iso-8859-1", "iso8859-15": "iso-8859-15",
    "iso8859_15": "iso-8859-15", "cp932": "shift_jis", "shift_jis": "shift_jis", "gb18030": "gb18030", "big5": "big5",
    "cp949": "euc-kr", "euc_kr": "euc-kr", "ascii": "utf-8",
}  # fmt: skip


@dataclass(frozen=True)
class Text:
    """The beginning of a text file, and how its bytes are written."""

    text: str
    encoding: str  # ours
    bom: bool
    line_ends: str  # lf or crlf
    whole: bool  # not only the beginning was read
    understood: tuple[str, ...]
    differences: tuple[str, ...]


def text_of(head: bytes, codec: str, *, whole: bool) -> Text:
    """Decode the beginning of a file, and say what its bytes show."""
    bom = head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = head.decode("utf-8-sig" if codec == "utf-8" else codec, errors="ignore").removeprefix("\ufeff")
    understood, differences = [], []
    encoding = OURS.get(codec)
    if encoding is None:
        differences.append(f"The sample is written in {codec}, which cannot be written here: UTF-8 is proposed.")
        encoding = "utf-8"
    elif text.isascii() and not bom:
        understood.append("Only plain letters, which every encoding writes alike: UTF-8 is proposed.")
    else:
        mark = ", with a byte order mark" if bom and encoding == "utf-8" else ""
        understood.append(f"The encoding is {ENCODINGS[encoding].partition(':')[0]}{mark}.")
    windows, unix = text.count("\r\n"), len(re.findall(r"(?<!\r)\n", text))
    line_ends = "crlf" if windows > unix else "lf"
    understood.append(
        "Lines end as on Windows (CRLF)." if line_ends == "crlf" else "Lines end as on Linux and macOS (LF)."
    )
    if "\r" in text and not windows and not unix:
        differences.append("The sample's lines end as on old Macs (CR alone); that cannot be written here.")
    return Text(text, encoding, bom, line_ends, whole, tuple(understood), tuple(differences))


def read(source: Text, found: Understood) -> Sample:
    """The sample's dialect as our options, and its columns."""
    text, declared = _without_declaration(source.text)
    dialect = Dialect(found.delimiter or ",", '"' if found.quote is None else found.quote, found.quote or '"')
    rows = [record.cells for record in records(text, dialect, MOST_ROWS + 1)]
    if not source.whole and len(rows) > 1:
        rows.pop()  # the beginning may end within a row
    above = _above(text, found, rows, dialect)
    header = bool(found.header_row)
    rows = rows[above:]
    names = rows[0] if header and rows else [""] * max((len(row) for row in rows), default=0)
    columns = columns_of([name.strip() for name in names], rows[1:] if header else rows)
    sample = Sample(
        "tsv" if dialect.delimiter == "\t" else "csv", columns, understood=[*source.understood], differences=[*source.differences]
    )  # fmt: skip
    _bytes_options(sample, source)
    _dialect_options(sample, dialect, text, rows, header)
    sample.decimal = styles.file_decimal([column.values for column in columns])
    if declared:
        sample.differences.append("The sample begins with a line “sep=”, which is not written.")
    if above:
        lines = "line stands" if above == 1 else "lines stand"
        sample.differences.append(
            f"{above} {lines} above the sample's table and will not be written; the format “Own layout” could write them."
        )
    return sample


def _without_declaration(text: str) -> tuple[str, bool]:
    declared = re.match(r'"?sep=."?\r?\n', text, re.IGNORECASE)
    return (text[declared.end() :], True) if declared else (text, False)


def _above(text: str, found: Understood, rows: list[list[str]], dialect: Dialect) -> int:
    """Records above the header (or, without one, above the first row as wide as the others)."""
    if found.header_row:
        lines = [record.line for record in records(text, dialect, len(rows))]
        return lines.index(found.header_row) if found.header_row in lines else 0
    return 0


def _bytes_options(sample: Sample, source: Text) -> None:
    sample.options["encoding"] = source.encoding
    sample.options["line_ends"] = source.line_ends
    if source.encoding == "utf-8":
        sample.options["bom"] = "yes" if source.bom else "no"


def _dialect_options(sample: Sample, dialect: Dialect, text: str, rows: Sequence[Sequence[str]], header: bool) -> None:
    options, said = sample.options, sample.understood
    options |= {"audience": "programs", "header": header}
    word = WORDS.get(dialect.delimiter, f"“{dialect.delimiter}”")
    said.append(f"Cells are parted by a {word}.")
    if len(dialect.delimiter) == 1 and dialect.delimiter.isascii() and dialect.delimiter != " ":
        options["delimiter"] = dialect.delimiter
    else:
        sample.differences.append("That sign between cells cannot be written here; a comma is proposed.")
    said.append("The first row holds the names of the columns." if header else "There is no header row.")
    quotes = _quotes(text, dialect, len(rows))
    if quotes == "all":
        options["quoting"] = "all"
        said.append("Every cell stands in quotes.")
    elif quotes == "texts":
        sample.differences.append(
            "The sample quotes its texts always and its numbers never; here quotes stand only where needed."
        )
    if dialect.quote == "'":
        sample.differences.append("The sample quotes with apostrophes; here double quotes are written.")
    elif dialect.escape == "\\":
        sample.differences.append("The sample puts a backslash before a quote; here a quote within a cell is doubled.")


def _quotes(text: str, dialect: Dialect, rows: int) -> str:
    """all, texts or some: which cells of the sample stand in quotes."""
    quote, sign = re.escape(dialect.quote or '"'), re.escape(dialect.delimiter)
    cell = re.compile(rf"({quote}(?:[^{quote}]|{quote}{quote})*{quote}|[^{sign}\r\n]*)({sign}|\r?\n|$)")
    quoted = bare = numbers = 0
    for match in cell.finditer(text[:HEAD_BYTES]):
        value = match[1]
        if value.startswith(dialect.quote or '"'):
            quoted += 1
        elif value.strip():
            bare += 1
            numbers += bool(re.fullmatch(r"[-+]?[\d.,' ]+%?", value.strip()))
    del rows
    if quoted and not bare:
        return "all"
    return "texts" if quoted and bare == numbers and quoted >= bare / 4 else "some"
