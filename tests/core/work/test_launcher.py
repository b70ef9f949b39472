"""The supervisor as the web process sees it: it comes back when it dies and goes when it is told to."""

import time

import psutil

from core import exports
from storage.tables import JobState
from tests.core.work.supervised import ended, quick
from tests.helpers import wait_until


def test_a_dead_supervisor_is_started_again_and_goes_on(desk, running_work):
    first = running_work.process.pid
    psutil.Process(first).kill()
    wait_until(lambda: running_work.process.pid != first, 20, what="another supervisor")
    assert ended(desk, exports.start(desk, quick())).state == JobState.SUCCEEDED


def test_stopping_ends_it_for_good(desk, running_work):
    process = psutil.Process(running_work.process.pid)
    begun = time.monotonic()
    running_work.stop()
    assert time.monotonic() - begun < 10
    assert not process.is_running()
    assert not [*desk.files.run.iterdir()]
