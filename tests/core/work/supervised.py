"""A supervisor as a process of the test's own, and exports that take as long as a test needs."""

import os
import signal
import subprocess
import sys

import psutil

from core import exports
from core.desk import Desk
from core.engine.spec import ColumnRef, ExportSpec, Limits, Output, SortKey, Source
from core.work.launcher import ROOT
from storage.tables import ACTIVE, Job, JobState
from tests.helpers import wait_until

FEW, MANY = 1000, 1_000_000  # rows of the datasets “few” and “many”


def quick(dataset: str = "few") -> ExportSpec:
    return ExportSpec(sources=(Source(dataset=dataset),), output=Output(format="csv"))


def slow(**limits: int) -> ExportSpec:
    """Several seconds of work."""
    source = Source(dataset="many", sort=(SortKey(column=ColumnRef(name="shuffled")),))
    return ExportSpec(sources=(source,), output=Output(format="xlsx"), limits=Limits.model_validate(limits))


def state(desk: Desk, job: Job) -> JobState:
    return exports.get(desk, job.id).state


def ended(desk: Desk, job: Job, seconds: float = 90) -> Job:
    wait_until(lambda: state(desk, job) not in ACTIVE, seconds, what="the job ends")
    return exports.get(desk, job.id)


def started(desk: Desk, job: Job) -> Job:
    wait_until(lambda: state(desk, job) == JobState.RUNNING, 30, what="the job runs")
    return exports.get(desk, job.id)


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Work:
    """`python -m core work` on a lifeline that the test holds."""

    def __init__(self, desk: Desk, **settings: object) -> None:
        self.desk = desk
        before = {*desk.files.run.glob("*.pipe")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "core", "work", "--lifeline"],
            stdin=subprocess.PIPE,
            start_new_session=True,
            cwd=ROOT,
            env=os.environ | desk.settings.model_copy(update=settings).environment(),
        )
        wait_until(lambda: {*desk.files.run.glob("*.pipe")} - before, 60, what="the supervisor listens")

    @property
    def children(self) -> list[psutil.Process]:
        try:
            return [child for child in psutil.Process(self.process.pid).children() if alive(child)]
        except psutil.NoSuchProcess:
            return []

    def child(self) -> psutil.Process:
        return wait_until(lambda: self.children, 30, what="a child runs")[0]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        if self.process.stdin:
            self.process.stdin.close()
        return self.process.wait(30)
