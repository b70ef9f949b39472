"""Processes that tick when they are told to, at the moment they are told; and what they should have made, worked out by hand."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any
from zoneinfo import ZoneInfo

from core.desk import Desk, open_desk
from core.scheduling import clock
from core.scheduling.cadence import Cadence, Daily, EveryMinutes, Hourly
from core.settings import Settings
from storage import jobs
from storage import schedules as rows
from storage.tables import Occurrence, OccurrenceState

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# around the hours at which clocks change somewhere: midnight (Cairo, Santiago), 1, 2 (by half an hour on Lord Howe) and 3
CADENCES: tuple[Cadence, ...] = (
    EveryMinutes(minutes=20),
    Hourly(),
    Hourly(minute=30),
    *(Daily(at=time(*at)) for at in ((0, 0), (0, 30), (1, 30), (2, 0), (2, 15), (2, 30), (3, 0), (12, 0))),
)
FORKS = multiprocessing.get_context("forkserver")  # a fork of this process would inherit its threads and connections
FORKS.set_forkserver_preload(["core.scheduling.clock", "core.desk", "tests.faults.ticking"])


def ticks(settings: dict[str, Any], told: Connection) -> None:
    """The process: a tick for each of the moments it is sent; it answers when all of them have ended."""
    desk = open_desk(Settings(**settings))
    told.send(None)
    while True:
        for moment in told.recv():
            clock.tick(desk, moment)
        told.send(None)


class Ticker:
    """One such process. Killed, it is another one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.model_dump()
        self._start()

    def _start(self) -> None:
        self.pipe, other = FORKS.Pipe()
        self.process: BaseProcess = FORKS.Process(target=ticks, args=(self._settings, other), daemon=True)
        self.process.start()
        other.close()
        self.pipe.recv()

    def begin(self, *moments: datetime) -> None:
        self.pipe.send(moments)

    def kill(self) -> bool:
        """kill -9; True where it was in the middle of a tick."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        try:
            self.pipe.recv()
            busy = False
        except (EOFError, ConnectionResetError):  # the answer never came
            busy = True
        self._start()
        return busy

    def stop(self) -> None:
        self.process.kill()
        self.process.join()


@dataclass
class Window:
    """A day on which clocks change in a zone, and the schedules that run on it: id → its cadence."""

    zone: str
    change: datetime
    begin: datetime
    schedules: dict[str, Cadence] = field(default_factory=dict)

    def expected(self, cadence: Cadence, end: datetime) -> dict[str, datetime]:
        """Slot → instant of each run later than `begin` up to `end`, found minute by minute on the clock of the wall."""
        place = ZoneInfo(self.zone)
        found: dict[str, datetime] = {}
        moments = [self.begin + n * MINUTE for n in range(1, int((end - self.begin) / MINUTE) + 1)]
        if isinstance(cadence, EveryMinutes | Hourly):
            for at in moments:
                due = (
                    (at.hour * 60 + at.minute) % cadence.minutes == 0
                    if isinstance(cadence, EveryMinutes)
                    else at.astimezone(place).minute == cadence.minute
                )
                if due:
                    found[f"{at:%Y-%m-%dT%H:%M}Z"] = at
            return found
        assert isinstance(cadence, Daily)
        walls: dict[datetime, datetime] = {}  # wall time → the first instant at which the clock shows it
        for at in moments:
            walls.setdefault(at.astimezone(place).replace(tzinfo=None), at)
        for day in {wall.date() for wall in walls}:
            asked = datetime.combine(day, cadence.at)
            first = walls.get(asked) or walls.get(
                asked + self._skipped(asked)
            )  # as much later as clocks are put forward
            if first is not None and not self._came_before(asked):
                found[f"{asked:%Y-%m-%dT%H:%M}[{self.zone}]"] = first
        return found

    def _skipped(self, asked: datetime) -> timedelta:
        """How much the clock is put forward over this wall time; nothing for one that is shown."""
        place = ZoneInfo(self.zone)
        there = asked.replace(tzinfo=place).astimezone(UTC).astimezone(place).replace(tzinfo=None)
        return there - asked

    def _came_before(self, asked: datetime) -> bool:
        """It was shown a first time before the window began."""
        return asked.replace(tzinfo=ZoneInfo(self.zone), fold=0).astimezone(UTC) <= self.begin


def windows(zones: Sequence[str], year: int, lead: timedelta) -> list[Window]:
    """Both changes of clocks in each zone in that year, each window beginning so long before one."""
    found = []
    for zone in zones:
        place = ZoneInfo(zone)
        moment, before = datetime(year, 1, 1, tzinfo=UTC), None
        while moment.year == year:
            offset = moment.astimezone(place).utcoffset()
            if before not in (None, offset):
                found.append(Window(zone, moment, (moment - lead).replace(second=0)))
            before = offset
            moment += 30 * MINUTE
    return found


def work(desk: Desk) -> None:
    """What supervisors would do, without the files: every job that waits is claimed and has succeeded."""
    while True:
        with desk.store.reading() as session:
            if not jobs.waiting(session):
                return
        with desk.store.writing() as session:
            job = jobs.claim(session, "tests", 600)
            if job is not None:
                jobs.finish(session, jobs.Lease.of(job), result={}, rows=0)


def work_until_they_end(desk: Desk, tickers: Sequence[Ticker]) -> None:
    """Jobs are done while the processes tick, until they have answered."""
    ticking = {ticker.pipe for ticker in tickers}
    while ticking:
        for pipe in wait([*ticking], timeout=0.02):
            assert isinstance(pipe, Connection)
            pipe.recv()
            ticking.remove(pipe)
        work(desk)


def settle(desk: Desk, tickers: Sequence[Ticker], moment: datetime) -> None:
    """Tick on at the same moment until all that was begun has ended."""
    while True:
        for ticker in tickers:
            ticker.begin(moment)
        work_until_they_end(desk, tickers)
        with desk.store.reading() as session:
            if not rows.unfinished(session):
                return


def at_random(chance: random.Random, begin: datetime, count: int, most: timedelta) -> list[datetime]:
    """So many moments after `begin`, in order, at most so far apart."""
    moments, at = [], begin
    for _ in range(count):
        at += timedelta(seconds=chance.uniform(1, most.total_seconds()))
        moments.append(at)
    return moments


def runs(desk: Desk, schedule_id: str) -> list[Occurrence]:
    with desk.store.reading() as session:
        return [*reversed(rows.history(session, schedule_id, size=100_000)[0])]


DONE = OccurrenceState.SUCCEEDED
