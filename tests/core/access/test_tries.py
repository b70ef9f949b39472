"""What may be tried so many times, and what is said to whoever tried too often."""

import pytest
from sqlmodel import select

from core.access import tries
from core.access.tries import Tries
from core.errors import TooMany
from storage.tables import Counter

KNOCKS = Tries("knocks", "door", 2, 600, ", or ring")


def test_the_try_after_the_last_is_refused_with_how_long_to_wait_and_what_else_to_do(desk):
    for _ in range(KNOCKS.most):
        tries.count(desk, (KNOCKS, "front"))
    with pytest.raises(TooMany, match="There were too many knocks") as refused:
        tries.count(desk, (KNOCKS, " FRONT "))
    assert 0 < refused.value.details["retry_after"] <= KNOCKS.seconds
    assert refused.value.next_step.startswith("Wait ")
    assert refused.value.next_step.endswith(", or ring.")
    tries.count(desk, (KNOCKS, "back"))


def test_each_thing_a_try_is_counted_by_has_its_own_end(desk):
    strict = Tries("knocks", "house", 1, 600)
    tries.count(desk, (KNOCKS, "front"), (strict, "mine"))
    with pytest.raises(TooMany):
        tries.count(desk, (KNOCKS, "back"), (strict, "mine"))


def test_what_is_given_back_or_forgotten_may_be_tried_again(desk):
    for _ in range(3 * KNOCKS.most):
        tries.count(desk, (KNOCKS, "front"))
        with desk.store.writing() as session:
            tries.give_back(session, KNOCKS, "front")
    for _ in range(KNOCKS.most):
        tries.count(desk, (KNOCKS, "front"))
    with desk.store.writing() as session:
        tries.forget(session, KNOCKS, "front")
    tries.count(desk, (KNOCKS, "front"))


def test_what_is_counted_by_is_not_readable_in_the_store(desk):
    tries.count(desk, (KNOCKS, "ana@example.org"))
    with desk.store.reading() as session:
        assert not [key for key in session.exec(select(Counter.key)) if "ana" in key]


ONE_LINE = ("2001:db8:0:7::1", "2001:DB8:0:7:ffff:ffff:ffff:ffff", "2001:db8:0:7:a:b:c:d%eth0")


@pytest.mark.parametrize(
    ("tried", "another"),
    [
        (ONE_LINE, "2001:db8:0:8::1"),
        (("192.0.2.7", "::ffff:192.0.2.7", " 192.0.2.7 "), "192.0.2.8"),
        (("a socket", "a socket", "A Socket"), "another socket"),
    ],
)
def test_the_many_addresses_of_one_line_are_one(desk, tried, another):
    of_address = Tries("knocks", tries.ADDRESS, 2, 600)
    for address in tried[:2]:
        tries.count(desk, (of_address, address))
    with pytest.raises(TooMany):
        tries.count(desk, (of_address, tried[2]))
    tries.count(desk, (of_address, another))
