"""The nasty table as OpenDocument: its golden file, and what calamine and our own ingest read in it.

After a change that is meant: `python -m tests.core.engine.formats.ods.test_nasty_values` writes the golden file anew.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from core.engine.formats.base import Context
from core.engine.formats.ods import FORMAT
from core.engine.ingest import ingest
from core.engine.ingest.options import ImportOptions
from core.engine.session import open_session
from core.engine.values import Column, Kind
from tests.core.engine import nasty
from tests.core.engine.formats.xlsx.workbooks import NOW, Made, make, moment

ZONE = "Asia/Jakarta"
GOLDEN = Path(__file__).parents[4] / "golden" / "nasty.ods"
FIRST = date(1582, 10, 15)


def nasty_spreadsheet(folder: Path) -> Made:
    table = nasty.table(folder)
    with open_session(None) as connection:
        rows = nasty.rows(connection, table, ZONE)
        context = Context("Nasty: a table", (("Export", "=nasty"),), NOW)
        return make(rows, folder / "nasty.ods", format=FORMAT, context=context, totals=True, about=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return nasty_spreadsheet(tmp_path_factory.mktemp("nasty"))


def expected(column: Column, text: str | None) -> Any:
    """The value a reader must find for the plain text of a value; calamine gives NULL as empty text."""
    if text is None:
        return ""
    if column.kind in (Kind.TEXT, Kind.NESTED):
        return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", re.sub("\r\n?", "\n", text))
    if text.lower().endswith(("infinity", "nan")):
        return text
    if column.kind in (Kind.WHOLE, Kind.DECIMAL):
        digits = Decimal(text).normalize().as_tuple().digits if column.kind is Kind.DECIMAL else text.strip("-")
        return text if len(digits) > 15 else float(text)
    if column.kind is Kind.FLOAT:
        return float(text)
    if column.kind is Kind.YES_NO:
        return text == "true"
    if column.kind is Kind.DATE:
        day = date.fromisoformat(text)
        return text if day < FIRST else moment(day)
    if column.kind is Kind.TIMESTAMP:
        return datetime.fromisoformat(text)
    if column.kind is Kind.TIMESTAMP_TZ:
        if text == "9999-12-31 17:30:00+00":
            return "10000-01-01 00:30:00"
        return datetime.fromisoformat(text).astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
    return text if text == "24:00:00" else time.fromisoformat(text)


@pytest.mark.parametrize(
    ("index", "column"), list(enumerate(nasty.COLUMNS)), ids=[f"{c.id}-{c.kind.value}" for c in nasty.COLUMNS]
)
def test_calamine_reads_every_value_back(made, index, column):
    found = [moment(row[index]) for row in made.calamine()[1:-1]]
    assert found == [expected(column, text) for text in nasty.cells(column)]


def test_our_own_ingest_reads_the_texts_and_numbers_back(made, tmp_path):
    taken = ingest(made.path, "nasty.ods", tmp_path / "taken", ImportOptions(), scratch=tmp_path)[0]
    found = duckdb.connect().execute("select * from read_parquet(?)", [str(taken.path)]).fetchall()
    assert len(found) == nasty.COUNT + 1  # the totals row is a row to it
    for index in (0, 4):
        column = nasty.COLUMNS[index]
        wanted = [expected(column, text) for text in nasty.cells(column)]
        read = ["" if row[index] is None else row[index] for row in found[:-1]]
        assert [float(value) if index and value != "" else value for value in read] == wanted


def test_null_and_empty_text_differ(made):
    rows = made.xml("content.xml").split("</table:table-row>")
    nothing, empty = rows[2].removeprefix("<table:table-row>"), rows[3].removeprefix("<table:table-row>")
    assert nothing.startswith("<table:table-cell/>")
    assert empty.startswith('<table:table-cell office:value-type="string"><text:p></text:p></table:table-cell>')


def test_headers_are_the_labels_and_name_the_zone(made):
    wanted = [c.name + (f" ({ZONE})" if c.kind is Kind.TIMESTAMP_TZ else "") for c in nasty.COLUMNS]
    assert made.calamine()[0] == wanted


def test_the_one_total_that_leaves_nothing_out_is_computed(made):
    prices = sum(Decimal(text) for text in nasty.cells(nasty.COLUMNS[4]) if text)
    assert made.calamine()[-1] == ["Total", *[""] * 3, float(prices), *[""] * 9]
    assert made.xml("content.xml").count("table:formula=") == 1


def test_what_the_file_cannot_hold_is_counted(made):
    codes = made.codes()
    texts = [text for text in nasty.TEXTS if text]
    assert codes["control_characters"] == sum(
        expected(nasty.COLUMNS[0], text) != re.sub("\r\n?", "\n", text) for text in texts
    )
    assert codes["carriage_returns"] == sum("\r" in text for text in texts)
    assert codes["tabs"] == sum("\t" in text for text in texts)
    numbers = [c for c in nasty.COLUMNS if c.kind in (Kind.WHOLE, Kind.DECIMAL)]
    assert codes["long_number_as_text"] == sum(
        isinstance(expected(c, text), str) for c in numbers for text in nasty.cells(c) if text
    )
    assert "lost_microseconds" not in codes


def test_the_file_passes_its_own_check(made):
    assert made.verified() == nasty.COUNT


def test_the_golden_file_is_what_is_written(made):
    assert made.path.read_bytes() == GOLDEN.read_bytes()


if __name__ == "__main__":
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(nasty_spreadsheet(Path(folder)).path, GOLDEN)
