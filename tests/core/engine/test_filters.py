"""Every operator over a small table: which rows it keeps, in which zone, and what it says when it cannot."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from core.engine.filters import OPERATORS, operators_for
from core.engine.query import build, check, count
from core.engine.values import Kind
from core.errors import BadSpec
from tests.core.engine.making import make_table, resolved, spec_of


def rows(con, table, column, operator, *values, zone="UTC"):
    """The numbers (from 0) of the rows that one condition keeps."""
    condition = {"column": column, "operator": operator, "values": values}
    source = spec_of(filters={"items": [condition]}).sources[0]
    query = build(source, table, resolved(zone))
    kept = query.sql.split(" where ", 1)[1]
    sql = f"select file_row_number from read_parquet('{table.path}', file_row_number = true) where {kept} order by 1"
    found = [n for (n,) in con.sql(sql, params=query.params or None).fetchall()]
    assert count(con, source, table, resolved(zone)).rows == len(found)
    return found


@pytest.mark.parametrize(
    ("column", "operator", "values", "kept"),
    [
        ("country", "is", ["INDONESIA"], [0, 1, 4]),
        ("country", "is_not", ["Indonesia"], [2, 3, 5, 6, 7]),
        ("country", "is_exactly", ["Indonesia"], [0, 4]),
        ("country", "contains", ["lay"], [2, 7]),
        ("country", "does_not_contain", ["lay"], [0, 1, 3, 4, 5, 6]),
        ("country", "is_any_of", ["malaysia", "Thailand"], [2, 3, 7]),
        ("country", "is_none_of", ["malaysia", "Thailand"], [0, 1, 4, 5, 6]),
        ("country", "starts_with", ["i"], [0, 1, 4]),
        ("country", "ends_with", ["SIA"], [0, 1, 2, 4, 7]),
        ("country", "matches", ["*n?sia"], [0, 1, 4]),
        ("country", "is_empty", [], [5, 6]),
        ("country", "is_not_empty", [], [0, 1, 2, 3, 4, 7]),
        ("name", "contains", ["É"], [4]),
        ("name", "is_empty", [], [6, 7]),
        ("age", "is", [25], [1, 7]),
        ("age", "is", ["25.0"], [1, 7]),
        ("age", "is", [25.5], []),
        ("age", "is_not", [25], [0, 2, 3, 4, 5, 6]),
        ("age", "is_any_of", [18, "60"], [5, 6]),
        ("age", "higher_than", [30.5], [0, 2, 3, 6]),
        ("age", "lower_than", [25.0001], [1, 5, 7]),
        ("age", "at_least", [31], [0, 2, 3, 6]),
        ("age", "at_most", [10**30], [0, 1, 2, 3, 5, 6, 7]),
        ("age", "higher_than", ["-1e40"], [0, 1, 2, 3, 5, 6, 7]),
        ("age", "between", [25, 31], [0, 1, 3, 7]),
        ("amount", "is", ["10.5"], [0, 3]),
        ("amount", "higher_than", [10.499], [0, 3, 4]),
        ("amount", "higher_than", [10.5], [4]),
        ("amount", "lower_than", [-3.245], [2]),
        ("amount", "at_most", [-3.255], []),
        ("amount", "is_empty", [], [6]),
        ("score", "higher_than", [1], [2, 4, 7]),
        ("score", "lower_than", [1], [0, 3, 6]),
        ("score", "between", [0.5, 4], [0, 2, 3, 7]),
        ("active", "is_yes", [], [0, 3, 4, 7]),
        ("active", "is_no", [], [1, 5, 6]),
        ("born", "is", ["1995-01-31"], [0, 3]),
        ("born", "before", ["1995-01-31"], [4, 6]),
        ("born", "after", ["2001-01-01"], [1, 5]),
        ("born", "on_or_before", ["1990-02-28"], [4, 6]),
        ("born", "on_or_after", [date(2001, 12, 31)], [1, 5]),
        ("born", "between", ["1990-02-28", "1995-01-31"], [0, 3, 4]),
        ("paid_at", "is", ["2026-10-31"], [1]),
        ("paid_at", "between", ["2026-10-01", "2026-10-31"], [0, 1]),
        ("paid_at", "between", ["2026-10-01T00:00:01", datetime(2026, 11, 1)], [1, 2]),
        ("paid_at", "after", ["2026-10-31"], [2, 4, 7]),
        ("paid_at", "on_or_before", ["2026-09-30"], [5, 6]),
        ("paid_at", "is_in", ["last_month"], [0, 1]),
        ("paid_at", "in_last_days", [2], [4, 7]),
        ("paid_at", "in_last_days", ["1"], [4]),
        ("at", "is", ["08:00"], [0, 6]),
        ("at", "after", ["12:00"], [4, 7]),
        ("at", "between", ["08:00", "12:00"], [0, 1, 2, 6]),
        ("tags", "contains", ['"a"'], [0, 5]),
        ("tags", "is_empty", [], [2, 4]),
    ],
)
def test_an_operator_keeps_the_rows_it_says(con, people, column, operator, values, kept):
    assert rows(con, people, column, operator, *values) == kept


def test_days_of_an_instant_are_days_of_the_workspace(con, people):
    assert rows(con, people, "seen_at", "between", "2026-10-01", "2026-10-31", zone="Asia/Jakarta") == [0, 1]
    assert rows(con, people, "seen_at", "between", "2026-10-01", "2026-10-31", zone="UTC") == [1, 2]
    assert rows(con, people, "seen_at", "is_in", "today", zone="Asia/Jakarta") == [4, 7]
    assert rows(con, people, "seen_at", "is_in", "today", zone="UTC") == [4]
    assert rows(con, people, "seen_at", "is", "2026-11-15T02:30:00+00:00", zone="Asia/Jakarta") == [4]
    assert rows(con, people, "seen_at", "after", "2026-11-15T09:29:59", zone="Asia/Jakarta") == [4]


def test_a_day_when_clocks_change_has_its_own_length(con, tmp_path):
    instants = [
        datetime.fromisoformat(f"2026-{m}+00:00") for m in ("03-29T00:30", "03-29T21:59", "03-29T22:00", "10-25T22:30")
    ]
    table = make_table(tmp_path, {"at": (Kind.TIMESTAMP_TZ, instants)})
    assert rows(con, table, "at", "is", "2026-03-29", zone="Europe/Paris") == [0, 1]  # 23 hours
    assert rows(con, table, "at", "is", "2026-10-25", zone="Europe/Paris") == [3]  # 25 hours


def test_a_long_list_of_values_works_like_a_short_one(con, people):
    many = [f"nobody {n}" for n in range(5000)]
    assert rows(con, people, "country", "is_any_of", *many, "MALAYSIA") == [2, 7]
    assert rows(con, people, "country", "is_none_of", *many, "MALAYSIA") == [0, 1, 3, 4, 5, 6]


def test_numbers_wider_than_sixty_four_bits_compare_exactly(con, tmp_path):
    table = make_table(tmp_path, {"n": (Kind.WHOLE, [2**63 - 1, -(2**63), 0])})
    assert rows(con, table, "n", "higher_than", str(2**63 - 2)) == [0]
    assert rows(con, table, "n", "lower_than", str(2**70)) == [0, 1, 2]
    assert rows(con, table, "n", "at_least", str(2**63)) == []


@pytest.mark.parametrize("hostile", ["' or 1=1 --", '"; drop table x', "%", "_", "\\", "$1", "a\x00b", "*", "{0}"])
def test_what_people_type_is_a_value_and_never_sql(con, people, hostile):
    for operator in ("is", "contains", "starts_with", "ends_with", "is_exactly"):
        assert rows(con, people, "name", operator, hostile) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_operators_and_all_of_them_run(con, people, kind):
    column = next(c for c in people.columns if c.kind is kind)
    example = {
        Kind.TEXT: "a", Kind.NESTED: "a", Kind.WHOLE: 1, Kind.DECIMAL: "1.5", Kind.FLOAT: 0.5, Kind.TIME: "08:00",
    }.get(kind, "2026-10-01")  # fmt: skip
    assert operators_for(kind)
    for operator in operators_for(kind):
        value = {"relative": "last_month", "days": 7}.get(operator.takes, example)
        values = [value] * (2 if operator.arity in (2, "many") else operator.arity)
        rows(con, people, column.name, operator.key, *values)


def test_is_and_is_not_share_all_rows_between_them(con, people):
    pairs = [
        ("is", "is_not"),
        ("contains", "does_not_contain"),
        ("is_any_of", "is_none_of"),
        ("is_empty", "is_not_empty"),
    ]
    for positive, negative in pairs:
        for column in ("name", "country"):
            values = [] if OPERATORS[positive].arity == 0 else ["Ana"]
            both = rows(con, people, column, positive, *values) + rows(con, people, column, negative, *values)
            assert sorted(both) == list(range(8))


@pytest.mark.parametrize(
    ("column", "operator", "values", "words"),
    [
        ("country", "higher_than", [1], "“higher than” does not work on “country”, which holds text."),
        ("age", "is", ["abc"], "“abc” is not a number, which the filter on “age” needs."),
        ("age", "is", [True], "“True” is not a number"),
        ("age", "at_least", ["Infinity"], "not a number"),
        ("age", "between", [5, 1], "5 comes after 1"),
        ("age", "between", [5], "takes two values, not 1"),
        ("country", "is", [""], "has an empty value"),
        ("country", "is_any_of", [], "has an empty value"),
        ("country", "is_empty", ["x"], "takes no value, not 1"),
        ("born", "is", ["31/12/2001"], "“31/12/2001” is not a date"),
        ("born", "is_in", ["last_moon"], "“last_moon” is not a time range."),
        ("born", "in_last_days", [0], "not a number of days"),
        ("at", "is", ["late"], "not a time of day"),
        ("country", "resembles", ["x"], "Unknown operator “resembles”."),
        ("nation", "is", ["x"], "There is no column “nation”"),
    ],
)
def test_what_does_not_fit_is_said_in_words(people, column, operator, values, words):
    condition = {"column": column, "operator": operator, "values": values}
    [problem] = check(spec_of(filters={"items": [condition]}).sources[0], people, resolved())
    assert words in problem.message
    with pytest.raises(BadSpec):
        build(spec_of(filters={"items": [condition]}).sources[0], people, resolved())
