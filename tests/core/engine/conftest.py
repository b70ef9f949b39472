"""Fixtures of the engine's tests: a session, a small table of people, a function that exports."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from core.engine.session import open_session
from core.engine.values import Kind
from tests.core.engine.making import export, make_table


@pytest.fixture
def con():
    with open_session(None) as connection:
        yield connection


@pytest.fixture(scope="session")
def people(tmp_path_factory):
    """Eight rows with every kind of value, some cells empty."""
    kinds = {
        "name": (Kind.TEXT, ["Ana", "ben", "Çağla", "Ana", "Émile", "zoë", None, ""]),
        "country": (Kind.TEXT, ["Indonesia", "indonesia", "Malaysia", "Thailand", "Indonesia", None, " ", "Malaysia"]),
        "age": (Kind.WHOLE, [31, 25, 47, 31, None, 18, 60, 25]),
        "amount": (Kind.DECIMAL, [*(Decimal(n) for n in ("10.50", "0.00", "-3.25", "10.50", "99.99", "7.10")), None, Decimal(5)]),
        "score": (Kind.FLOAT, [0.5, float("nan"), 2.25, 0.5, float("inf"), None, -1.0, 4.0]),
        "active": (Kind.YES_NO, [True, False, None, True, True, False, False, True]),
        "born": (
            Kind.DATE,
            [date(1995, 1, 31), date(2001, 12, 31), None, date(1995, 1, 31), date(1990, 2, 28), date(2008, 2, 29),
             date(1966, 7, 1), date(2001, 1, 1)],
        ),
        "paid_at": (
            Kind.TIMESTAMP,
            [datetime(2026, 10, 1), datetime(2026, 10, 31, 23, 59, 59), datetime(2026, 11, 1), None,
             datetime(2026, 11, 15, 9, 30), datetime(2026, 9, 30, 23, 59, 59, 999999), datetime(2025, 10, 15),
             datetime(2026, 11, 14, 12)],
        ),
        "seen_at": (
            Kind.TIMESTAMP_TZ,
            [datetime(2026, 9, 30, 17, tzinfo=UTC), datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC),
             datetime(2026, 10, 31, 17, tzinfo=UTC), None, datetime(2026, 11, 15, 2, 30, tzinfo=UTC),
             datetime(2026, 9, 30, 16, 59, 59, tzinfo=UTC), datetime(2025, 10, 15, tzinfo=UTC),
             datetime(2026, 11, 14, 17, tzinfo=UTC)],
        ),
        "at": (Kind.TIME, [time(8), time(8, 30), time(12), None, time(23, 59, 59), time(0), time(8), time(17)]),
        "tags": (Kind.NESTED, ['["a", "b"]', "[]", None, '{"x": 1}', None, '["A"]', "[]", "[]"]),
    }  # fmt: skip
    return make_table(tmp_path_factory.mktemp("people"), kinds, date_column="paid_at")


@pytest.fixture
def exported(tmp_path):
    """`exported(table, spec, zone=…)` runs an export and gives its receipt and file."""
    made = 0

    def run(table, spec, zone="UTC", **more):
        nonlocal made
        made += 1
        return export(table, spec, tmp_path / str(made), zone, **more)

    return run
