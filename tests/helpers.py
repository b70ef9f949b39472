"""What many tests need: waiting for something with a deadline instead of sleeping for a guess."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(true: Callable[[], T], seconds: float = 15, every: float = 0.02, what: str = "") -> T:
    """The first truthy answer of `true`; AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (answer := true()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what or true}"
        time.sleep(every)
    return answer
