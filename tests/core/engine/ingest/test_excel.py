import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from core.errors import BadFile
from tests.core.engine.ingest.binary_workbook import ERROR, xlsb

SAMPLES = Path(__file__).parent / "samples"


def workbook(fill):
    """The bytes of a workbook whose sheets `fill(book)` made."""
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(*rows, formats=None):
    def fill(book):
        for row in rows:
            book.active.append(row)
        for cell, number_format in (formats or {}).items():
            book.active[cell].number_format = number_format

    return workbook(fill)


def edited(data, part, change):
    """A workbook with one part's text changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content.decode()).encode() if info.filename == part else content)
    return out.getvalue()


def test_cells_keep_their_types(take):
    taken = take(
        sheet(
            ["id", "name", "fee", "day", "at", "time", "paid"],
            [1, "Ann", 10.5, dt.date(2024, 1, 5), dt.datetime(2024, 1, 5, 10, 30), dt.time(9, 30), True],
            [2, "Bob", 7, dt.date(2024, 2, 5), dt.datetime(2024, 1, 6), dt.time(0, 0), False],
        ),
        "list.xlsx",
    )
    assert [*taken.kinds.values()] == ["whole", "text", "decimal", "date", "timestamp", "time", "yes_no"]
    assert taken.values("at") == [dt.datetime(2024, 1, 5, 10, 30), dt.datetime(2024, 1, 6)]
    assert taken.values("fee") == [Decimal("10.5"), Decimal("7.0")]
    assert taken.columns["fee"].trim


def test_numbers_are_taken_with_the_digits_a_spreadsheet_shows(take):
    taken = take(sheet(["n"], [0.1 + 0.2], [1234.56]), "list.xlsx")
    assert taken.values("n") == [Decimal("0.30"), Decimal("1234.56")]


def test_text_cells_that_look_like_codes_stay_text(take):
    taken = take(sheet(["zip", "id"], ["01067", "1234567890123456"], ["00001", "1234567890123457"]), "list.xlsx")
    assert taken.values("zip") == ["01067", "00001"]
    assert taken.kinds["id"] == "text"


def test_every_visible_sheet_with_something_in_it_is_a_table(take_all):
    def fill(book):
        book.active.title = "One"
        book.active.append(["a"])
        book.active.append([1])
        book.create_sheet("Empty")
        book.create_sheet("Hidden").append(["x"])
        book["Hidden"].sheet_state = "hidden"
        book.create_sheet("Two").append(["b"])
        book["Two"].append(["y"])

    tables = take_all(workbook(fill), "book.xlsx")
    assert [(t.ingested.name, t.understood.sheet) for t in tables] == [("book - One", "One"), ("book - Two", "Two")]
    assert [t.understood.sheet for t in take_all(workbook(fill), "book.xlsx", sheets=("Hidden",))] == ["Hidden"]
    with pytest.raises(BadFile, match="no sheet “Three”") as refusal:
        take_all(workbook(fill), "book.xlsx", sheets=("Three",))
    assert "One, Empty, Hidden, Two" in refusal.value.next_step


def test_error_cells_are_kept_as_text_and_reported(take):
    taken = take(sheet(["a", "b"], [1, "#N/A"], [2, "#DIV/0!"], [3, "fine"]), "list.xlsx")
    assert taken.values("b") == ["#N/A", "#DIV/0!", "fine"]
    assert taken.notes == ("2 cells hold an error, such as #N/A in B2; kept as text.",)


def test_error_cells_without_addresses_are_kept_too(take):
    data = sheet(["a", "b"], [1, "#N/A"], [2, "x"])
    bare = edited(data, "xl/worksheets/sheet1.xml", lambda xml: re.sub(r' r="[A-Z]+\d+"', "", xml))
    assert take(bare, "list.xlsx").values("b") == ["#N/A", "x"]


def test_formulas_never_calculated_are_said(take):
    taken = take(sheet(["a", "b"], [1, "=A2*2"], [2, "=A3*2"]), "list.xlsx")
    assert "2 formulas were never calculated, such as B2" in taken.notes[0]


def test_titles_above_the_table_are_left_out_and_the_header_s_line_is_right(take):
    taken = take(sheet(["Report of May"], [], ["Name", "Age"], ["Ann", 31]), "list.xlsx")
    assert (taken.understood.header_row, taken.values("Age")) == (3, [31])


def test_a_table_that_begins_away_from_the_corner_is_found(take):
    def fill(book):
        for n, row in enumerate((("Name", "Age"), ("Ann", 31)), 5):
            for m, value in enumerate(row, 3):
                book.active.cell(n, m, value)

    taken = take(workbook(fill), "list.xlsx")
    assert taken.values("Name") == ["Ann"]
    assert taken.understood.header_row == 5


def test_the_header_row_of_a_sheet_can_be_chosen(take):
    taken = take(sheet(["a", "b"], ["c", "d"], ["e", "f"]), "list.xlsx", header_row=2)
    assert [*taken.columns] == ["c", "d"]


def test_durations_may_pass_a_day(take):
    taken = take(sheet(["d"], [dt.timedelta(hours=26, minutes=30)]), "list.xlsx")
    assert taken.values("d") == ["26:30:00"]


def test_blank_rows_at_the_end_are_left_out(take):
    def fill(book):
        book.active.append(["a"])
        book.active.append([1])
        book.active.cell(2000, 1).number_format = "0.00"
        book.active.cell(1500, 1).value = ""

    assert take(workbook(fill), "list.xlsx").rows == 1


def test_a_sheet_of_strict_ooxml_is_read(take):
    data = sheet(["a", "b"], [1, "x"])
    strict = (
        ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        ("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://purl.oclc.org/ooxml/officeDocument/relationships"),
    )  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info).decode()
            for before, after in strict:
                content = content.replace(before, after)
            new.writestr(info.filename, content)
    assert take(out.getvalue(), "list.xlsx").values("b") == ["x"]


def test_a_large_workbook_is_looked_at_through_its_first_rows(look, tmp_path):
    book = openpyxl.Workbook(write_only=True)
    rows = book.create_sheet("Long")
    rows.append(["id", "name", "amount", "note"])
    for n in range(60_000):
        rows.append([n, f"person {n}", n / 4, "some words that repeat"])
    book.save(tmp_path / "long.xlsx")
    (seen,) = look(tmp_path / "long.xlsx", "long.xlsx")
    assert [c.kind.value for c in seen.columns] == ["whole", "text", "decimal", "text"]
    assert not seen.complete
    assert 50_000 < seen.row_estimate < 70_000
    assert seen.rows[1] == ["1", "person 1", "0.25", "some words that repeat"]


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_old_and_open_workbooks_are_read_with_their_error_cells(take, kind):
    """The samples were made by LibreOffice from a sheet of three rows: a writer that is not ours."""
    taken = take(SAMPLES / f"errors.{kind}", f"list.{kind}")
    assert taken.values("what") == ["#N/A", "fine"]
    assert taken.values("day") == [dt.date(2024, 1, 5), dt.date(2024, 2, 5)]
    assert "1 cell holds an error, such as #N/A in C2" in taken.notes[0]


def test_binary_workbooks_are_read_with_their_error_cells(take):
    taken = take(xlsb([["id", "what"], [1, "fine"], [2, ERROR]]), "list.xlsb")
    assert taken.values("id") == [1, 2]
    assert taken.values("what") == ["fine", "#N/A"]
    assert taken.understood.format == "xlsb"


def test_a_workbook_inside_a_zip_is_read(take):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("folder/list.xlsx", sheet(["a"], [1]))
    taken = take(out.getvalue(), "all.zip")
    assert (taken.understood.member, taken.understood.sheet, taken.values("a")) == ("folder/list.xlsx", "Sheet", [1])
