"""Sample data becomes a dataset like any other, and is not added a second time while it is there as it was."""

from __future__ import annotations

import pytest

from core import datasets, samples
from core.desk import Desk
from core.errors import NotFound
from core.work import inline


def added(desk: Desk, key: str) -> str:
    job = samples.add_sample(desk, key)
    inline.run_queued(desk)
    return str((datasets.job(desk, job.id).result or {})["datasets"][0]["id"])


@pytest.mark.parametrize("key", samples.SAMPLES)
def test_a_sample_that_was_added_is_found_again(desk: Desk, key: str) -> None:
    assert samples.find_sample(desk, key) is None
    made = added(desk, key)
    assert samples.find_sample(desk, key) == made


def test_a_sample_that_was_renamed_or_deleted_is_added_anew(desk: Desk) -> None:
    made = added(desk, "participants")
    datasets.rename(desk, made, "Our list")
    assert samples.find_sample(desk, "participants") is None

    again = added(desk, "participants")
    datasets.move_to_bin(desk, again)
    assert samples.find_sample(desk, "participants") is None


def test_an_unknown_sample_names_those_there_are(desk: Desk) -> None:
    for look in (samples.add_sample, samples.find_sample):
        with pytest.raises(NotFound, match="no sample “x”"):
            look(desk, "x")
