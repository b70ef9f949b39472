"""Counting within windows of time, on both databases."""

from __future__ import annotations

from threading import Thread

from storage import counters

NOON = 1_700_000_000.0


def test_a_window_begins_with_the_first_counts_up_says_when_it_ends_and_the_next_begins_at_one(place):
    with place.store.writing() as session:
        assert counters.count(session, "k", 60, NOON) == (1, 60)
        assert counters.count(session, "k", 60, NOON + 1) == (2, 59)
        assert counters.count(session, "other", 60, NOON + 1) == (1, 60)
        assert counters.count(session, "k", 60, NOON + 60) == (1, 60)
        assert counters.count(session, "k", 60, NOON + 119) == (2, 1)


def test_a_full_hour_of_the_clock_lifts_nothing(place):
    hour = NOON // 3600 * 3600
    with place.store.writing() as session:
        for second in range(-5, 5):
            counted = counters.count(session, "k", 3600, hour + second)
    assert counted == (10, 3600 - 9)


def test_the_last_moment_of_a_window_still_asks_to_wait_a_second(place):
    with place.store.writing() as session:
        counters.count(session, "k", 60, NOON)
        assert counters.count(session, "k", 60, NOON + 59.99) == (2, 1)


def test_many_who_count_at_once_lose_none(place):
    def ten_times():
        for _ in range(10):
            with place.store.writing() as session:
                counters.count(session, "k", 3600, NOON)

    crowd = [Thread(target=ten_times) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    with place.store.writing() as session:
        assert counters.count(session, "k", 3600, NOON)[0] == 41


def test_a_key_is_forgotten_and_what_has_expired_is_removed(place):
    with place.store.writing() as session:
        counters.count(session, "k", 60, NOON)
        counters.count(session, "now", 3600)
        counters.forget(session, "now")
        assert counters.count(session, "now", 3600)[0] == 1
        counters.remove_expired(session)
        assert counters.count(session, "k", 60, NOON)[0] == 1
        assert counters.count(session, "now", 3600)[0] == 2


def test_what_is_given_back_counts_one_less_and_never_below_nothing(place):
    with place.store.writing() as session:
        for _ in range(3):
            counters.count(session, "k", 60, NOON)
        counters.give_back(session, "k", NOON)
        assert counters.count(session, "k", 60, NOON)[0] == 3
        for _ in range(5):
            counters.give_back(session, "k", NOON)
        assert counters.count(session, "k", 60, NOON)[0] == 1
