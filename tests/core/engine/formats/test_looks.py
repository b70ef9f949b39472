"""The small language of looks: what each word makes of a value, and what is refused by name."""

from __future__ import annotations

import pytest

from core.engine.formats.looks import Look, fitted, fitted_text, parse_look, value
from core.engine.rendering import OutColumn
from core.engine.values import Kind
from core.errors import BadSpec

AMOUNT = OutColumn("o1", "Amount", Kind.DECIMAL, 12, 2)
NAME = OutColumn("o1", "Name", Kind.TEXT)
DAY = OutColumn("o1", "Day", Kind.DATE)
MOMENT = OutColumn("o1", "Moment", Kind.TIMESTAMP)
REAL = OutColumn("o1", "Real", Kind.FLOAT)


def shown(con, sql_value, column, look_text):
    look = parse_look(look_text)
    look.check(column)
    text = fitted(value(column, look, "UTC"), column, look)
    return con.sql(f"select {text} from (select {sql_value} as o1)").fetchall()[0][0]


@pytest.mark.parametrize(
    ("amount", "look", "text"),
    [
        ("1234.50", "", "1234.50"),
        ("1234.50", "0", "1235"),
        ("1234.50", "0.0", "1234.5"),
        ("1234.50", "0.0000", "1234.5000"),
        ("1234.50", "0,00", "1234,50"),
        ("1234.50", "#,##0.00", "1,234.50"),
        ("1234.50", "#.##0,00", "1.234,50"),
        ("1234.50", "#.##0", "1.235"),
        ("1234.50", "0v00", "123450"),
        ("-0.01", "0v00", "-001"),
        ("1234.50", "10", "   1234.50"),
        ("1234.50", "<10", "1234.50   "),
        ("1234.50", "010", "0001234.50"),
        ("-1234.50", "010", "-001234.50"),
        ("1234.50", "*>10", "***1234.50"),
        ("1234.50", "^11", "  1234.50  "),
        ("1234.50", "0,00 012", "000001234,50"),
    ],
)
def test_a_number_looks_as_asked(con, amount, look, text):
    assert shown(con, f"({amount})::decimal(12, 2)", AMOUNT, look) == text


@pytest.mark.parametrize(
    ("look", "text"),
    [("8", "Zoë     "), (">8", "     Zoë"), ("^8", "  Zoë   "), ("2 cut", "Zo"), ("upper", "ZOË"), ("lower 4", "zoë "),
     ("-<5", "Zoë--")],
)  # fmt: skip
def test_a_text_looks_as_asked_and_its_width_counts_characters(con, look, text):
    assert shown(con, "'Zoë'", NAME, look) == text


@pytest.mark.parametrize(
    ("look", "text"),
    [("dmy_slash", "31/10/2026"), ("yyyymmdd", "20261031"), ("dd.mm.yy", "31.10.26"), ("12", "2026-10-31  ")],
)
def test_a_date_looks_as_asked(con, look, text):
    assert shown(con, "date '2026-10-31'", DAY, look) == text


def test_a_moment_takes_hours_minutes_and_seconds(con):
    assert shown(con, "timestamp '2026-10-31 08:05:09'", MOMENT, "yyyymmddThhmiss") == "20261031T080509"
    assert shown(con, "'infinity'::timestamp", MOMENT, "yyyymmdd") == "infinity"


def test_what_is_no_number_is_never_filled_with_zeros_nor_loses_its_point(con):
    assert shown(con, "'nan'::double", REAL, "08") == "     NaN"
    assert shown(con, "1.5e300::double", REAL, "0v00") == "1.5e+300"


@pytest.mark.parametrize("word", ["0.0.0", "bold", "dmy-slash", "#,##0,00", "<", "10001", "yyyymmddx"])
def test_an_unknown_word_is_named(word):
    with pytest.raises(BadSpec, match=word.replace(".", r"\.")):
        parse_look(word)


@pytest.mark.parametrize(
    ("column", "look", "why"),
    [
        (NAME, "0.00", "decimals are for numbers"),
        (NAME, "dmy_slash", "a date format is for dates"),
        (AMOUNT, "yyyymmdd", "a date format is for dates"),
        (AMOUNT, "0<10", "another number"),
        (AMOUNT, "9>10", "another number"),
        (AMOUNT, "->10", "another number"),
        (AMOUNT, ".<10", "another number"),
        (REAL, "٣>10", "another number"),
        (OutColumn("o1", "Id", Kind.WHOLE, 38, 0), "0v00", "too long for implied decimals"),
    ],
)
def test_a_look_for_another_kind_of_value_is_refused(column, look, why):
    with pytest.raises(BadSpec, match=why):
        parse_look(look).check(column)


@pytest.mark.parametrize("look", ["8", ">8", "^9", "*<8", "08", "2 cut", "upper"])
def test_a_text_at_hand_is_fitted_like_one_of_the_rows(con, look):
    assert fitted_text("Zoë", parse_look(look)) == shown(con, "'Zoë'", NAME, look)


def test_no_look_changes_nothing():
    assert parse_look("") == Look()
