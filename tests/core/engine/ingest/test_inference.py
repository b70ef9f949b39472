"""Every value survives or the column stays text, and the sentence beside it says why."""

import csv
import io
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from core.errors import BadFile


def one(take, *values, name="h", **options):
    """The column that these cells make, and its values."""
    out = io.StringIO()
    csv.writer(out).writerows([[name, "n"], *([v, i] for i, v in enumerate(values))])
    taken = take(out.getvalue(), header_row=1, **options)
    return taken.columns[name], taken.values(name)


@pytest.mark.parametrize(
    ("values", "kind", "found"),
    [
        (["0", "17", "-5"], "whole", [0, 17, -5]),
        (["123456789012345"], "whole", [123456789012345]),
        (["1.50", "0.05", "-7.00"], "decimal", [Decimal("1.50"), Decimal("0.05"), Decimal("-7.00")]),
        (["2024-12-31", "0001-01-01"], "date", [date(2024, 12, 31), date(1, 1, 1)]),
        (["2024/12/31"], "date", [date(2024, 12, 31)]),
        (["31.12.2024", "1.2.2024"], "date", [date(2024, 12, 31), date(2024, 2, 1)]),
        (["31/12/2024", "1/2/2024"], "date", [date(2024, 12, 31), date(2024, 2, 1)]),
        (["12/31/2024", "1/2/2024"], "date", [date(2024, 12, 31), date(2024, 1, 2)]),
        (["5 Jan 2024", "31 DEC 2024"], "date", [date(2024, 1, 5), date(2024, 12, 31)]),
        (["January 5, 2024"], "date", [date(2024, 1, 5)]),
        (["2024-12-31 17:45"], "timestamp", [datetime(2024, 12, 31, 17, 45)]),
        (["2024-12-31T17:45:00.25"], "timestamp", [datetime(2024, 12, 31, 17, 45, 0, 250_000)]),
        (["31/12/2024 5:45 PM"], "timestamp", [datetime(2024, 12, 31, 17, 45)]),
        (["31/12/2024, 17:45:10"], "timestamp", [datetime(2024, 12, 31, 17, 45, 10)]),
        (["17:45", "00:00"], "time", [time(17, 45), time(0)]),
        (["true", "FALSE", "True"], "yes_no", [True, False, True]),
    ],
)  # fmt: skip
def test_a_type_is_given_where_every_value_survives(take, values, kind, found):
    column, stored = one(take, *values)
    assert (column.kind, stored) == (kind, found)
    assert f"{len(values)} value" in column.why


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["00123", "45678"], "1 value starts with 0, such as 00123"),
        (["1234567890123456", "1"], "1 value has 16 or more digits"),
        (["+62 812 345", "5"], "1 value starts with +"),
        (["1/2/2024", "3/4/2024"], "may be day/month or month/day"),
        (["1,234", "5,678"], "may hold a decimal mark or a thousands mark"),
        (["12%", "5%"], "2 values are percentages"),
        (["€ 5", "€ 7.50"], "2 values carry a currency"),
        (["1e5", "2.5E+10"], "scientific notation"),
        (["31/12/24"], "year has two digits"),
        (["N/A", "5", "6", "7"], "1 of 4 values is not a number, such as N/A"),
        (["NULL", "2024-01-05", "2024-01-06"], "1 of 3 values is not a date, such as NULL"),
        (["31/02/2024", "30/01/2024"], "1 of 2 values is not a date, such as 31/02/2024"),
        (["2024-02-30", "2024-02-28"], "1 of 2 values is not a date, such as 2024-02-30"),
        ([" 5", "6"], "has spaces around"),
        (["-0", "1"], "minus zero"),
        (["yes", "no"], "so that the words stay as they are"),
        (["2024-01-05", "2024-01-05 10:00"], "is not a date"),
        (["24:00", "10:00"], "is not a time of day, such as 24:00"),
        (["true", "maybe", "false"], "is not true or false, such as maybe"),
        (["12345678901234567890.5", "1.5"], "16 or more digits"),
    ],
)
def test_otherwise_it_stays_text_and_says_why(take, values, why):
    column, stored = one(take, *values)
    assert column.kind == "text"
    assert stored == values
    assert why in column.why


def test_numbers_of_one_scale_keep_their_zeros(take):
    column, stored = one(take, "1.50", "2.00")
    assert (column.scale, column.trim, [str(v) for v in stored]) == (2, False, ["1.50", "2.00"])


def test_numbers_of_several_scales_without_zeros_at_the_end_are_shown_as_written(take):
    column, _ = one(take, "1.5", "2.25", "3")
    assert (column.scale, column.trim) == (2, True)


def test_numbers_of_several_scales_with_zeros_at_the_end_say_how_they_will_be_shown(take):
    column, stored = one(take, "1.5", "2.50")
    assert (column.scale, column.trim, stored) == (2, False, [Decimal("1.50"), Decimal("2.50")])
    assert "shown with 2 decimals" in column.why


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(
    "value", ["99999999999999999999.123456789012345678", "0.12345678901234567890123456789012345678"]
)
def test_more_digits_than_a_decimal_holds_stay_text(take, sign, value):
    assert one(take, sign + value)[1] == [sign + value]


@pytest.mark.parametrize(
    ("values", "mark", "found"),
    [
        (["1234,56", "7,5"], ",", ["1234.56", "7.50"]),
        (["1.234,56", "12,00"], ",", ["1234.56", "12.00"]),
        (["1 234,56", "12,00"], ",", ["1234.56", "12.00"]),
        (["1\u202f234,56", "12,00"], ",", ["1234.56", "12.00"]),
        (["1,234.56", "12.00"], ".", ["1234.56", "12.00"]),
        (["1'234.56", "12.00"], ".", ["1234.56", "12.00"]),
        (["1,234,567", "12"], ".", ["1234567", "12"]),
    ],
)
def test_decimal_and_thousands_marks_that_leave_no_doubt_are_read(take, values, mark, found):
    out = "h;n\n" + "".join(f"{v};{i}\n" for i, v in enumerate(values))
    taken = take(out, header_row=1, delimiter=";")
    assert [str(v) for v in taken.values("h")] == found
    assert taken.understood.decimal == mark


def test_what_one_column_leaves_open_another_settles(take):
    taken = take("a;b;d;e\n1,234;5,5;1/2/2024;31/12/2024\n")
    assert [str(taken.values(n)[0]) for n in "abde"] == ["1.234", "5.5", "2024-02-01", "2024-12-31"]
    assert (taken.understood.decimal, taken.understood.date_order) == (",", "dmy")
    assert "as elsewhere in this file" in taken.columns["d"].why


def test_columns_that_contradict_each_other_settle_nothing(take):
    taken = take("a;b;c\n1/2/2024;31/12/2024;12/31/2024\n")
    assert taken.kinds == {"a": "text", "b": "date", "c": "date"}


def test_the_person_settles_the_date_order(take):
    assert one(take, "1/2/2024", date_order="mdy")[1] == [date(2024, 1, 2)]
    assert one(take, "1/2/2024", date_order="dmy")[1] == [date(2024, 2, 1)]


def test_the_person_settles_the_decimal_mark(take):
    assert one(take, "1,234", decimal=",")[1] == [Decimal("1.234")]
    assert one(take, "1,234", decimal=".")[1] == [1234]
    assert one(take, "1.234", decimal=",")[1] == [1234]


def test_a_point_is_no_number_where_the_person_chose_the_comma(take):
    assert one(take, "1.5", decimal=",")[1] == ["1.5"]


def test_words_for_empty_count_as_empty_only_when_chosen(take):
    assert one(take, "N/A", "5", null_words=("N/A", "-"))[1] == [None, 5]
    assert one(take, "N/A", "-")[1] == ["N/A", "-"]


@pytest.mark.parametrize(
    ("kind", "values", "found"),
    [
        ("text", ["1", "2"], ["1", "2"]),
        ("whole", ["00123", "+5"], [123, 5]),
        ("whole", ["1234567890123456789012"], [Decimal("1234567890123456789012")]),
        ("decimal", ["01.50", "2"], [Decimal("1.50"), Decimal("2.00")]),
        ("float", ["1e5", "2.5"], [1e5, 2.5]),
        ("yes_no", ["Yes", "no"], [True, False]),
        ("yes_no", ["1", "0"], [True, False]),
        ("timestamp", ["2024-01-05", "2024-01-06 10:00"], [datetime(2024, 1, 5), datetime(2024, 1, 6, 10)]),
        ("date", ["31/12/2024"], [date(2024, 12, 31)]),
    ],
)
def test_a_chosen_type_is_taken_if_every_value_allows_it(take, kind, values, found):
    column, stored = one(take, *values, kinds={"h": kind})
    assert (column.kind, stored) == (kind, found)
    assert "as chosen" in column.why


def test_a_chosen_type_that_does_not_hold_is_refused_with_count_and_example(take):
    with pytest.raises(
        BadFile, match="“h” cannot be read as whole number: 1 of its 3 values does not fit, such as “x”"
    ):
        one(take, "1", "x", "3", kinds={"h": "whole"})


def test_a_type_for_a_column_that_is_not_there_names_those_that_are(take):
    with pytest.raises(BadFile, match="Colour") as refusal:
        one(take, "1", kinds={"Colour": "text"})
    assert "h, n" in refusal.value.next_step


def test_a_chosen_type_holds_for_an_empty_column(take):
    assert one(take, "", "", kinds={"h": "date"})[0].kind == "date"


def test_moments_of_one_zone_keep_its_name(take):
    assert one(take, "2024-01-05T10:00:00Z", "2024-01-06T10:00:00Z")[0].zone == "UTC"
    assert one(take, "2024-01-05 10:00:00+07:00")[0].zone == "GMT+07:00"


def test_moments_of_several_zones_are_kept_as_moments(take):
    column, stored = one(take, "2024-01-05T10:00:00+01:00", "2024-01-05T09:00:00Z")
    assert (column.kind, column.zone) == ("timestamp_tz", None)
    assert stored[0] == stored[1]


def test_a_value_far_below_the_sample_still_decides(take):
    rows = "".join(f"{n},{n}\n" for n in range(50_000))
    taken = take(f"a,b\n{rows}50000,oops\n")
    assert taken.kinds == {"a": "whole", "b": "text"}
    assert taken.columns["b"].why == "Kept as text: 1 of 50,001 values is not a number, such as oops."


def test_a_decimal_far_below_the_sample_makes_the_column_decimal(take):
    rows = "".join(f"{n},{n}\n" for n in range(50_000))
    taken = take(f"a,b\n{rows}50000,0.125\n")
    assert taken.kinds["b"] == "decimal"
    assert (taken.columns["b"].scale, taken.columns["b"].trim) == (3, True)


def test_a_column_that_is_empty_for_long_is_judged_by_what_comes_later(take):
    rows = "".join(f"{n},\n" for n in range(20_000))
    taken = take(f"a,b\n{rows}20000,2024-01-05\n20001,2024-01-06\n")
    assert taken.kinds["b"] == "date"


def test_the_main_date_is_the_one_that_says_when_a_record_began(take):
    taken = take("Born,Updated,Registered at\n1990-01-01,2024-01-09,2024-01-05\n1991-01-01,2024-02-09,2024-02-05\n")
    assert taken.ingested.date_column == "c3"


def test_a_main_date_is_not_invented(take):
    assert take("a,b\n1,x\n").ingested.date_column is None
