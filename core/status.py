"""How this installation is doing: a list of checks for its administrators, and the one sentence everybody has to know.

Each check looks at something that can stop people's work, says what it found in a sentence, and what to do about it.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from importlib.metadata import version

from core import __version__, choices
from core.access import installation, sign_in
from core.desk import Desk
from core.notifying import mail
from core.work import poke
from storage import choices as chosen
from storage import schedules
from storage import status as figures
from storage.tables import utc_now

CLOCK = "clock"  # the name of its sign of life in the store
TICK_SECONDS = 60  # how often the clock leaves one
MISSED = 3  # ticks that may be late before the clock counts as stopped
STUCK_SECONDS = 60  # a queue in which something waits so long while nothing runs
LONG_SECONDS = 15 * 60  # a wait worth a word although work goes on
FAILED_SINCE = timedelta(days=1)
MB = 1024**2
LIBRARIES = {"DuckDB": "duckdb", "Streamlit": "streamlit", "FastAPI": "fastapi", "Arrow": "pyarrow"}


class Level(StrEnum):
    """How bad it is, in rising order."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `key` is stable; the rest is for people."""

    key: str
    title: str
    level: Level
    said: str
    next_step: str = ""


def checks(desk: Desk) -> Sequence[Check]:
    """Everything an operator looks at, in the order of a day's worries. Raises Forbidden."""
    installation.require(desk, "see how this installation is doing")
    with desk.store.reading() as session:
        queue, leases = figures.queue(session), figures.workers(session)
    workers = leases | poke.alive(desk.files)
    return [
        _queue(queue, workers),
        _workers(workers),
        _clock(desk),
        _disk(desk),
        _mail(desk),
        _failures(desk),
        _schedules(desk),
    ]


def banner(desk: Desk) -> Sequence[Check]:
    """What whoever acts has to know on every screen: a queue that is stuck, a disk that is nearly full; and, if they are an
    administrator of a desk people sign in to, that it cannot send mail."""
    with desk.store.reading() as session:
        queue = figures.queue(session)
    found = [_disk(desk)]
    if _stuck(queue):
        with desk.store.reading() as session:
            found.insert(0, _queue(queue, figures.workers(session) | poke.alive(desk.files)))
    if desk.administrator and sign_in.required(desk):
        found.append(_mail(desk))
    return [check for check in found if check.level != Level.OK]


def versions(desk: Desk) -> Sequence[tuple[str, str]]:
    """What runs here, by name. Raises Forbidden."""
    installation.require(desk, "see how this installation is doing")
    with desk.store.reading() as session:
        store = figures.database(session)
    return [
        ("Export Desk", __version__),
        ("Store", store),
        ("Python", platform.python_version()),
        *((name, version(package)) for name, package in LIBRARIES.items()),
        ("System", f"{platform.system()} {platform.machine()}"),
    ]


def tick(desk: Desk) -> None:
    """The clock lives: it says so every TICK_SECONDS."""
    with desk.store.writing() as session:
        chosen.set(session, CLOCK, TICK_SECONDS)


def _stuck(queue: figures.Queue) -> bool:
    return bool(queue.waiting and not queue.running and queue.longest_wait > STUCK_SECONDS)


def _queue(queue: figures.Queue, workers: set[str]) -> Check:
    waits = f"{queue.waiting:,} waiting, {queue.running:,} running"
    if queue.later:
        waits += f", {queue.later:,} for later"
    if _stuck(queue):
        return Check(
            "queue",
            "Exports are not being worked on",
            Level.BAD,
            f"{waits}; the first has been waiting for {_duration(queue.longest_wait)} and nothing runs.",
            "Nothing is lost. Start the desk again; if that does not help, look into its log."
            if workers
            else "Nothing is lost. Start a worker: `python -m core work`, or start the desk again.",
        )
    if queue.longest_wait > LONG_SECONDS:
        return Check(
            "queue",
            "Queue",
            Level.WARN,
            f"{waits}; the first has been waiting for {_duration(queue.longest_wait)}.",
            "Let more jobs run at once under Installation settings, Limits, if this computer has the memory for it.",
        )
    return Check("queue", "Queue", Level.OK, f"{waits}.")


def _workers(workers: set[str]) -> Check:
    if not workers:
        return Check(
            "workers", "Workers", Level.BAD, "No worker runs: exports wait.", "Start the desk again, or a worker alone."
        )
    hosts = sorted({worker.partition(".")[0] for worker in workers})
    many = "1 worker runs" if len(workers) == 1 else f"{len(workers):,} workers run"
    return Check("workers", "Workers", Level.OK, f"{many}, on {', '.join(hosts)}.")


def _clock(desk: Desk) -> Check:
    with desk.store.reading() as session:
        found = chosen.get(session, CLOCK)
    again = "Start the desk again: what is old is not cleared away until it ticks."
    if found is None:
        return Check("clock", "Clock", Level.BAD, "The clock has never ticked.", again)
    ago = max(0.0, (utc_now() - found[1]).total_seconds())
    if ago > MISSED * TICK_SECONDS:
        return Check("clock", "Clock", Level.BAD, f"The clock ticked last {_duration(ago)} ago.", again)
    return Check("clock", "Clock", Level.OK, f"It ticked {_duration(ago)} ago.")


def _disk(desk: Desk) -> Check:
    free, low = desk.files.free_bytes() // MB, choices.storage(desk).low_disk_mb
    if free < low:
        return Check(
            "disk",
            "The disk is nearly full",
            Level.BAD,
            f"{_room(free)} are free where the desk keeps its data; below {_room(low)} nothing new begins.",
            "Delete datasets and exports nobody needs, or give the data folder more room.",
        )
    return Check("disk", "Disk", Level.OK, f"{_room(free)} are free where the desk keeps its data.")


def _mail(desk: Desk) -> Check:
    if mail.configured(desk):
        server = choices.mail(desk)
        return Check("mail", "Mail", Level.OK, f"Mail goes through {server.host}:{server.port}.")
    if not sign_in.required(desk):
        return Check("mail", "Mail", Level.OK, "Mail is not set up. One person on their own computer needs none.")
    return Check(
        "mail",
        "Mail is not set up",
        Level.WARN,
        "Invitations, links for forgotten passwords and notices cannot be sent by e-mail.",
        "Name a mail server under Installation settings, Mail.",
    )


def _failures(desk: Desk) -> Check:
    with desk.store.reading() as session:
        failed = figures.failures(session, utc_now() - FAILED_SINCE)
    if not failed:
        return Check("failures", "Failed jobs", Level.OK, "None in the last 24 hours.")
    reasons = "; ".join(f"{title} ({n:,})" for title, n in failed.most_common())
    return Check(
        "failures",
        "Failed jobs",
        Level.WARN,
        f"{failed.total():,} in the last 24 hours: {reasons}.",
        "My exports tells their owners why, and offers to try again.",
    )


def _schedules(desk: Desk) -> Check:
    with desk.store.reading() as session:
        failing, paused = schedules.failing(session)
    if not failing:
        return Check("schedules", "Schedules", Level.OK, "None failed the last time it ran.")
    said = "1 schedule failed" if failing == 1 else f"{failing:,} schedules failed"
    return Check(
        "schedules",
        "Failed schedules",
        Level.WARN,
        f"{said} the last time; {paused:,} of these {'is' if paused == 1 else 'are'} paused for it.",
        "Their owners were told why. The page Schedules of each workspace shows them.",
    )


def _room(mb: int) -> str:
    return f"{mb:,} MB" if mb < 10_000 else f"{mb / 1024:,.1f} GB"


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60:,} min" if whole < 7200 else f"{whole // 3600:,} h"
