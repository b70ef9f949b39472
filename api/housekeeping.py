"""The clock of the web process: it begins what is due, clears away what nobody came back for, and says that it lives.

APScheduler ticks, core knows what is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from apscheduler.schedulers.background import BackgroundScheduler

from core import status
from core.desk import Desk
from core.keeping import housekeeping
from core.notifying import scan, ways
from core.scheduling import clock as schedules_clock

EVERY_MINUTES = 15
DUE_SECONDS = 5  # how late a schedule may begin


@contextmanager
def tidying(desk: Desk) -> Iterator[None]:
    """Begin what is due every few seconds, tick now and every minute, tidy now and every quarter of an hour, in threads of its
    own, until the block ends."""
    clock = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    clock.add_job(housekeeping.tidy, "interval", minutes=EVERY_MINUTES, args=[desk], id="tidy")
    clock.add_job(housekeeping.tidy, args=[desk], id="tidy at start")
    clock.add_job(status.tick, "interval", seconds=status.TICK_SECONDS, args=[desk], id="tick")
    clock.add_job(status.tick, args=[desk], id="tick at start")
    clock.add_job(schedules_clock.tick, "interval", seconds=DUE_SECONDS, args=[desk], id="schedules")
    clock.add_job(_notices, "interval", seconds=status.TICK_SECONDS, args=[desk], id="notices")
    clock.start()
    try:
        yield
    finally:
        clock.shutdown(wait=False)


def _notices(desk: Desk) -> None:
    scan.scan(desk)
    ways.send(desk)
