"""Two processes tick the same schedules, at the same moments, through both days of the year on which clocks change; and some
are killed in the middle. Each slot runs once: none twice, none never."""

import os
import random
import time as waiting

import pytest
from sqlmodel import select

from core import datasets, uploads
from core.desk import open_desk
from core.engine.spec import ExportSpec
from core.scheduling import schedules
from core.scheduling.cadence import Daily
from core.scheduling.clock import next_at
from core.scheduling.schedules import Plan
from core.settings import Settings
from core.templating import templates
from core.work import inline
from storage import schedules as rows
from storage.tables import Job
from tests.faults import ticking
from tests.faults.ticking import CADENCES, DONE, HOUR, MINUTE, Ticker, Window
from tests.servers.postgres import postgres

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Europe/London",
    "Australia/Lord_Howe",  # by half an hour
    "America/Santiago",  # at midnight
    "Africa/Cairo",  # at midnight
    "Asia/Jerusalem",
    "Pacific/Auckland",
)
YEAR = 2027
TICKS = int(os.environ.get("TICKS", "320"))  # `make faults` takes 10,000 with 160 kills
KILLS = int(os.environ.get("TICK_KILLS", "16"))
TOGETHER = 10  # ticks of each process before it waits for the other one
STEP = 320 * MINUTE / 60  # at most between two ticks


def test_two_processes_and_some_that_die_through_the_days_clocks_change_in_one_zone(tmp_path):
    _run(tmp_path, "", ("Australia/Lord_Howe",), ticks=120, kills=6, step=25 * MINUTE, cadences=CADENCES[1:6])


@pytest.mark.slow_real
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("kills", [0, KILLS], ids=["whole", "killed"])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_processes_run_each_slot_once_through_the_days_clocks_change_in_eight_zones(tmp_path, database, kills):
    if database == "sqlite":
        _run(tmp_path, "", ZONES, ticks=TICKS, kills=kills)
    else:
        with postgres() as url:
            _run(tmp_path, url, ZONES, ticks=TICKS, kills=kills)


def _run(tmp_path, url, zones, *, ticks, kills, step=STEP, cadences=CADENCES):
    seed = random.randrange(10_000)
    chance = random.Random(seed)
    settings = Settings(data_dir=tmp_path / "data", database_url=url, zone="UTC")
    desk = open_desk(settings)
    template = _template(desk)
    tickers = [Ticker(settings), Ticker(settings)]
    windows = ticking.windows(zones, YEAR, lead=min(14 * HOUR, step * ticks / len(zones) / 8))
    assert len(windows) == 2 * len(zones)
    total = struck = 0
    begun = waiting.monotonic()
    try:
        for number, window in enumerate(windows):
            _begin(desk, template, window, cadences)
            moments = ticking.at_random(chance, window.begin, ticks // len(windows), step)
            batches = [moments[n : n + TOGETHER] for n in range(0, len(moments), TOGETHER)]
            dying = set(chance.sample(range(len(batches)), kills // len(windows)))
            for n, batch in enumerate(batches):
                struck += _tick(desk, tickers, batch, chance, kill=n in dying)
            ticking.settle(desk, tickers, moments[-1])
            total += _check(desk, window, moments[-1])
            assert moments[-1] > window.change, f"window {number} ends before clocks change"
    finally:
        for ticker in tickers:
            ticker.stop()
    took = waiting.monotonic() - begun
    print(  # noqa: T201  (pytest shows it with -s, and where the test fails)
        f"seed {seed}: {ticks:,} ticks of 2 processes, {total:,} slots, 0 double, 0 missed, "
        f"{kills} killed, {struck} of them in the middle of a tick, {took:.0f} s"
    )
    if kills:
        assert struck > kills / 3, "hardly a process was caught in the middle"
    desk.store.close()


def _template(desk):
    upload = uploads.store(desk, "people.csv", b"name,day\nAyu,2027-03-01\n")
    datasets.add(desk, upload.id, name="People")
    inline.run_queued(desk)
    spec = {"sources": [{"dataset": "people"}], "output": {"format": "csv"}}
    return templates.save(desk, "Report", "", ExportSpec.model_validate(spec))


def _begin(desk, template, window: Window, cadences) -> None:
    """Every schedule of the window, as if it had been made when that begins; those of the one before rest."""
    for cadence in cadences:
        overlap = "skip" if isinstance(cadence, Daily) else "queue"
        made = schedules.make(desk, template.id, Plan(cadence=cadence, zone=window.zone, overlap=overlap))
        window.schedules[made.id] = cadence
        with desk.store.writing() as session:
            held = rows.hold(session, made.id)
            held.done_until, held.next_at = window.begin, next_at(held, window.begin)
            session.add(held)


def _tick(desk, tickers, moments, chance, *, kill) -> int:
    """Both through the same moments; one may be killed on the way, and the next one begins there anew. 1: it was in the middle.

    How far one of them is ahead of the other is up to the computer.
    """
    for ticker in tickers:
        ticker.begin(*moments)
    struck = 0
    if kill:
        victim = chance.choice(tickers)
        waiting.sleep(chance.uniform(0, 0.1))  # the random point
        struck = int(victim.kill())
        victim.begin(*moments)
    ticking.work_until_they_end(desk, tickers)
    return struck


def _check(desk, window: Window, end) -> int:
    """Each slot has its one run, at its instant, with its one export, which succeeded. Then they rest. Returns how many."""
    total = 0
    for schedule_id, cadence in window.schedules.items():
        expected = window.expected(cadence, end)
        found = ticking.runs(desk, schedule_id)
        where = f"{cadence.sentence()} ({window.zone}), {window.change}"
        assert {run.slot: run.at for run in found} == expected, where
        assert len(found) == len(expected), where
        assert [(run.slot, run.state) for run in found if run.state != DONE] == [], where
        with desk.store.reading() as session:
            made = session.exec(select(Job.id).where(Job.schedule_id == schedule_id)).all()
        assert sorted(made) == sorted(str(run.job_id) for run in found), where
        schedules.pause(desk, schedule_id)
        total += len(found)
    return total
