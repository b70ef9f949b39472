"""The nasty table: its golden file, and what openpyxl and calamine read in it.

After a change that is meant: `python -m tests.core.engine.formats.xlsx.test_nasty_values` writes the golden file anew.
"""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.engine.formats.base import Context
from core.engine.session import open_session
from core.engine.values import Column, Kind
from tests.core.engine import nasty
from tests.core.engine.formats.xlsx.workbooks import NOW, Made, decoded, make, moment

ZONE = "Asia/Jakarta"
GOLDEN = Path(__file__).parents[4] / "golden" / "nasty.xlsx"
FIRST = datetime(1900, 3, 1)


def nasty_workbook(folder: Path) -> Made:
    table = nasty.table(folder)
    with open_session(None) as connection:
        rows = nasty.rows(connection, table, ZONE)
        context = Context("Nasty: a table", (("Export", "=nasty"),), NOW)
        return make(rows, folder / "nasty.xlsx", context=context, totals=True, about=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return nasty_workbook(tmp_path_factory.mktemp("nasty"))


def floored(value: datetime) -> datetime:
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def expected(column: Column, text: str | None) -> Any:
    """The value a reader of the workbook must find for the plain text of a value."""
    if text is None or column.kind in (Kind.TEXT, Kind.NESTED) or text.lower().endswith(("infinity", "nan")):
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
        return text if day < FIRST.date() else moment(day)
    if column.kind is Kind.TIMESTAMP:
        at = datetime.fromisoformat(text)
        return text if at < FIRST else floored(at)
    if column.kind is Kind.TIMESTAMP_TZ:
        if text == "9999-12-31 17:30:00+00":
            return "10000-01-01 00:30:00"
        at = datetime.fromisoformat(text).astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
        return str(at) if at < FIRST else floored(at)
    if text == "24:00:00":
        return text
    clock = time.fromisoformat(text)
    return clock.replace(microsecond=clock.microsecond // 1000 * 1000)


COLUMNS = pytest.mark.parametrize(
    ("index", "column"), list(enumerate(nasty.COLUMNS)), ids=[f"{c.id}-{c.kind.value}" for c in nasty.COLUMNS]
)


@COLUMNS
def test_openpyxl_reads_every_value_back(made, index, column):
    read = [row[index] for row in made.sheet()[1:-1]]
    found = [decoded(value) if isinstance(value, str) else value for value in read]
    assert found == [expected(column, text) for text in nasty.cells(column)]


@COLUMNS
def test_calamine_reads_every_value_back(made, index, column):
    def shown(text: str | None) -> Any:
        value = expected(column, text)  # calamine gives NULL as empty text, and leaves two escapes as they are
        value = "" if value is None else value
        return value.replace("\ufffe", "_xFFFE_").replace("\uffff", "_xFFFF_") if isinstance(value, str) else value

    found = [moment(row[index]) for row in made.calamine()[1:-1]]
    assert found == [shown(text) for text in nasty.cells(column)]


def test_headers_are_the_labels_and_name_the_zone(made):
    wanted = [c.name + (f" ({ZONE})" if c.kind is Kind.TIMESTAMP_TZ else "") for c in nasty.COLUMNS]
    assert made.sheet()[0] == made.calamine()[0] == wanted


def test_no_value_is_a_formula_and_none_is_a_shared_string(made):
    assert made.xml().count("<f>") == made.xml().count("<f>SUBTOTAL(")
    assert made.xml().count("<f>") == 1  # the one column of numbers that are numbers in every row
    assert 't="s"' not in made.xml()


def test_what_excel_cannot_hold_is_counted(made):
    codes = made.codes()
    texts = {c.name: [expected(c, t) for t in nasty.cells(c)] for c in nasty.COLUMNS}
    numbers = ("=Whole", "Long id", "Exact")
    assert codes["long_number_as_text"] == sum(isinstance(v, str) for name in numbers for v in texts[name])
    infinite = [t for c in nasty.COLUMNS if c.kind is not Kind.TEXT for t in nasty.cells(c) if t]
    assert codes["not_finite"] == sum(t.lower().endswith(("infinity", "nan")) for t in infinite)
    dates = ("Day", "Moment", "Instant", "Clock")
    unreachable = sum(isinstance(v, str) and not v.endswith("infinity") for name in dates for v in texts[name])
    assert codes["early_date_as_text"] == unreachable
    assert codes["lost_microseconds"] == sum(
        "." in t and len(t.split(".")[1].split("+")[0]) > 3
        for c in nasty.COLUMNS
        if c.name in dates
        for t in nasty.cells(c)
        if t and not isinstance(expected(c, t), str)
    )


def test_the_file_passes_its_own_check(made):
    assert made.verified() == nasty.COUNT


def test_the_golden_file_is_what_is_written(made):
    with zipfile.ZipFile(made.path) as new, zipfile.ZipFile(GOLDEN) as golden:
        assert new.namelist() == golden.namelist()
        for name in new.namelist():
            assert new.read(name) == golden.read(name), name


if __name__ == "__main__":
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(nasty_workbook(Path(folder)).path, GOLDEN)
