"""kill -9 at random points: children, the supervisor, the web server, at a lease of one second.

Whatever dies: no job is lost, none is visible twice, no half file is ever visible, and after a sweep nothing is left over.
"""

import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from core import datasets, exports, uploads
from core.desk import Desk, open_desk
from core.engine.spec import ColumnRef, ExportSpec, Output, SortKey, Source
from core.errors import DeskError
from core.settings import Settings
from core.work import inline
from core.work.launcher import ROOT
from core.work.sweep import sweep
from storage import jobs, status
from storage.tables import ACTIVE, Job, JobState
from tests.helpers import wait_until
from tests.servers.postgres import postgres

pytestmark = [pytest.mark.slow_real, pytest.mark.timeout(1500)]

KILLS = {"sqlite": int(os.environ.get("KILLS", "25")), "postgresql": 10}  # `make faults` asks for a hundred
ROWS = 60_000
AT_ONCE = 4  # jobs that are on their way at any time
WEIGHTS = {"child": 70, "supervisor": 22, "web": 8}  # of a hundred kills: a web server takes longest to come back
TABLE = "id,name,shuffled\n" + "".join(f"{i},name {i},{i * 7919 % 1_000_003}\n" for i in range(ROWS))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_whatever_is_killed_no_job_is_lost_doubled_or_half_done(tmp_path, database):
    if database == "sqlite":
        _torment(tmp_path, "", KILLS[database])
    else:
        with postgres() as url:
            _torment(tmp_path, url, KILLS[database])


def _torment(tmp_path: Path, url: str, kills: int) -> None:
    seed = random.randrange(10_000)
    print(f"seed {seed}")  # noqa: T201  (pytest shows it when the test fails)
    chance = random.Random(seed)
    settings = Settings(
        data_dir=tmp_path / "data", database_url=url, zone="UTC", workers=2, lease_seconds=1, attempts=1000
    )
    desk = open_desk(settings)
    first = datasets.add(desk, uploads.store(desk, "numbers.csv", TABLE.encode()).id, name="Numbers")
    inline.run_queued(desk)
    assert datasets.job(desk, first.id).state == JobState.SUCCEEDED

    web = Web(settings, tmp_path / "web.log")
    queue = Queue(desk, chance)
    try:
        for _ in range(kills):
            queue.fill()
            time.sleep(chance.uniform(0, 0.4))  # the random point
            web.lose(chance.choices([*WEIGHTS], [*WEIGHTS.values()])[0])
        queue.drain()
    finally:
        queue.watcher.stop()
        web.end()
    assert sum(web.killed.values()) == kills
    assert web.killed["child"] > kills / 10, "hardly a child was caught at work"

    queue.check()
    sweep(desk)
    _nothing_left(desk)
    desk.store.close()


@dataclass
class Web:
    """The real server, started again whenever it was killed; its supervisor keeps itself running."""

    settings: Settings
    log: Path
    killed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WEIGHTS, 0))

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=os.environ | self.settings.environment() | {"PORT": "0"},
            stdout=subprocess.PIPE,
            stderr=self.log.open("a"),
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout
        for line in self.process.stdout:
            if re.search(r"http://127\.0\.0\.1:\d+", line):
                return
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    def lose(self, what: str) -> None:
        """Kill -9 one of them, as soon as there is one."""
        if what == "web":
            self.process.kill()
            self.process.wait()
            self.killed[what] += 1
            self._start()
            return
        find = self._supervisors if what == "supervisor" else self._children
        while True:
            victim = wait_until(find, 60, every=0.005, what=f"there is a {what}")[0]
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                self.killed[what] += 1
                return

    def _supervisors(self) -> list[int]:
        """Their pipes bear their process ids."""
        pids = [int(pipe.name.split(".")[-3]) for pipe in (self.settings.data_dir / "run").glob("*.pipe")]
        return [pid for pid in pids if _alive(pid)]

    def _children(self) -> list[int]:
        """Straight from the kernel: walking through all processes would take the time the tested ones need."""
        found: list[int] = []
        for pid in self._supervisors():
            with suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return [pid for pid in found if _alive(pid)]

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


class Queue:
    """Exports and imports, accepted by the same functions the pages call; a watcher looks at every result there is."""

    def __init__(self, desk: Desk, chance: random.Random) -> None:
        self.desk, self.chance = desk, chance
        self.exports: dict[str, None] = {}
        self.imports: dict[str, None] = {}
        self.watcher = Watcher(desk)

    def fill(self) -> None:
        for _ in range(AT_ONCE - self._on_their_way()):
            if self.chance.random() < 0.2:
                upload = uploads.store(self.desk, "more.csv", TABLE[: self.chance.randrange(1000, 200_000)].encode())
                self.imports[datasets.add(self.desk, upload.id, name="More").id] = None
            else:
                self.exports[exports.start(self.desk, self._spec()).id] = None

    def _spec(self) -> ExportSpec:
        by = (SortKey(column=ColumnRef(name="shuffled")),) if self.chance.random() < 0.5 else ()
        source = Source(dataset="numbers", sort=by, limit=self.chance.choice([None, 100]))
        return ExportSpec(
            sources=(source,), output=Output(format=self.chance.choice(["csv", "xlsx", "jsonl", "parquet"]))
        )

    def drain(self) -> None:
        wait_until(lambda: not self._on_their_way(), 120, every=0.1, what="all jobs end")

    def _on_their_way(self) -> int:
        with self.desk.store.reading() as session:
            queue = status.queue(session)
        return queue.waiting + queue.later + queue.running + queue.abandoned

    def check(self) -> None:
        """Every accepted job has succeeded, once, with a whole file."""
        for job_id in self.exports:
            job = exports.get(self.desk, job_id)
            assert job.state == JobState.SUCCEEDED, job.error
            _whole(self.desk, job)
        made = []
        for job_id in self.imports:
            job = datasets.job(self.desk, job_id)
            assert job.state == JobState.SUCCEEDED, job.error
            made += [one["id"] for one in job.result["datasets"]]
        assert len(made) == len(set(made)) == len(self.imports)
        assert {d.id for d in datasets.list(self.desk)} == {*made, datasets.get(self.desk, "numbers").id}
        assert not self.watcher.complaints, self.watcher.complaints
        assert self.watcher.looked, "the watcher saw nothing"


class Watcher:
    """Looks all the time: whatever a row calls succeeded is whole that very moment, and never changes again."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.looked = desk, 0
        self.seen: dict[str, tuple[int, object]] = {}
        self.complaints: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            try:
                for job in exports.list(self.desk, states=("succeeded",), size=50)[0]:
                    if job.id not in self.seen:
                        _whole(self.desk, job)
                    self.looked += 1
                    if self.seen.setdefault(job.id, (job.attempt, job.result)) != (job.attempt, job.result):
                        self.complaints.append(f"{job.id} changed after it had succeeded")
            except (AssertionError, DeskError, SQLAlchemyError) as problem:
                self.complaints.append(repr(problem))


def _whole(desk: Desk, job: Job) -> None:
    receipt = exports.receipt(desk, job.id)
    file = exports.file(desk, job.id, 0)
    content = file.path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == file.sha256, f"{file.path.name} is not what its receipt says"
    assert receipt.rows in (100, ROWS)
    if receipt.format == "csv":
        assert content.count(b"\n") == receipt.rows + 1


def _nothing_left(desk: Desk) -> None:
    with desk.store.reading() as session:
        assert jobs.owners(session) == set()
    wanted = set()
    for page in range(1, 1000):
        found, _ = exports.list(desk, page=page, size=100)
        if not found:
            break
        for job in found:
            assert job.state not in ACTIVE
            wanted |= {file["stored"] for file in job.result["files"]} | {f"{job.id}.{job.attempt}.receipt.json"}
    assert {path.name for path in desk.files.exports.iterdir()} == wanted
    assert {path.name for path in desk.files.datasets.iterdir()} == {d.version_id for d in datasets.list(desk)}
    assert [*desk.files.scratches.iterdir()] == []
