"""Own layout: what the person wrote, with the values in it, counted and checked; what it cannot mean is named."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest

from core.engine import formats
from core.engine.formats.base import Context, RowFormat
from core.engine.formats.placeholders import Slot, pieces, written
from core.engine.rendering import OutColumn
from core.engine.session import open_session
from core.engine.spec import Packaging, Split
from core.engine.values import Kind
from core.errors import BadSpec, LimitReached, Trouble
from tests.core.engine import nasty
from tests.core.engine.making import NOW, export, make_table, spec_of

PAYMENTS: dict[str, tuple[Kind, list[Any]]] = {
    "Id": (Kind.WHOLE, [7, 12, None]),
    "Name": (Kind.TEXT, ["Ana", 'Zoë "Z" Müller', None]),
    "Amount": (Kind.DECIMAL, [Decimal("1200.50"), Decimal("-3.25"), None]),
    "Day: due": (Kind.DATE, [date(2026, 10, 31), date(2026, 1, 2), None]),
}
COLUMNS = (
    OutColumn("o1", "Id", Kind.WHOLE),
    OutColumn("o2", "Name", Kind.TEXT),
    OutColumn("o3", "Amount", Kind.DECIMAL, 12, 2),
)


def own_layout() -> RowFormat:
    format = formats.get("template")
    assert isinstance(format, RowFormat)
    return format


def made(folder, columns=PAYMENTS, spec=None, **options):
    return export(
        make_table(folder / "t", columns), spec or spec_of("template", options, name="Payments"), folder / "out"
    )


def options_of(**given):
    return formats.parse_options("template", given)


def test_a_bank_file_with_its_header_rows_and_trailer(tmp_path):
    text = made(
        tmp_path,
        header="H{date:yyyymmdd}{rows:06}{title:<10}",
        row="D{Id:08}{Name:<10 upper cut}{Amount:0v00 012}{Day: due:ddmmyyyy}",
        footer="T{rows:06}{sum:Amount:0v00 015}",
        line_ends="crlf",
    ).text
    assert text.split("\r\n") == [
        "H20261115000003Payments  ",
        "D00000007ANA       00000012005031102026",
        'D00000012ZOË "Z" MÜ-0000000032502012026',
        "D" + " " * 30,
        "T000003000000000119725",
        "",
    ]


def test_what_is_cut_is_counted_and_what_is_not_asked_to_be_is_refused(tmp_path):
    cut = made(tmp_path / "a", row="{Name:5 cut}|")
    assert cut.text == 'Ana  |\nZoë "|\n     |\n'
    assert [(note.code, note.count) for note in cut.receipt.notes] == [("cut_text", 1)]
    with pytest.raises(LimitReached, match="Row 2 of “Name” needs 14 characters; its width is 5"):
        made(tmp_path / "b", row="{Name:5}")
    with pytest.raises(LimitReached, match="Row 1 of “Amount” needs 7 characters; its width is 3"):
        made(tmp_path / "c", row="{Amount:3 cut}")


def test_doubled_braces_are_braces_and_names_may_hold_colons_and_differ_in_case(tmp_path):
    text = made(tmp_path, row='{{"id": {id}, "due": "{day: DUE:dd.mm.yy}"}}').text
    assert text.splitlines()[0] == '{"id": 7, "due": "31.10.26"}'


def test_an_empty_row_text_means_every_column(tmp_path):
    assert made(tmp_path).text.splitlines() == ["7;Ana;1200.50;2026-10-31", '12;Zoë "Z" Müller;-3.25;2026-01-02', ";;;"]


def test_the_same_column_may_stand_twice_and_rows_have_numbers(tmp_path):
    text = made(tmp_path, row="{row:03} {Id} {Id:04} {Id:<3}|").text
    assert text.splitlines() == ["001 7 0007 7  |", "002 12 0012 12 |", "003      " + "    |"]


def test_rows_are_numbered_in_the_order_they_are_sorted_in(tmp_path):
    spec = spec_of("template", {"row": "{row};{Name}"}, sort=[{"column": "Amount", "descending": True}])
    assert made(tmp_path, spec=spec).text.splitlines()[:2] == ["1;Ana", '2;Zoë "Z" Müller']


def test_figures_above_and_below_the_rows_are_those_of_the_rows(tmp_path):
    text = made(
        tmp_path,
        header="{sum:Amount} {sum:Amount:#.##0,00 >12}",
        row="{Id}",
        footer="{min:Amount} {max:Day: due:dmy_slash} {count:Name} {count} {max:Name:<20}|",
    ).text
    assert text.splitlines()[0] == "1197.25     1.197,25"
    assert text.splitlines()[-1] == '-3.25 31/10/2026 2 3 Zoë "Z" Müller      |'


def test_figures_of_no_rows_are_nothing_and_their_sum_is_zero(tmp_path):
    spec = spec_of(
        "template",
        {"row": "{Id}", "footer": "{sum:Amount} {min:Amount} {count:Name} {rows}", "null_text": "-"},
        filters={"items": [{"column": "Name", "operator": "is", "values": ["nobody"]}]},
    )
    assert made(tmp_path, spec=spec).text == "0.00 - 0 0\n"


def test_a_csv_reader_reads_quoted_values(tmp_path):
    text = made(tmp_path, row="{Id},{Name},{Amount}", quoting="csv", null_text="NULL").text
    assert list(csv.reader(text.splitlines(), strict=True)) == [
        ["7", "Ana", "1200.50"],
        ["12", 'Zoë "Z" Müller', "-3.25"],
        ["NULL", "NULL", "NULL"],
    ]


NOTES = {
    "Note": (Kind.TEXT, ['<a> & "b"', "two\r\nlines", "bell \x07", None]),
    "Real": (Kind.FLOAT, [0.5, float("nan"), 2.0, None]),
}


def test_a_json_reader_reads_quoted_values_with_their_line_breaks(tmp_path):
    text = made(tmp_path, NOTES, row='{{"note": {Note}, "real": {Real}}}', quoting="json", null_text="null").text
    assert [json.loads(line) for line in text.split("\n")[:-1]] == [
        {"note": '<a> & "b"', "real": 0.5},
        {"note": "two\r\nlines", "real": "NaN"},
        {"note": "bell \x07", "real": 2.0},
        {"note": None, "real": None},
    ]


def test_an_xml_reader_reads_escaped_values_and_control_characters_are_counted(tmp_path):
    wrote = made(tmp_path, NOTES, header="<r>", row='<n a="{Note}">{Note}</n>', footer="</r>", quoting="xml")
    found = ElementTree.fromstring(wrote.content)
    wanted = ['<a> & "b"', "two\r\nlines", "bell \ufffd", None]
    assert [element.text for element in found] == wanted
    assert [element.get("a") or None for element in found] == wanted
    assert [(note.code, note.count) for note in wrote.receipt.notes] == [("replaced_control", 2)]


def test_a_line_break_within_a_text_is_refused_or_becomes_a_blank(tmp_path):
    with pytest.raises(LimitReached, match="Row 2 of “Note” holds a line break"):
        made(tmp_path / "a", NOTES, row="{Note}")
    wrote = made(tmp_path / "b", NOTES, row="{Note}", line_breaks="space")
    assert wrote.text.split("\n")[1] == "two lines"
    assert [(note.code, note.count) for note in wrote.receipt.notes] == [("line_break_replaced", 1)]


def test_a_row_of_several_lines_is_one_row(tmp_path):
    wrote = made(tmp_path, row="BEGIN {Id}\n  name: {Name}\nEND\n", line_ends="crlf")
    assert wrote.text.startswith("BEGIN 7\r\n  name: Ana\r\nEND\r\nBEGIN 12\r\n")
    assert wrote.receipt.files[0].rows == 3


def test_the_encoding_is_the_one_asked_for(tmp_path):
    assert made(tmp_path, row="{Name}", encoding="windows-1252").content.splitlines()[1] == 'Zoë "Z" Müller'.encode(
        "cp1252"
    )


@pytest.mark.parametrize(
    ("given", "why", "way"),
    [
        ({"row": "{Nme}"}, "There is no column “Nme”", r"\{row\}, \{Id\}, \{Name\}, \{Amount\}"),
        ({"row": "{Id"}, "A “{” stands alone", "Write {{ or }}"),
        ({"row": "Id}"}, "A “}” stands alone", "Write {{ or }}"),
        ({"row": "nothing"}, "names no column", r"such as \{Id\}"),
        ({"row": "{Name:0.00}"}, "“Name” is text: decimals are for numbers", ""),
        ({"row": "{Id:bold}"}, "“bold” is no way to show a value", "for example"),
        ({"header": "{sum:Name}"}, "holds no numbers, so it has no sum", ""),
        ({"header": "{sum:Nme}"}, "There is no column “Nme”", ""),
        ({"footer": "{total}"}, "knows no “{total}”", r"\{title\} \{date\}"),
        ({"row": "{Id:2}", "null_text": "NULL"}, "wider than “Id”", ""),
    ],
)
def test_what_the_texts_cannot_mean_is_refused_by_name(given, why, way):
    with pytest.raises(BadSpec, match=why) as refused:
        formats.get("template").check(COLUMNS, options_of(**given))
    assert way.replace("\\", "") in refused.value.next_step


@pytest.mark.parametrize(
    ("given", "cuttable"),
    [
        ({"row": "{Id}", "footer": "{rows} {date}"}, True),
        ({"header": "{title}"}, True),
        ({"header": "{rows}"}, False),
        ({"header": "{sum:Amount}"}, False),
        ({"footer": "{max:Amount}"}, False),
        ({"row": "{row} {Id}"}, False),
    ],
)
def test_a_stream_is_cut_only_where_no_text_speaks_of_all_its_rows(given, cuttable):
    assert own_layout().cuttable(options_of(**given)) is cuttable


def test_each_file_of_a_split_sums_up_its_own_rows_and_a_split_by_size_is_refused(tmp_path):
    table = make_table(tmp_path / "t", PAYMENTS)
    options = {"row": "{row} {Id}", "footer": "{sum:Amount} {rows}"}

    def split(**by):
        packaging = Packaging(compression="zip", split=Split(**by))
        return spec_of("template", options).model_copy(update={"packaging": packaging})

    with zipfile.ZipFile(export(table, split(by="rows", rows=2), tmp_path / "out").path) as archive:
        texts = [archive.read(name).decode() for name in sorted(archive.namelist()) if name.endswith(".txt")]
    assert texts == ["1 7\n2 12\n1197.25 2\n", "1 \n0.00 1\n"]
    with pytest.raises(BadSpec, match="known only once a split by size is finished"):
        export(table, split(by="size", megabytes=1), tmp_path / "other")


def test_a_header_that_counts_rows_nobody_counted_is_refused():
    with pytest.raises(BadSpec, match="is not known before it is written"):
        own_layout().prologue(COLUMNS, options_of(header="{rows}"), Context("x", now=NOW))


def test_a_title_that_is_longer_than_its_place_is_refused_unless_it_may_be_cut():
    prologue = own_layout().prologue
    context = Context("A long title", now=NOW)
    assert prologue(COLUMNS, options_of(header="{title:6 cut upper}|"), context) == b"A LONG|\n"
    with pytest.raises(LimitReached, match="needs 12 characters; its width is 6"):
        prologue(COLUMNS, options_of(header="{title:6}"), context)


@pytest.mark.parametrize("damage", [(b"7;", b"7,"), (b"\n12", b"12"), (b";Ana", b";Ana\n")])
def test_a_file_that_was_changed_afterwards_does_not_pass_its_check(tmp_path, damage):
    format, options = formats.get("template"), options_of(row="{Id};{Name}")
    table = make_table(tmp_path / "t", {name: PAYMENTS[name] for name in ("Id", "Name")})
    with open_session(None) as con:
        rows = nasty.rows(con, table)
        columns = rows.columns
        wrote = format.write(rows, tmp_path / "f", options, Context("x"))
    (tmp_path / "g").write_bytes((tmp_path / "f").read_bytes().replace(*damage))
    with open(tmp_path / "f", "rb") as whole:
        assert format.verify(whole, wrote, columns, options) == 3
    with open(tmp_path / "g", "rb") as torn, pytest.raises(Trouble):
        format.verify(torn, wrote, columns, options)


@pytest.mark.parametrize("text", ["", "plain", "{{}}", "{a}{b:>10}", "x{{{a}}}y", "{{{{ {a} }}"])
def test_taking_a_text_apart_and_putting_it_together_changes_nothing(text):
    assert written(list(pieces(text))) == text
    assert [p.inside for p in pieces("x{{{a}}}y") if isinstance(p, Slot)] == ["a"]
