"""Limits: a window lets through what it may, names itself when it is full, and ends."""

import threading
from datetime import datetime
from types import SimpleNamespace

import pytest
from sqlmodel import select

from core.access import limits, tokens
from core.errors import TooMany, from_dict
from core.keeping import housekeeping
from storage import counters
from storage.tables import Counter


@pytest.fixture
def stopped(monkeypatch):
    """`stopped(seconds)`: the clock of the counters stands there, counted from a midnight (UTC)."""
    midnight = 1_790_000_000 // 86_400 * 86_400

    def at(seconds):
        monkeypatch.setattr(counters, "time", SimpleNamespace(time=lambda: midnight + seconds))

    at(0)
    return at


def token_of(desk, **given):
    return tokens.create(desk, "nightly", ["*"], **given)[0]


def test_a_token_without_limits_is_never_counted(desk):
    token = token_of(desk)
    assert list(limits.spend(desk, token)) == []
    with desk.store.reading() as session:
        assert session.exec(select(Counter)).all() == []


def test_a_full_window_refuses_and_names_the_limit_and_its_end(desk, stopped):
    token = token_of(desk, per_minute=3)
    assert [limits.spend(desk, token)[0].count for _ in range(3)] == [2, 1, 0]
    stopped(18)
    with pytest.raises(TooMany) as refused:
        limits.spend(desk, token)
    error = refused.value
    assert (error.status, error.final) == (429, False)
    assert error.message == "This token may make 3 requests a minute, and it has."
    assert error.next_step.startswith("Try again in 42 s, at ")
    assert (error.details["limit"], error.details["retry_after"]) == ("3 requests a minute", 42)
    assert datetime.fromisoformat(error.details["until"]).tzinfo is not None
    assert isinstance(from_dict(error.as_dict()), TooMany)
    stopped(60)
    assert limits.spend(desk, token)[0].count == 2


def test_each_window_is_counted_by_itself(desk, stopped):
    token = token_of(desk, per_minute=2, per_hour=3, per_day=4)
    for second in (0, 1, 60):
        stopped(second)
        limits.spend(desk, token)
    stopped(120)
    with pytest.raises(TooMany, match="3 requests an hour"):
        limits.spend(desk, token)
    stopped(3600)
    assert [left.count for left in limits.spend(desk, token)] == [1, 2, 0]
    stopped(7200)
    with pytest.raises(TooMany, match="4 requests a day"):
        limits.spend(desk, token)
    stopped(86_400)
    limits.spend(desk, token)


def test_a_refused_request_uses_up_nothing_of_the_other_limits(desk, stopped):
    token = token_of(desk, per_minute=1, per_day=10)
    limits.spend(desk, token)
    for _ in range(5):
        with pytest.raises(TooMany):
            limits.spend(desk, token)
    stopped(60)
    assert limits.spend(desk, token)[1].count == 8


def test_tokens_are_counted_apart(desk, stopped):
    one, other = token_of(desk, per_minute=1), token_of(desk, per_minute=1)
    limits.spend(desk, one)
    limits.spend(desk, other)
    with pytest.raises(TooMany):
        limits.spend(desk, one)


@pytest.mark.parametrize(("call", "most"), [("exports", 50), ("jobs", 10), ("templates", 100), ("downloads", 200)])
def test_a_contracts_figure_holds_for_each_token(desk, stopped, call, most):
    token, other = token_of(desk), token_of(desk)
    for _ in range(most):
        limits.spend(desk, token, call)
    with pytest.raises(TooMany, match=f"{most} .* a minute"):
        limits.spend(desk, token, call)
    assert list(limits.spend(desk, token)) == []
    limits.spend(desk, other, call)


def test_many_at_once_get_exactly_what_the_limit_allows(desk, stopped):
    token = token_of(desk, per_hour=25)
    passed, refused = [], []

    def ask():
        for _ in range(10):
            try:
                passed.append(limits.spend(desk, token)[0].count)
            except TooMany as error:
                refused.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(passed) == list(range(25))
    assert len(refused) == 35


def test_windows_that_have_ended_are_swept(desk, stopped):
    token = token_of(desk, per_minute=5, per_day=5)
    limits.spend(desk, token)
    stopped(61)
    housekeeping.tidy(desk)
    with desk.store.reading() as session:
        assert [c.key for c in session.exec(select(Counter)).all()] == [f"token {token.id} requests a day"]
