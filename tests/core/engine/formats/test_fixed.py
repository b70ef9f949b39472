"""Fixed width: every value at its place, nothing longer than it, and a reader that counts finds all of them again."""

from __future__ import annotations

import io
import math
import zipfile
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.engine import formats
from core.engine.rendering import OutColumn
from core.engine.spec import Packaging, Split
from core.engine.values import Kind
from core.errors import BadSpec, LimitReached
from tests.core.engine.making import export, make_table, spec_of

PAYMENTS = {
    "Name": (Kind.TEXT, ["Ana", "Zoë Müller", None]),
    "Amount": (Kind.DECIMAL, [Decimal("12.50"), Decimal("-3.25"), None]),
    "Day": (Kind.DATE, [date(2026, 10, 31), date(2026, 1, 2), None]),
    "Count": (Kind.WHOLE, [7, -12, 0]),
}


def lines(folder, columns=PAYMENTS, **options):
    made = export(make_table(folder / "t", columns), spec_of("fixed", options), folder / "out")
    return made.content.decode(options.get("encoding", "utf-8")).split("\r\n")[:-1], made.receipt.notes


def test_widths_come_from_the_data_where_none_are_given(tmp_path):
    found, _ = lines(tmp_path)
    assert found == [
        "Ana       12.502026-10-31  7",
        "Zoë Müller-3.252026-01-02-12",
        "                           0",
    ]


def test_a_header_widens_its_column_and_stands_where_its_values_do(tmp_path):
    found, _ = lines(tmp_path, header=True)
    assert found[:2] == ["Name      AmountDay       Count", "Ana        12.502026-10-31    7"]


@pytest.mark.parametrize(
    ("options", "first", "second"),
    [
        ({"widths": "12, 8, 10, 4"}, "Ana            12.502026-10-31   7", "Zoë Müller     -3.252026-01-02 -12"),
        ({"widths": ">12, <8, 10, 04"}, "         Ana12.50   2026-10-310007", "  Zoë Müller-3.25   2026-01-02-012"),
        ({"widths": "10,,*>12,"}, "Ana       12.50**2026-10-31  7", "Zoë Müller-3.25**2026-01-02-12"),
        ({"widths": "10+1, >6+2, 10, +1"}, "Ana         12.50  2026-10-31  7 ", "Zoë Müller  -3.25  2026-01-02-12 "),
        ({"widths": [10, 6, 10, 3]}, "Ana        12.502026-10-31  7", "Zoë Müller -3.252026-01-02-12"),
        (
            {"widths": "10,8,8,5", "fill_numbers": "zero", "date_format": "ymd_digits", "decimals": "implied"},
            "Ana       000012502026103100007",
            "Zoë Müller-000032520260102-0012",
        ),
        ({"numbers": "left", "texts": "right", "decimals": "comma", "widths": "11,6,10,4"},
         "        Ana12,50 2026-10-317   ", " Zoë Müller-3,25 2026-01-02-12 "),
    ],
)  # fmt: skip
def test_sides_fillings_and_decimals_are_as_asked(tmp_path, options, first, second):
    found, _ = lines(tmp_path, **options)
    assert found[:2] == [first, second]


def test_a_missing_number_is_never_filled_with_zeros(tmp_path):
    found, _ = lines(tmp_path, fill_numbers="zero", null_text="-")
    assert found[2] == "-             --         000"


def test_a_value_longer_than_its_width_is_refused_with_row_and_column_before_a_byte_is_written(tmp_path):
    with pytest.raises(LimitReached, match=r"Row 2 of “Name” needs 10 characters; its width is 5\."):
        lines(tmp_path, widths="5,8,10,4")
    assert not list((tmp_path / "out").glob("file*"))


def test_texts_are_cut_only_when_asked_and_counted(tmp_path):
    found, notes = lines(tmp_path, widths="5,8,10,4", too_long="cut")
    assert [line[:5] for line in found] == ["Ana  ", "Zoë M", "     "]
    assert [(note.code, note.count) for note in notes] == [("cut_text", 1)]


def test_numbers_and_dates_are_never_cut(tmp_path):
    with pytest.raises(LimitReached, match="Row 2 of “Count” needs 3 characters; its width is 2"):
        lines(tmp_path, widths="5,8,10,2", too_long="cut")


def test_a_line_break_within_a_text_is_refused_or_becomes_one_blank_and_is_counted(tmp_path):
    columns = {"Note": (Kind.TEXT, ["one", "two\r\nlines", "three\nmore\r"])}
    with pytest.raises(LimitReached, match="Row 2 of “Note” holds a line break"):
        lines(tmp_path / "a", columns)
    found, notes = lines(tmp_path / "b", columns, line_breaks="space")
    assert found == ["one        ", "two lines  ", "three more "]
    assert [(note.code, note.count) for note in notes] == [("line_break_replaced", 2)]


def test_an_encoding_of_one_byte_a_character_gives_lines_of_as_many_bytes(tmp_path):
    table = make_table(tmp_path / "t", PAYMENTS)
    made = export(table, spec_of("fixed", {"encoding": "windows-1252", "widths": "10,6,10,3"}), tmp_path / "out")
    assert {len(line) for line in made.content.split(b"\r\n")[:-1]} == {29}
    assert "Zoë Müller".encode("cp1252") in made.content


AMOUNT = OutColumn("o1", "Amount", Kind.DECIMAL, 12, 2)


@pytest.mark.parametrize(
    ("columns", "options", "why"),
    [
        ((AMOUNT,), {"widths": "10, 20"}, "There are 2 widths for 1 columns"),
        ((AMOUNT,), {"widths": "wide"}, "“wide” is no way to show a value"),
        ((AMOUNT,), {"widths": "upper"}, "“upper” is no width"),
        ((AMOUNT,), {"numbers": "left", "fill_numbers": "zero"}, "it would become another number"),
        ((AMOUNT,), {"widths": "2", "null_text": "NULL"}, "wider than “Amount”, which has 2"),
        ((AMOUNT,), {"widths": "4", "header": True}, "The header “Amount” has 6 characters; its width is 4"),
        ((OutColumn("o1", "Rate", Kind.FLOAT),), {"decimals": "implied"}, "“Rate” has no fixed number of decimals"),
    ],
)
def test_options_that_do_not_fit_the_columns_are_refused(columns, options, why):
    with pytest.raises(BadSpec, match=why):
        formats.get("fixed").check(columns, formats.parse_options("fixed", options))


def test_all_files_of_a_split_have_the_widths_of_all_rows(tmp_path):
    table = make_table(tmp_path / "t", PAYMENTS)
    spec = spec_of("fixed", {"header": True})
    spec = spec.model_copy(update={"packaging": Packaging(compression="zip", split=Split(by="rows", rows=1))})
    with zipfile.ZipFile(export(table, spec, tmp_path / "out").path) as archive:
        files = [archive.read(name) for name in sorted(archive.namelist()) if name.endswith(".txt")]
    assert [len(file.splitlines()) for file in files] == [2, 2, 2]
    assert len({len(line) for file in files for line in file.decode().splitlines()}) == 1


def test_pandas_reads_it_by_its_widths(tmp_path):
    table = make_table(tmp_path / "t", PAYMENTS)
    made = export(table, spec_of("fixed", {"widths": "12,8,10,4", "header": True, "too_long": "cut"}), tmp_path / "out")
    found = pd.read_fwf(io.BytesIO(made.content), widths=[12, 8, 10, 4], dtype=str)
    assert list(found.columns) == ["Name", "Amount", "Day", "Coun"]
    assert found.iloc[1].tolist() == ["Zoë Müller", "-3.25", "2026-01-02", "-12"]


WORDS = st.none() | st.text(st.characters(exclude_categories=["Cs", "Zs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20)
WHOLES = st.none() | st.integers(-(2**63), 2**63 - 1)
DECIMALS = st.none() | st.decimals(-(10**9), 10**9, places=2, allow_nan=False)
FLOATS = st.none() | st.floats(width=64)
DAYS = st.none() | st.dates(date(1, 1, 1))
ROWS = st.lists(st.tuples(WORDS, WHOLES, DECIMALS, FLOATS, DAYS), min_size=1, max_size=10)
WIDTHS = (20, 20, 14, 26, 10)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(ROWS, st.booleans(), st.sampled_from(["lf", "crlf"]), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_whatever_the_values_are_a_reader_that_counts_finds_them_again(tmp_path_factory, rows, zeros, ends, encoding):
    folder = tmp_path_factory.mktemp("fixed")
    kinds = (Kind.TEXT, Kind.WHOLE, Kind.DECIMAL, Kind.FLOAT, Kind.DATE)
    table = make_table(folder / "t", {f"n{i}": (kind, [row[i] for row in rows]) for i, kind in enumerate(kinds)})
    options = {
        "widths": ",".join(map(str, WIDTHS)),
        "fill_numbers": "zero" if zeros else "space",
        "line_ends": ends,
        "encoding": encoding,
    }
    content = export(table, spec_of("fixed", options), folder / "out").content.decode(encoding)
    found = content.split("\n" if ends == "lf" else "\r\n")[:-1]
    assert len(found) == len(rows)
    for line, row in zip(found, rows, strict=True):
        assert len(line) == sum(WIDTHS)
        cells, at = [], 0
        for width in WIDTHS:
            cells.append(line[at : at + width].strip(" "))
            at += width
        text, whole, amount, real, day = (cell or None for cell in cells)
        assert text == row[0]
        assert (whole and int(whole)) == row[1]
        assert (amount and Decimal(amount)) == row[2]
        if row[3] is not None and math.isnan(row[3]):
            assert real == "NaN"
        else:
            assert (real and float(real)) == row[3]
        assert (day and date.fromisoformat(day)) == row[4]


def test_a_text_longer_than_any_width_is_named_with_its_column(tmp_path):
    table = make_table(tmp_path / "t", {"id": (Kind.WHOLE, [1, 2]), "note": (Kind.TEXT, ["a", "é" * 1_000_000])})
    with pytest.raises(LimitReached, match="“note” holds a text of 1,000,000 characters") as refusal:
        export(table, spec_of("fixed"), tmp_path / "out")
    assert "let long texts be cut" in refusal.value.next_step
    cut = export(table, spec_of("fixed", {"widths": ",5", "too_long": "cut"}), tmp_path / "cut")
    assert cut.text.splitlines() == ["1a    ", "2" + "é" * 5]
