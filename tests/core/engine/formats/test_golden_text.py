"""The nasty table in every text format and Parquet: the golden files, and what independent readers find in them.

After a change that is meant: `python -m tests.core.engine.formats.test_golden_text` writes the golden files anew.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.engine import formats
from core.engine.formats.base import Context, Written
from core.engine.formats.naming import keys
from core.engine.session import open_session
from core.engine.values import Column, Kind
from tests.core.engine import nasty
from tests.core.engine.making import NOW

ZONE = "Asia/Jakarta"
GOLDEN = Path(__file__).parents[3] / "golden"
BEYOND_PYTHON = {"9999-12-31 17:30:00+00": "10000-01-01 00:30:00+07:00"}  # datetime ends with the year 9999
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "nasty.csv": ("csv", {"audience": "programs"}),
    "nasty.spreadsheets.csv": ("csv", {"delimiter": ";", "decimal_comma": True, "line_ends": "crlf"}),
    "nasty.tsv": ("tsv", {"audience": "programs", "quoting": "all", "null_text": "NULL"}),
    "nasty.json": ("json", {"pretty": True, "not_finite": "text"}),
    "nasty.jsonl": ("jsonl", {}),
    "nasty.parquet": ("parquet", {}),
    "nasty.utf16.tsv": ("tsv", {"audience": "programs", "encoding": "utf-16", "line_ends": "crlf"}),
    "nasty.fixed.txt": (
        "fixed",
        {"header": True, "line_breaks": "space", "null_text": "-", "date_format": "dmy_slash"},
    ),
    "nasty.template.txt": (
        "template",
        {
            "header": "H {title} {date:yyyymmdd} {rows:06} {sum:Price:#,##0.00} {{}}",
            "row": "{row:04}|{Text:<12 upper cut}|{Price:0,00}|{price:014}|{Price:0v00}|{Day:ddmmyyyy}|{Text (2)}|\n"
            "  {Moment:dd.mm.yy}{Moment:Thhmiss} {Exact} {Float:#.##0,00} {Nested}",
            "footer": "T {count:Text} {sum:=Whole} {min:Clock} {max:Day:dmy_slash}",
            "line_breaks": "space",
            "null_text": "-",
        },
    ),
    "nasty.xml": ("xml", {"pretty": True, "missing": "nil", "namespace": "urn:example:nasty"}),
    "nasty.yaml": ("yaml", {}),
    "nasty.html": ("html", {}),
    "nasty.sql": ("sql", {"create": True, "rows_per_insert": 10}),
}


def made(name: str, folder: Path) -> tuple[bytes, Written]:
    format_name, given = VARIANTS[name]
    table = nasty.table(folder)
    path = folder / f"made.{name}"
    format, options = formats.get(format_name), formats.parse_options(format_name, given)
    with open_session(None) as connection:
        rows = nasty.rows(connection, table, ZONE)
        written = format.write(rows, path, options, Context("Nasty", now=NOW, rows=nasty.COUNT))
    with open(path, "rb") as content:
        assert format.verify(content, written, nasty.out_columns(), options) == nasty.COUNT
    return path.read_bytes(), written


@pytest.mark.parametrize("name", [name for name in VARIANTS if not name.endswith(".parquet")])
def test_the_bytes_of_the_nasty_table_are_the_golden_ones(name, tmp_path):
    content, _ = made(name, tmp_path)
    assert content == (GOLDEN / name).read_bytes()


def test_the_parquet_of_the_nasty_table_reads_like_the_golden_one(tmp_path):
    content, _ = made("nasty.parquet", tmp_path)
    found, golden = pq.read_table(io.BytesIO(content)), pq.read_table(GOLDEN / "nasty.parquet")
    assert found.schema.equals(golden.schema)
    assert found.drop_columns(["Float"]).equals(golden.drop_columns(["Float"]))
    assert str(found["Float"].to_pylist()) == str(golden["Float"].to_pylist())  # NaN equals nothing


def expected_text(column: Column, text: str | None) -> str:
    """What CSV says for programs; DuckDB writes a zoned timestamp without minutes of its offset."""
    if text is None:
        return ""
    if column.kind is Kind.TIMESTAMP_TZ:
        if text in BEYOND_PYTHON:
            return BEYOND_PYTHON[text]
        at = datetime.fromisoformat(text).astimezone(ZoneInfo(ZONE))
        shown = at.replace(tzinfo=None).isoformat(" ")
        return (shown.rstrip("0") if "." in shown else shown) + at.isoformat()[len(shown) :]
    return text


def test_the_csv_module_reads_every_value_of_the_nasty_table(tmp_path):
    content, _ = made("nasty.csv", tmp_path)
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    assert header == [column.name for column in nasty.COLUMNS]
    for i, column in enumerate(nasty.COLUMNS):
        assert [row[i] for row in rows] == [expected_text(column, text) for text in nasty.cells(column)]


def test_null_and_empty_text_differ_for_programs(tmp_path):
    content, _ = made("nasty.csv", tmp_path)
    lines = content.decode().split("\n")
    assert lines[2].startswith(",,")
    assert lines[3].startswith('"","",')


def test_formulas_are_disarmed_for_spreadsheets_alone_and_counted(tmp_path):
    content, written = made("nasty.spreadsheets.csv", tmp_path)
    _, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)
    texts = [text or "" for text in nasty.TEXTS]
    dangerous = [t for t in texts if t.startswith(("=", "-cmd", "@", "＝", "\t"))]
    changed = [row[0] for row, text in zip(rows, texts, strict=True) if row[0] != text]
    assert changed == ["'" + text for text in dangerous]
    [note] = written.notes
    assert (note.code, note.count) == ("formula_guard", len(dangerous))


def test_numbers_take_a_decimal_comma_and_nothing_else_does(tmp_path):
    content, _ = made("nasty.spreadsheets.csv", tmp_path)
    assert content.startswith(b"\xef\xbb\xbf")
    _, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)
    prices = [text.replace(".", ",") if text else "" for text in nasty.cells(nasty.COLUMNS[4])]
    assert [row[4] for row in rows] == prices
    assert [row[2] for row in rows] == [text or "" for text in nasty.cells(nasty.COLUMNS[2])]


def test_the_tsv_quotes_every_cell_and_names_its_nulls(tmp_path):
    content, _ = made("nasty.tsv", tmp_path)
    _, *rows = csv.reader(io.StringIO(content.decode(), newline=""), delimiter="\t", strict=True)
    assert {row[13] for row in rows} == {"NULL"}
    assert content.count(b'"\t"') == 13 * (nasty.COUNT + 1)


def test_the_utf_16_tsv_holds_what_the_csv_holds(tmp_path):
    content, _ = made("nasty.utf16.tsv", tmp_path)
    (tmp_path / "csv").mkdir()
    plain, _ = made("nasty.csv", tmp_path / "csv")
    read = {"delimiter": "\t", "strict": True}
    assert list(csv.reader(io.StringIO(content.decode("utf-16"), newline=""), **read)) == list(
        csv.reader(io.StringIO(plain.decode(), newline=""), strict=True)
    )


def test_every_line_of_the_fixed_width_file_is_as_long_as_the_others_in_characters(tmp_path):
    content, written = made("nasty.fixed.txt", tmp_path)
    lines = content.decode().split("\r\n")
    assert lines.pop() == ""
    assert len(lines) == nasty.COUNT + 1
    assert len({len(line) for line in lines}) == 1
    assert [(note.code, note.count) for note in written.notes] == [("line_break_replaced", 2)]


def json_value(column: Column, text: str | None, *, words: bool) -> Any:
    """The value a JSON reader must find for the plain text of a value."""
    if text is None:
        return None
    if text.lower().endswith(("infinity", "nan")):
        return text if words else None
    if column.kind is Kind.WHOLE:
        return int(text) if abs(int(text)) < 2**53 else text
    if column.kind is Kind.DECIMAL:
        return Decimal(text) if len(text.lstrip("-0.").replace(".", "")) <= 15 else text
    if column.kind is Kind.FLOAT:
        return Decimal(text)
    if column.kind is Kind.YES_NO:
        return text == "true"
    if column.kind is Kind.NESTED:
        return json.loads(text, parse_float=Decimal)
    if column.kind in (Kind.TIMESTAMP, Kind.TIMESTAMP_TZ):
        return expected_text(column, text).replace(" ", "T")
    return text


@pytest.mark.parametrize("name", ["nasty.json", "nasty.jsonl"])
def test_a_json_reader_finds_every_value_of_the_nasty_table(name, tmp_path):
    content, written = made(name, tmp_path)
    pieces = [content.decode()] if name == "nasty.json" else [f"[{line}]" for line in content.decode().split("\n")[:-1]]
    rows = [row for piece in pieces for row in json.loads(piece, parse_float=Decimal)]
    names = [*(c.name for c in nasty.COLUMNS[:-1]), "Text (2)"]
    assert all(list(row) == names for row in rows)
    for key, column in zip(names, nasty.COLUMNS, strict=True):
        wanted = [json_value(column, text, words=name == "nasty.json") for text in nasty.cells(column)]
        assert [row[key] for row in rows] == wanted, key
    notes = {note.code: note.count for note in written.notes}
    assert set(notes) == {"not_finite", "long_number_as_text", "renamed_column"}


def arrow_value(column: Column, text: str | None) -> Any:
    if text is None or column.kind in (Kind.TEXT, Kind.NESTED):
        return text
    if column.kind is Kind.WHOLE:
        return Decimal(text) if column.precision else int(text)
    if column.kind is Kind.DECIMAL:
        return Decimal(text)
    if column.kind is Kind.FLOAT:
        return float(text)
    if column.kind is Kind.YES_NO:
        return text == "true"
    if column.kind is Kind.DATE:
        return date.fromisoformat(text)
    if column.kind is Kind.TIME:
        return time.fromisoformat(text)
    return datetime.fromisoformat(text)


def test_arrow_reads_every_value_and_type_of_the_nasty_table(tmp_path):
    content, _ = made("nasty.parquet", tmp_path)
    found = pq.read_table(io.BytesIO(content))
    assert found.column_names == keys(nasty.out_columns())
    assert found.schema.field("Instant").type == pa.timestamp("us", tz=ZONE)
    assert found.schema.field("Price").type == pa.decimal128(12, 2)
    beyond_python = ("infinity", "NaN", "24:00", *BEYOND_PYTHON)
    for name, column in zip(found.column_names, nasty.COLUMNS, strict=True):
        for value, text in zip(found[name], nasty.cells(column), strict=True):
            if text and text.lstrip("-").startswith(beyond_python):
                continue  # Python cannot say it, or compare it; the golden file holds it
            assert value.as_py() == arrow_value(column, text), (name, text)


if __name__ == "__main__":
    for golden_name in VARIANTS:
        with tempfile.TemporaryDirectory() as golden_folder:
            (GOLDEN / golden_name).write_bytes(made(golden_name, Path(golden_folder))[0])
