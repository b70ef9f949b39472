"""What an export says of itself in English."""

from __future__ import annotations

import pytest

from core.engine.sentence import sentence
from tests.core.engine.making import resolved, spec_of


def is_(column, *values, operator="is"):
    return {"column": column, "operator": operator, "values": values}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({}, "All 11 columns of people"),
        ({"columns": ["age"]}, "1 column of people"),
        (
            {"filters": {"items": [is_("country", "Indonesia"), is_("age", 25, operator="at_least")]}, "sort": ["name"]},
            "All 11 columns of people where country is Indonesia and age is at least 25, sorted by name (A to Z)",
        ),
        (
            {"filters": {"match": "any", "items": [is_("age", 1), is_("age", 2)]}, "limit": 10},
            "All 11 columns of people where age is 1 or age is 2, the first 10 rows only",
        ),
        (
            {"filters": {"items": [is_("age", 3), {"match": "any", "items": [is_("age", 1), is_("age", 2)]}]}},
            "All 11 columns of people where age is 3 and (age is 1 or age is 2)",
        ),
        (
            {"columns": ["age", "name"], "time_range": {"relative": "last_month"}, "distinct": True},
            "2 columns of people where paid_at is in last month (1-31 Oct 2026), without duplicate rows",
        ),
        (
            {"columns": ["age"], "time_range": {"start": "2026-10-01", "end": "2026-10-31"}},
            "1 column of people where paid_at is in 1-31 Oct 2026",
        ),
        (
            {"columns": ["age"], "filters": {"items": [is_("paid_at", 30, operator="in_last_days")]}},
            "1 column of people where paid_at is in the last 30 days (17 Oct - 15 Nov 2026)",
        ),
        (
            {"columns": ["age"], "filters": {"items": [is_("name", "a, b", "c", operator="is_any_of")]}},
            "1 column of people where name is “a, b” or c",
        ),
        (
            {"columns": ["age"], "filters": {"items": [is_("age", *range(1, 11), operator="is_any_of")]}},
            "1 column of people where age is 1, 2, 3, 4, 5 or 5 more",
        ),
        (
            {"columns": ["age"], "sort": [{"column": "age", "descending": True}, {"column": "paid_at", "descending": True}]},
            "1 column of people, sorted by age (highest first) then paid_at (latest first)",
        ),
        (
            {
                "summary": {
                    "group_by": ["country", {"column": "paid_at", "unit": "month"}],
                    "measures": [{"function": "count"}, {"function": "sum", "column": "amount"}],
                },
                "sort": [{"column": "Rows", "descending": True}],
            },
            "Number of rows and sum of amount of people, grouped by country and paid_at by month, "
            "sorted by Rows (highest first)",
        ),
    ],
)  # fmt: skip
def test_a_spec_says_what_it_gives(people, source, words):
    assert sentence(spec_of(**source), [people], resolved()) == words


def test_a_value_with_braces_is_only_a_value(people):
    spec = spec_of(columns=["age"], filters={"items": [is_("name", "{0} {all}")]})
    assert sentence(spec, [people], resolved()) == "1 column of people where name is {0} {all}"
