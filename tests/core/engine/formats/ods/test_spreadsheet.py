"""The package, its looks and its several sheets."""

from __future__ import annotations

import hashlib
import io
import zipfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from xml.etree.ElementTree import fromstring

import pytest
import python_calamine

from core.engine.formats.base import Context, Part, Section
from core.engine.formats.ods import FORMAT, Ods
from core.engine.formats.ods.document import MEDIA_TYPE, NAMESPACES
from core.engine.formats.ods.number_styles import data_style
from core.engine.values import Kind
from core.errors import LimitReached, Trouble
from tests.core.engine.formats.xlsx.workbooks import NOW, Made, column, rows_of, workbook

NAME, AMOUNT = column(1, "Name", Kind.TEXT), column(2, "Amount", Kind.DECIMAL, precision=12, scale=2)
MEMBERS = [NAME, AMOUNT]
TABLE = f"{{{NAMESPACES['table']}}}"


def members(count: int) -> list[tuple[str, Decimal]]:
    return [(f"Member {i}", Decimal(i) / 4) for i in range(1, count + 1)]


def sections(path, *tables, format: Ods = FORMAT, **options) -> Made:
    with ExitStack() as stack:
        made = [
            Section(stack.enter_context(rows_of(columns, values)), tuple(parts)) for columns, values, parts in tables
        ]
        chosen = format.Options(**options)
        written = format.write_sections(made, path, chosen, Context("Book", (), NOW))
    book = Made(path, written, tuple(tables[0][0]), chosen, format)
    assert book.verified() == written.rows
    return book


def tables(made: Made):
    return list(fromstring(made.xml("content.xml")).iter(f"{TABLE}table"))


def test_the_first_member_says_what_the_file_is_at_the_place_where_programs_look(tmp_path):
    made = workbook(tmp_path / "a.ods", MEMBERS, members(1), format=FORMAT)
    content = made.path.read_bytes()
    assert content[30:38] == b"mimetype"
    assert content[38 : 38 + len(MEDIA_TYPE)] == MEDIA_TYPE.encode()
    with zipfile.ZipFile(made.path) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(2026, 10, 31, 7, 8, 8)}
        listed = fromstring(archive.read("META-INF/manifest.xml"))
        names = {entry.get(f"{{{NAMESPACES['manifest']}}}full-path") for entry in listed}
        assert names == {"/", *archive.namelist()} - {"mimetype", "META-INF/manifest.xml"}


def test_the_same_export_gives_the_same_bytes(tmp_path):
    first = workbook(tmp_path / "1.ods", MEMBERS, members(50), format=FORMAT, about=True, totals=True)
    second = workbook(tmp_path / "2.ods", MEMBERS, members(50), format=FORMAT, about=True, totals=True)
    assert first.path.read_bytes() == second.path.read_bytes()


def test_the_header_stays_in_view_is_printed_again_and_has_filter_buttons(tmp_path):
    made = workbook(tmp_path / "a.ods", MEMBERS, members(7), format=FORMAT, totals=True)
    settings, content = made.xml("settings.xml"), made.xml("content.xml")
    assert 'config:name="VerticalSplitPosition" config:type="int">1<' in settings
    assert content.count("<table:table-header-rows>") == 1
    assert "table:target-range-address=\"'Test'.A1:'Test'.B8\"" in content
    plain = workbook(tmp_path / "b.ods", MEMBERS, members(7), format=FORMAT, header=False)
    assert "VerticalSplitPosition" not in plain.xml("settings.xml")
    assert "database-range" not in plain.xml("content.xml")
    assert plain.calamine()[0] == ["Member 1", 0.25]


def test_each_part_of_each_section_is_a_sheet_with_its_own_columns_and_totals(tmp_path):
    days = ([column(1, "Day", Kind.DATE)], [("2026-10-31",)], [Part("Days", 1)])
    made = sections(
        tmp_path / "a.ods", (MEMBERS, members(4), [Part("One", 1), Part("one", 3)]), days, totals=True, about=True
    )
    book = python_calamine.CalamineWorkbook.from_path(str(made.path))
    assert book.sheet_names == ["One", "one (2)", "Days", "About this export"]
    assert made.calamine(0) == [["Name", "Amount"], ["Member 1", 0.25], ["Total", 0.25]]
    assert made.calamine(1)[-1] == ["Total", 2.25]
    assert made.calamine(2) == [["Day"], [date(2026, 10, 31)], ["Total"]]


def test_rows_past_the_limit_of_a_sheet_go_on_in_further_sheets_with_one_total(tmp_path):
    context = Context("Bob's", (), NOW)
    made = workbook(tmp_path / "a.ods", MEMBERS, members(20), format=Ods(sheet_rows=10), totals=True, context=context)
    assert [table.get(f"{TABLE}name") for table in tables(made)] == ["Bob's", "Bob's (2)", "Bob's (3)"]
    assert "of:=SUBTOTAL(109;[$'Bob''s'.B2:.B9];[$'Bob''s (2)'.B2:.B9];[.B2:.B5])" in made.xml("content.xml")
    assert made.calamine(2)[-1] == ["Total", 52.5]
    with pytest.raises(LimitReached, match="20 rows; one LibreOffice sheet holds 9"):
        workbook(tmp_path / "b.ods", MEMBERS, members(20), format=Ods(sheet_rows=10), continue_sheets=False)


def test_a_thousand_sheets_are_written_and_counted(tmp_path):
    parts = [Part("Branch", 2) for _ in range(1_000)]
    made = sections(tmp_path / "a.ods", (MEMBERS, members(2_000), parts), totals=True)
    assert made.calamine(999)[1:] == [["Member 1999", 499.75], ["Member 2000", 500], ["Total", 999.75]]


def test_values_carry_their_type(tmp_path):
    columns = [
        column(1, "Share", Kind.DECIMAL, precision=12, scale=4, format="percent_decimals"),
        column(2, "Yes", Kind.YES_NO),
        column(3, "At", Kind.TIMESTAMP),
        column(4, "Clock", Kind.TIME),
    ]
    values = [(Decimal("0.125"), True, datetime(2026, 10, 31, 7, 8, 9, 120_000), time(7, 30))]
    made = workbook(tmp_path / "a.ods", columns, values, format=FORMAT)
    [row] = made.xml("content.xml").split("</table:table-header-rows>")[1].split("</table:table-row>")[:-1]
    assert 'office:value-type="percentage" office:value="0.1250"' in row
    assert 'office:value-type="boolean" office:boolean-value="true"' in row
    assert 'office:value-type="date" office:date-value="2026-10-31T07:08:09.12"' in row
    assert 'office:value-type="time" office:time-value="PT07H30M00S"' in row


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", ""),
        (
            "0.00",
            'decimal-places="2" number:min-decimal-places="2" number:min-integer-digits="1"/></number:number-style>',
        ),
        ("#,##0", 'number:grouping="true"/>'),
        ("0%", "<number:text>%</number:text></number:percentage-style>"),
        ("d mmm yyyy", '<number:day/><number:text> </number:text><number:month number:textual="true"/>'),
        ("mm/dd/yyyy hh:mm:ss", '<number:minutes number:style="long"/>'),
        ("hh:mm:ss.000", '<number:seconds number:style="long" number:decimal-places="3"/></number:time-style>'),
    ],
)
def test_number_formats_become_data_styles(code, shown):
    made = data_style("N1", code)
    assert shown in made
    assert made.count("number:month") == (1 if "yyyy" in code else 0)


def test_text_longer_than_an_excel_cell_is_kept(tmp_path):
    made = workbook(tmp_path / "a.ods", [NAME], [("x" * 40_000,)], format=FORMAT)
    assert made.calamine()[1] == ["x" * 40_000]


def test_only_text_is_written_where_it_was_asked_for(tmp_path):
    made = workbook(tmp_path / "a.ods", MEMBERS, members(1), format=FORMAT, real_values=False)
    assert made.calamine()[1] == ["Member 1", "0.25"]


def changed(made: Made, old: bytes, new: bytes) -> int:
    """Check a file that differs in content.xml, as though that were what was written."""
    buffer, hashes = io.BytesIO(), {}
    with zipfile.ZipFile(made.path) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            assert name != "content.xml" or old in content
            content = content.replace(old, new) if name == "content.xml" else content
            after.writestr(name, content)
            hashes[name] = hashlib.sha256(content).hexdigest()
    written = replace(made.written, sha256=hashlib.sha256(buffer.getvalue()).hexdigest(), members=hashes)
    rows: int = made.format.verify(buffer, written, made.columns, made.options)
    return rows


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("verify") / "a.ods"
    return workbook(path, MEMBERS, members(1_000), format=Ods(sheet_rows=902), totals=True, about=True)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'office:value="1.75"', b'office:value="seven"', "no reader would accept"),
        (b'office:value="1.75"', b'table:formula="of:=1" office:value="1.75"', "no reader would accept"),
        (b"<text:p>Member 999<", b"<text:p>Member & 999<", "cannot be parsed"),
        (b"<text:p>Member 5</text:p></table:table-cell>", b"<text:p/></table:table-cell><table:table-cell/>", "3 cells"),
        (b"<text:p>Member 500<", b"<text:p></table:table-row><", "table 1 holds 902 rows where 901"),
        (b"</table:table>", b"", "tables where 2"),
    ],
)  # fmt: skip
def test_rows_no_reader_would_accept_are_found(large, old, new, why):
    with pytest.raises(Trouble, match=why):
        changed(large, old, new)


def test_every_row_of_every_table_is_counted_however_it_is_read(large, monkeypatch):
    for size in (97, 4_096):
        monkeypatch.setattr("core.engine.formats.sheets.reading.INFLATED", size)
        assert large.verified() == 1_000
    monkeypatch.setattr("core.engine.formats.sheets.reading.ENDS", 1)
    assert large.verified() == 1_000
