"""Several tables in one workbook: sheets, names, totals and notes of each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from decimal import Decimal

import openpyxl
import pytest

from core.engine.formats.base import Context, Part, Section
from core.engine.formats.sheets.reading import Frame
from core.engine.formats.xlsx import FORMAT, Xlsx
from core.engine.rendering import OutColumn
from core.engine.values import Kind
from core.errors import LimitReached, Trouble
from tests.core.engine.formats.xlsx.workbooks import NOW, Made, column, rows_of

NAME, AMOUNT = column(1, "Name", Kind.TEXT), column(2, "Amount", Kind.DECIMAL, precision=12, scale=2)
DAY = column(1, "Day", Kind.DATE)
PEOPLE = [("Ana", Decimal("1.25")), ("Ben", None), ("Cem", Decimal("4.00")), ("Dia", Decimal("0.10"))]
Table = tuple[Sequence[OutColumn], Sequence[Sequence[object]], list[Part]]


def book(path, *tables: Table, format: Xlsx = FORMAT, **options) -> Made:
    """Write these tables (columns, rows, parts) as one workbook, checked."""
    with ExitStack() as stack:
        sections = [
            Section(stack.enter_context(rows_of(columns, values)), tuple(parts)) for columns, values, parts in tables
        ]
        chosen = format.Options(**options)
        written = format.write_sections(sections, path, chosen, Context("Book", (), NOW))
    made = Made(path, written, tuple(tables[0][0]), chosen, format)
    assert made.verified() == written.rows == sum(part.rows for _, _, parts in tables for part in parts)
    return made


def names(made: Made) -> list[str]:
    found: list[str] = openpyxl.load_workbook(made.path).sheetnames
    return found


def test_every_part_of_every_section_is_a_sheet_with_columns_of_its_own(tmp_path):
    people = ([NAME, AMOUNT], PEOPLE, [Part("A to B", 2), Part("C to D", 2)])
    days = ([DAY], [("2026-10-31",)], [Part("Days", 1)])
    made = book(tmp_path / "a.xlsx", people, days)
    assert names(made) == ["A to B", "C to D", "Days"]
    assert made.sheet(0) == [["Name", "Amount"], ["Ana", 1.25], ["Ben", None]]
    assert made.sheet(1) == [["Name", "Amount"], ["Cem", 4], ["Dia", 0.1]]
    sheet = openpyxl.load_workbook(made.path).worksheets[2]
    assert sheet["A2"].number_format == "yyyy-mm-dd"
    assert sheet.auto_filter.ref == "A1:A2"
    assert made.written.extra["sheets"]["xl/worksheets/sheet3.xml"] == Frame(1, True, False, 1)


def test_each_part_has_the_total_of_its_own_rows(tmp_path):
    parts = [Part("one", 2), Part("none", 0), Part("two", 1), Part("three", 1), Part("none at the end", 0)]
    made = book(tmp_path / "a.xlsx", ([NAME, AMOUNT], PEOPLE, parts), totals=True)
    assert [made.calamine(i)[-1] for i in (0, 2, 3)] == [["Total", 1.25], ["Total", 4.0], ["Total", 0.1]]
    assert made.sheet(2)[-1] == ["Total", "=SUBTOTAL(109,B2:B2)"]
    assert made.sheet(1) == made.sheet(4) == [["Name", "Amount"]]


def test_a_part_without_a_number_has_the_total_its_formula_gives(tmp_path):
    made = book(tmp_path / "a.xlsx", ([NAME, AMOUNT], PEOPLE, [Part("a", 1), Part("b", 1), Part("c", 2)]), totals=True)
    assert made.calamine(1)[-1] == ["Total", 0.0]


def test_totals_of_parts_that_fill_several_sheets_stand_beneath_the_last_of_each(tmp_path):
    values = [(f"M{i}", Decimal(i)) for i in range(1, 31)]
    parts = [Part("A", 20), Part("B", 10)]
    made = book(tmp_path / "a.xlsx", ([NAME, AMOUNT], values, parts), format=Xlsx(sheet_rows=12), totals=True)
    assert names(made) == ["A", "A (2)", "B"]
    assert made.sheet(1)[-1] == ["Total", "=SUBTOTAL(109,'A'!B2:B11,B2:B11)"]
    assert [made.calamine(i)[-1][1] for i in (1, 2)] == [210.0, 255.0]


def test_sheet_names_are_made_legal_and_unique_without_case(tmp_path):
    titles = ["Q1/2026", "q1 2026", "", "x" * 40, "x" * 31, "History", "Q1 2026 (2)", "About this export"]
    parts = [Part(title, 1) for title in titles]
    made = book(tmp_path / "a.xlsx", ([NAME], [("a",)] * len(parts), parts), about=True)
    assert names(made) == [
        "Q1 2026", "q1 2026 (2)", "Data", "x" * 31, "x" * 27 + " (2)", "History sheet", "Q1 2026 (2) (2)", "Data (2)",
        "About this export",
    ]  # fmt: skip


def test_a_sheet_name_that_was_asked_for_is_for_a_sheet_that_is_alone(tmp_path):
    rows = [("a",), ("b",)]
    assert names(book(tmp_path / "1.xlsx", ([NAME], rows, [Part("Part", 2)]), sheet_name="Mine")) == ["Mine"]
    several = book(tmp_path / "2.xlsx", ([NAME], rows, [Part("One", 1), Part("Two", 1)]), sheet_name="Mine")
    assert names(several) == ["One", "Two"]


def test_notes_say_whose_column_they_speak_of(tmp_path):
    ids = [column(1, "Id", Kind.WHOLE)]
    first = (ids, [(10**17,), (10**18,)], [Part("Jan", 1), Part("Feb", 1)])
    second = (ids, [(10**17,)], [Part("Visits", 1)])
    made = book(tmp_path / "a.xlsx", first, second, about=True)
    messages = [note.message for note in made.written.notes]
    assert [message.partition(":")[0] for message in messages] == ["Jan – Feb", "Visits"]
    assert [line[1] for line in made.calamine(3)] == messages


def test_styles_of_one_section_are_not_those_of_another(tmp_path):
    shares = [column(1, "Share", Kind.DECIMAL, precision=12, scale=2, format="percent_decimals")]
    made = book(
        tmp_path / "a.xlsx",
        ([AMOUNT], [(Decimal("0.5"),)], [Part("Amounts", 1)]),
        (shares, [(Decimal("0.5"),)], [Part("Shares", 1)]),
        ([NAME], [("00123",)], [Part("Names", 1)]),
    )
    sheets = openpyxl.load_workbook(made.path).worksheets
    assert [sheet["A2"].number_format for sheet in sheets] == ["0.00", "0.00%", "@"]
    assert all(sheet["A1"].font.bold for sheet in sheets)


def test_more_sheets_than_anybody_could_open_are_refused_before_anything_is_written(tmp_path):
    parts = [Part(str(number), 1) for number in range(1_001)]
    with pytest.raises(LimitReached, match="1,001 sheets; a workbook holds at most 1,000"):
        book(tmp_path / "a.xlsx", ([NAME], [("a",)] * 1_001, parts))
    assert not (tmp_path / "a.xlsx").exists()


def test_a_thousand_sheets_are_written_and_counted(tmp_path):
    parts = [Part("Branch", 2) for _ in range(1_000)]
    values = [(f"M{i}", Decimal(i)) for i in range(2_000)]
    made = book(tmp_path / "a.xlsx", ([NAME, AMOUNT], values, parts), totals=True)
    assert names(made)[::333] == ["Branch", "Branch (334)", "Branch (667)", "Branch (1000)"]
    assert made.calamine(999) == [["Name", "Amount"], ["M1998", 1998], ["M1999", 1999], ["Total", 3997]]


def test_a_part_longer_than_a_sheet_is_refused_where_sheets_may_not_continue(tmp_path):
    with pytest.raises(LimitReached, match="A part of this export has 3 rows; one Excel sheet holds 2"):
        book(
            tmp_path / "a.xlsx",
            ([NAME, AMOUNT], PEOPLE, [Part("a", 1), Part("b", 3)]),
            format=Xlsx(sheet_rows=3),
            continue_sheets=False,
        )


def test_a_section_whose_rows_changed_since_they_were_counted_fails_the_run(tmp_path):
    with pytest.raises(Trouble, match="no longer gives the 4 rows"):
        book(tmp_path / "a.xlsx", ([NAME, AMOUNT], PEOPLE, [Part("a", 1), Part("b", 2)]))
