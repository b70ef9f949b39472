from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from core.engine.formats.base import Context
from core.engine.formats.xlsx import Xlsx
from core.engine.values import Kind
from core.errors import LimitReached, Trouble
from tests.core.engine.formats.xlsx.workbooks import NOW, column, make, rows_of, workbook

NAME, AMOUNT = column(1, "Name", Kind.TEXT), column(2, "Amount", Kind.DECIMAL, precision=12, scale=2)
MEMBERS = [NAME, AMOUNT]


def members(count: int) -> list[tuple[str, Decimal]]:
    return [(f"Member {i}", Decimal(i) / 4) for i in range(1, count + 1)]


def test_the_same_export_gives_the_same_bytes(tmp_path):
    first = workbook(tmp_path / "1.xlsx", MEMBERS, members(50), about=True, totals=True)
    second = workbook(tmp_path / "2.xlsx", MEMBERS, members(50), about=True, totals=True)
    assert first.path.read_bytes() == second.path.read_bytes()


def test_a_workbook_says_who_made_it_and_when(tmp_path):
    made = workbook(tmp_path / "a.xlsx", MEMBERS, members(1))
    properties = openpyxl.load_workbook(made.path).properties
    assert properties.creator == "Export Desk"
    assert properties.title == "Test"
    assert properties.created == properties.modified == NOW.replace(tzinfo=None)


def test_the_header_is_frozen_and_has_filter_buttons_over_all_rows(tmp_path):
    made = workbook(tmp_path / "a.xlsx", MEMBERS, members(7), totals=True)
    sheet = openpyxl.load_workbook(made.path).active
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B8"  # the totals row stays out of the filter


def test_without_a_header_there_is_nothing_to_freeze_or_filter(tmp_path):
    made = workbook(tmp_path / "a.xlsx", MEMBERS, members(2), header=False)
    sheet = openpyxl.load_workbook(made.path).active
    assert sheet.freeze_panes is None
    assert sheet.auto_filter.ref is None
    assert made.sheet() == [["Member 1", 0.25], ["Member 2", 0.5]]


@pytest.mark.parametrize("style", ["band", "bold", "plain"])
def test_each_header_style_looks_its_own_way(tmp_path, style):
    made = workbook(tmp_path / "a.xlsx", MEMBERS, members(1), header_style=style)
    cell = openpyxl.load_workbook(made.path).active["A1"]
    assert cell.font.bold == (style != "plain")
    assert (cell.fill.fill_type == "solid") == (style == "band")


def test_a_totals_row_follows_the_filter_and_carries_the_sum(tmp_path):
    made = workbook(tmp_path / "a.xlsx", MEMBERS, members(3), totals=True)
    assert made.sheet()[-1] == ["Total", "=SUBTOTAL(109,B2:B4)"]
    assert made.calamine()[-1] == ["Total", 1.5]


def test_a_column_that_is_partly_text_has_no_total_and_says_so(tmp_path):
    columns = [NAME, column(2, "Id", Kind.WHOLE)]
    made = workbook(tmp_path / "a.xlsx", columns, [("a", 5), ("b", 10**17)], totals=True)
    assert made.calamine()[-1] == ["Total", ""]
    assert made.codes() == {"long_number_as_text": 1, "no_total": 1}


def test_percentages_are_not_added_up(tmp_path):
    share = column(2, "Share", Kind.DECIMAL, precision=5, scale=2, format="percent")
    made = workbook(tmp_path / "a.xlsx", [NAME, share], [("a", Decimal("0.5"))], totals=True)
    assert made.calamine()[-1] == ["Total", ""]


def test_an_empty_export_is_a_sheet_with_a_header(tmp_path):
    made = workbook(tmp_path / "a.xlsx", MEMBERS, [], totals=True, about=True)
    assert made.sheet() == [["Name", "Amount"]]


def test_rows_past_the_limit_of_a_sheet_go_on_in_further_sheets(tmp_path):
    context = Context("A title of exactly thirty-one c", (), NOW)
    made = workbook(tmp_path / "a.xlsx", MEMBERS, members(25), format=Xlsx(sheet_rows=10), context=context)
    book = openpyxl.load_workbook(made.path)
    assert book.sheetnames == [
        "A title of exactly thirty-one c", "A title of exactly thirty-o (2)", "A title of exactly thirty-o (3)",
    ]  # fmt: skip
    assert [sheet.max_row for sheet in book.worksheets] == [10, 10, 8]
    assert [sheet.auto_filter.ref for sheet in book.worksheets] == ["A1:B10", "A1:B10", "A1:B8"]
    names = [row[0].value for sheet in book.worksheets for row in sheet.iter_rows(min_row=2)]
    assert names == [name for name, _ in members(25)]


def test_a_total_over_several_sheets_stands_once_at_the_end(tmp_path):
    context = Context("Bob's", (), NOW)
    made = workbook(tmp_path / "a.xlsx", MEMBERS, members(20), format=Xlsx(sheet_rows=10), totals=True, context=context)
    assert made.sheet(0)[-1] == ["Member 8", 2]
    assert made.sheet(2)[-1] == ["Total", "=SUBTOTAL(109,'Bob''s'!B2:B9,'Bob''s (2)'!B2:B9,B2:B5)"]
    assert made.calamine(2)[-1] == ["Total", 52.5]


def test_a_sheet_filled_to_its_last_row_needs_no_second_one(tmp_path):
    made = workbook(tmp_path / "a.xlsx", MEMBERS, members(8), format=Xlsx(sheet_rows=10), totals=True)
    assert len(openpyxl.load_workbook(made.path).sheetnames) == 1


def test_more_rows_than_a_sheet_holds_are_refused_where_one_sheet_was_asked_for(tmp_path):
    with pytest.raises(LimitReached, match="10 rows; one Excel sheet holds 9"):
        workbook(tmp_path / "a.xlsx", MEMBERS, members(10), format=Xlsx(sheet_rows=10), continue_sheets=False)
    assert not (tmp_path / "a.xlsx").exists()


def test_the_sheet_about_the_export_says_what_it_is_told_and_what_to_know(tmp_path):
    about = (("Export", "=Members"), ("Rows", "1 of 4"), ("Odd\x01", "x" * 5_000))
    columns = [NAME, column(2, "Id", Kind.WHOLE)]
    made = workbook(tmp_path / "a.xlsx", columns, [("a", 10**17)], about=True, context=Context("T", about, NOW))
    lines = made.calamine(1)
    assert lines[:2] == [["Export", "=Members"], ["Rows", "1 of 4"]]
    assert "".join(text for name, text in lines if name == "Odd\x01") == "x" * 5_000
    assert lines[-1] == ["Please note", made.written.notes[0].message]
    assert openpyxl.load_workbook(made.path).sheetnames == ["T", "About this export"]


def test_a_sheet_of_rows_never_takes_the_name_of_the_sheet_about_them(tmp_path):
    context = Context("about THIS export", (), NOW)
    made = workbook(tmp_path / "a.xlsx", MEMBERS, members(1), about=True, context=context)
    assert openpyxl.load_workbook(made.path).sheetnames == ["Data", "About this export"]


def test_without_real_values_every_cell_is_the_text_that_is_shown(tmp_path):
    columns = [
        column(1, "Amount", Kind.DECIMAL, precision=12, scale=2, format="thousands_decimals"),
        column(2, "Day", Kind.DATE, format="dmy_slash"),
        column(3, "Yes", Kind.YES_NO),
        column(4, "Id", Kind.WHOLE),
        column(5, "At", Kind.TIMESTAMP_TZ),
    ]
    values = [(Decimal("1234.5"), date(1850, 10, 31), True, 10**17, datetime(2026, 1, 1, tzinfo=UTC)), [None] * 5]
    made = workbook(tmp_path / "a.xlsx", columns, values, zone="Asia/Jakarta", real_values=False)
    assert made.sheet()[1] == ["1,234.50", "31/10/1850", "true", str(10**17), "2026-01-01 07:00:00+07:00"]
    assert made.sheet()[2] == [None] * 5
    assert made.sheet()[0][-1] == "At"
    assert made.written.notes == ()


def test_display_formats_become_cell_formats_over_the_true_value(tmp_path):
    columns = [
        column(1, "Amount", Kind.DECIMAL, precision=12, scale=2, format="thousands"),
        column(2, "Day", Kind.DATE, format="dmy_dot"),
        column(3, "At", Kind.TIMESTAMP, format="mdy_slash"),
    ]
    made = workbook(
        tmp_path / "a.xlsx", columns, [(Decimal("1234.56"), date(2026, 10, 31), datetime(2026, 10, 31, 7, 8, 9, 5000))]
    )
    row = openpyxl.load_workbook(made.path).active[2]
    assert [cell.value for cell in row] == [1234.56, datetime(2026, 10, 31), datetime(2026, 10, 31, 7, 8, 9, 5000)]
    assert [cell.number_format for cell in row] == ["#,##0", "dd.mm.yyyy", "mm/dd/yyyy hh:mm:ss.000"]


def test_numbers_show_every_digit_they_were_written_with(tmp_path):
    columns = [
        column(1, "Whole", Kind.WHOLE),
        column(2, "Price", Kind.DECIMAL, precision=12, scale=2),
        column(3, "Trimmed", Kind.DECIMAL, precision=12, scale=4, trim=True),
        column(4, "Tiny", Kind.DECIMAL, precision=38, scale=20),
    ]
    values = [(123456789012345, Decimal("0.10"), Decimal("1.5"), Decimal("1E-20"))]
    made = workbook(tmp_path / "a.xlsx", columns, values, totals=True)
    formats = [cell.number_format for cell in openpyxl.load_workbook(made.path).active[2]]
    assert formats == ["0", "0.00", "General", "0." + "0" * 20]
    assert made.calamine()[2] == [123456789012345, 0.1, 1.5, 1e-20]


def test_text_cells_are_formatted_as_text_so_that_editing_keeps_leading_zeros(tmp_path):
    made = workbook(tmp_path / "a.xlsx", [NAME], [("00123",)])
    assert openpyxl.load_workbook(made.path).active["A2"].number_format == "@"
    assert '<ignoredError sqref="A2:A2" numberStoredAsText="1"/>' in made.xml()


def test_columns_are_as_wide_as_their_content_or_all_the_same(tmp_path):
    columns = [column(1, "A", Kind.TEXT), column(2, "B", Kind.TEXT), column(3, "C", Kind.TEXT)]
    values = [("x", "x" * 30, "x" * 500)]

    def widths(**options) -> list[float]:
        made = workbook(tmp_path / f"{len(list(tmp_path.iterdir()))}.xlsx", columns, values, **options)
        sheet = openpyxl.load_workbook(made.path).active
        return [sheet.column_dimensions[letter].width for letter in "ABC"]

    narrow, middle, wide = widths()
    assert narrow < 10 < 30 < middle < wide <= 70
    assert (
        len(set(widths(widths="even")) - {13}) == 1
    )  # openpyxl gives a group of equal columns once, and 13 for the rest


def test_more_columns_than_a_sheet_holds_are_refused(tmp_path):
    with rows_of([NAME], [("a",)]) as rows:
        rows.columns = tuple(column(i, f"C{i}", Kind.TEXT) for i in range(1, 16_386))
        with pytest.raises(LimitReached, match="16,385 columns; an Excel sheet holds at most 16,384"):
            make(rows, tmp_path / "a.xlsx")


def test_a_header_no_cell_can_hold_is_refused(tmp_path):
    with pytest.raises(LimitReached, match="header of column 1"):
        workbook(tmp_path / "a.xlsx", [column(1, "x" * 40_000, Kind.TEXT)], [("a",)])


def test_rows_that_came_or_went_since_they_were_counted_fail_the_run(tmp_path):
    for number, claimed in enumerate((2, 4)):
        with rows_of(MEMBERS, members(3)) as rows:
            rows.count = claimed
            with pytest.raises(Trouble, match=f"no longer gives the {claimed} rows"):
                make(rows, tmp_path / f"{number}.xlsx")


def test_duplicate_and_odd_headers_stay_as_they_are(tmp_path):
    columns = [column(i, label, Kind.TEXT) for i, label in enumerate(["a", "a", "=1", "_x0041_", "<&>\x01", ""], 1)]
    made = workbook(tmp_path / "a.xlsx", columns, [("x",) * 6])
    assert made.calamine()[0] == ["a", "a", "=1", "_x0041_", "<&>\x01", ""]


def test_a_sheet_of_a_thousand_columns_can_be_written(tmp_path):
    columns = [column(i, f"C{i}", Kind.WHOLE if i % 2 else Kind.TEXT) for i in range(1, 1_001)]
    made = workbook(tmp_path / "a.xlsx", columns, [[i if i % 2 else f"t{i}" for i in range(1, 1_001)]])
    assert made.sheet()[1][:3] == [1, "t2", 3]
    with zipfile.ZipFile(made.path) as archive:
        assert archive.testzip() is None
