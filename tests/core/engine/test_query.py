"""The query of a source: groups, time range, columns, sort, distinct, summary, limit, counts, pages and choices."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from core.engine.query import build, check, choices, count, page
from core.engine.session import open_session
from core.engine.spec import ColumnRef
from core.engine.values import Kind
from tests.core.engine.making import make_table, resolved, spec_of


def result(con, table, zone="UTC", **source):
    """All rows of a source as tuples."""
    query = build(spec_of(**source).sources[0], table, resolved(zone))
    return [tuple(row.values()) for row in page(con, query, 0, 1000).to_pylist()]


def is_(column, *values, operator="is"):
    return {"column": column, "operator": operator, "values": values}


def test_nothing_asked_gives_every_row_and_column_in_their_order(con, people):
    query = build(spec_of().sources[0], people, resolved())
    assert [c.label for c in query.columns] == [c.name for c in people.columns]
    assert [c.key for c in query.columns] == [f"o{i}" for i in range(1, 12)]
    assert page(con, query, 0, 100).num_rows == 8


def test_columns_come_in_the_order_and_under_the_names_asked_for(con, people):
    query = build(spec_of(columns=[{"column": "age", "label": "Years"}, "NAME"]).sources[0], people, resolved())
    assert [c.label for c in query.columns] == ["Years", "name"]
    assert page(con, query, 0, 1).to_pylist() == [{"o1": 31, "o2": "Ana"}]


def test_groups_nest(con, people):
    either = {"match": "any", "items": [is_("age", 25), {"items": [is_("country", "thailand"), is_("age", 31)]}]}
    assert result(con, people, columns=["age"], filters=either) == [(25,), (31,), (25,)]
    both = {"items": [either, is_("active", operator="is_yes")]}
    assert result(con, people, columns=["age"], filters=both) == [(31,), (25,)]


def test_an_empty_group_keeps_every_row(con, people):
    assert len(result(con, people, filters={"match": "any", "items": [{"items": []}]})) == 8


def test_a_time_range_takes_the_main_date_column_and_whole_days(con, people):
    october = {"start": "2026-10-01", "end": "2026-10-31"}
    assert len(result(con, people, time_range=october)) == 2
    assert len(result(con, people, time_range={"relative": "last_month"})) == 2
    assert len(result(con, people, "Asia/Jakarta", time_range=october | {"column": "seen_at"})) == 2
    assert len(result(con, people, time_range={"start": "2026-11-01"})) == 3
    assert len(result(con, people, time_range={"end": "2026-09-30T23:59:59"})) == 1


def test_several_sort_keys_put_empty_cells_last_and_keep_ties_in_row_order(con, people):
    rows = result(
        con,
        people,
        columns=["country", "age", "paid_at"],
        sort=[{"column": "country"}, {"column": "age", "descending": True}],
    )
    assert [row[:2] for row in rows] == [
        (" ", 60), ("Indonesia", 31), ("indonesia", 25), ("Indonesia", None), ("Malaysia", 47), ("Malaysia", 25),
        ("Thailand", 31), (None, 18),
    ]  # fmt: skip
    assert [row[0] for row in result(con, people, columns=["age"], sort=[{"column": "age", "descending": True}])][
        -1
    ] is None


def test_text_sorts_without_regard_to_case_and_accents(con, people):
    names = [name for (name,) in result(con, people, columns=["name"], sort=["name"])]
    assert names == ["", "Ana", "Ana", "ben", "Çağla", "Émile", "zoë", None]


def test_ties_of_a_large_sort_stay_in_row_order(con, tmp_path):
    table = make_table(
        tmp_path, {"key": (Kind.WHOLE, [n % 3 for n in range(50_000)]), "n": (Kind.WHOLE, range(50_000))}
    )
    query = build(spec_of(sort=["key"]).sources[0], table, resolved())
    numbers = page(con, query, 0, 50_000)["o2"].to_pylist()
    assert numbers == sorted(range(50_000), key=lambda n: (n % 3, n))


def test_distinct_keeps_the_first_of_equal_rows_in_their_order(con, people):
    assert result(con, people, columns=["name", "age"], distinct=True)[:3] == [("Ana", 31), ("ben", 25), ("Çağla", 47)]
    counts = count(con, spec_of(columns=["name", "age"], distinct=True).sources[0], people, resolved())
    assert (counts.rows, [s.label for s in counts.steps]) == (7, ["removing duplicates"])


def test_a_summary_groups_and_measures(con, people):
    measures = [
        {"function": "count"},
        {"function": "sum", "column": "amount"},
        {"function": "average", "column": "age", "label": "Mean age"},
        {"function": "count_distinct", "column": "name"},
        {"function": "max", "column": "paid_at"},
    ]
    by_country = {"group_by": ["active"], "measures": measures}
    query = build(
        spec_of(summary=by_country, sort=[{"column": "Rows", "descending": True}]).sources[0], people, resolved()
    )
    assert [c.label for c in query.columns] == [
        "active", "Rows", "Sum of amount", "Mean age", "Number of different name", "Latest paid_at",
    ]  # fmt: skip
    rows = [tuple(row.values()) for row in page(con, query, 0, 10).to_pylist()]
    assert rows[0][:2] == (True, 4)
    assert [str(cell) for cell in rows[0]] == ["True", "4", "125.99", "29.0", "3", "2026-11-15 09:30:00"]
    assert rows[-1][:2] == (None, 1)


@pytest.mark.parametrize(
    ("unit", "first"),
    [
        ("day", date(2025, 10, 15)),
        ("week", date(2025, 10, 13)),
        ("month", date(2025, 10, 1)),
        ("quarter", "2025-Q4"),
        ("year", 2025),
    ],
)
def test_dates_group_by_unit(con, people, unit, first):
    rows = result(con, people, summary={"group_by": [{"column": "paid_at", "unit": unit}]})
    assert rows[0] == (first, 1)
    assert rows[-1] == (None, 1)


def test_instants_group_by_the_days_of_the_workspace(con, people):
    by_month = {"group_by": [{"column": "seen_at", "unit": "month"}]}
    assert (date(2026, 10, 1), 2) in result(con, people, "Asia/Jakarta", summary=by_month)
    assert (date(2026, 9, 1), 2) in result(con, people, "UTC", summary=by_month)


def test_a_summary_without_groups_is_one_row_even_of_nothing(con, people):
    nothing = {"items": [is_("age", 1000)]}
    source = {
        "summary": {"measures": [{"function": "count"}, {"function": "sum", "column": "age"}]},
        "filters": nothing,
    }
    assert result(con, people, **source) == [(0, None)]
    assert count(con, spec_of(**source).sources[0], people, resolved()).rows == 1


def test_a_limit_takes_the_first_rows_of_the_order(con, people):
    assert result(con, people, columns=["age"], sort=["age"], limit=2) == [(18,), (25,)]
    counts = count(con, spec_of(limit=2).sources[0], people, resolved())
    assert (counts.rows, counts.steps[-1].label) == (2, "taking the first 2")


def test_rows_are_counted_after_each_step(con, people):
    source = spec_of(
        filters={"items": [is_("country", "Indonesia"), is_("active", operator="is_yes")]},
        time_range={"relative": "last_month"},
        limit=1,
    ).sources[0]
    counts = count(con, source, people, resolved())
    assert counts.source_rows == 8
    assert [(s.label, s.rows) for s in counts.steps] == [
        ("country is Indonesia", 3), ("active is yes", 2), ("paid_at is in last month (1-31 Oct 2026)", 1),
    ]  # fmt: skip
    assert counts.rows == 1


def test_without_a_filter_nothing_is_scanned_to_count(people):
    closed = open_session(None)
    closed.close()
    assert count(closed, spec_of().sources[0], people, resolved()).rows == 8


def test_a_page_is_a_slice_of_the_whole(con, people):
    query = build(spec_of(sort=["age"]).sources[0], people, resolved())
    whole = page(con, query, 0, 100).to_pylist()
    paged = [row for start in range(0, 8, 3) for row in page(con, query, start, 3).to_pylist()]
    assert str(paged) == str(whole)


def test_choices_count_what_a_filter_would_keep(con, people):
    country = ColumnRef(name="country")
    found = choices(con, people, country)
    assert found == [("Indonesia", 3), ("Malaysia", 2), ("Thailand", 1)]
    for value, rows in found:
        assert (
            count(con, spec_of(filters={"items": [is_("country", value)]}).sources[0], people, resolved()).rows == rows
        )
    assert choices(con, people, country, "LAY") == [("Malaysia", 2)]
    assert choices(con, people, country, limit=1) == [("Indonesia", 3)]
    assert ("2026-11-15", 2) in choices(con, people, ColumnRef(name="seen_at"), zone="Asia/Jakarta")
    assert ("10.50", 2) in choices(con, people, ColumnRef(name="amount"))


def test_everything_that_is_wrong_is_said_at_once(people):
    source = spec_of(
        filters={
            "items": [
                is_("nope", 1),
                {"match": "any", "items": [is_("age", "x"), is_("name", 1, operator="higher_than")]},
            ]
        },
        time_range={"start": "2026-02-01", "end": "2026-01-01"},
        columns=["missing", {"column": "age", "format": "iso"}],
        sort=["gone"],
    ).sources[0]
    words = " | ".join(problem.message for problem in check(source, people, resolved()))
    for part in (
        "“nope”",
        "“x” is not a number",
        "“higher than”",
        "begins (1 Feb 2026) after",
        "“missing”",
        "“iso” is no way",
        "“gone”",
    ):
        assert part in words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"summary": {"measures": [{"function": "sum", "column": "name"}]}}, "A sum of “name” makes no sense"),
        ({"summary": {"measures": [{"function": "sum"}]}}, "needs a column"),
        ({"summary": {"measures": []}}, "neither groups nor figures"),
        ({"summary": {"group_by": [{"column": "name", "unit": "month"}]}}, "cannot be grouped by month"),
        ({"summary": {"group_by": ["name"]}, "sort": ["age"]}, "no column “age” to sort by"),
        ({"distinct": True, "columns": ["name"], "sort": ["age"]}, "when duplicates are removed"),
        ({"time_range": {"column": "name", "start": "2026-01-01"}}, "not dates"),
        ({"time_range": {}}, "neither a beginning nor an end"),
        ({"time_range": {"relative": "today", "start": "2026-01-01"}}, "both a word and dates"),
    ],
)
def test_a_combination_that_cannot_run_says_why(people, source, words):
    problems = check(spec_of(**source).sources[0], people, resolved())
    assert any(words in problem.message for problem in problems)


def test_a_time_range_without_a_main_date_says_what_to_do(tmp_path):
    table = make_table(tmp_path, {"a": (Kind.DATE, [date(2026, 1, 1)])})
    [problem] = check(spec_of(time_range={"relative": "today"}).sources[0], table, resolved())
    assert "no main date column" in problem.message


def test_columns_with_the_same_header_are_told_apart_by_id(con, tmp_path):
    table = make_table(tmp_path, {"a": (Kind.WHOLE, [1]), "A": (Kind.WHOLE, [2])})
    assert result(con, table, columns=["A", "a"]) == [(2, 1)]
    assert result(con, table, columns=[{"column": {"name": "A", "id": "c2"}}]) == [(2,)]


def test_an_infinite_date_falls_in_no_range_that_ends(con, tmp_path):
    forever = 2**63 - 1  # microseconds: what DuckDB calls infinity
    table = make_table(tmp_path, {"at": (Kind.TIMESTAMP, [datetime(2026, 1, 1), forever, None])})
    for operator in ("on_or_before", "after"):
        source = spec_of(filters={"items": [is_("at", "9999-12-31", operator=operator)]}).sources[0]
        assert count(con, source, table, resolved()).rows == 1
