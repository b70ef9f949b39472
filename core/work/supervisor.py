"""The supervisor: a process of its own that claims jobs, forks a child for each, and watches them.

It has one thread and has the engine imported, so it is itself the fork server: a fork is a few milliseconds. Threads that
a library started would be lost in the children with their locks held, so it refuses to fork while there are any. It
never does the work itself and never opens a DuckDB session.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from sqlalchemy.exc import SQLAlchemyError

from core import choices
from core.desk import Desk
from core.errors import AGAIN, DeskError, Trouble
from core.work import attempt, child, poke, sweep
from core.work.running import Running, Stopped
from storage import jobs
from storage.jobs import Lease
from storage.tables import Job

LOOK_SECONDS = 1.0  # how often it looks for work and for cancellations that nobody poked about
WATCH_SECONDS = 0.1  # how often it looks at its children's memory while there are any
WRITE_SECONDS = 0.25  # at most so often a child's progress goes into its row
BEATS = 3  # heartbeats a lease
SWEEP_SECONDS = 600.0
PATIENCE_SECONDS = 0.5  # before it asks a database again that did not answer

log = logging.getLogger("desk.work")


class Supervisor:
    """Runs until it is asked to stop. `lifeline`: a file handle at whose end the web process that started it is gone."""

    def __init__(self, desk: Desk, lifeline: int | None = None) -> None:
        self.desk = desk
        self.ear = poke.Ear(desk.files)
        self.owner = self.ear.owner
        self.lifeline = lifeline
        self.children: dict[int, Running] = {}
        self.over: list[tuple[Running, int]] = []  # attempts that are over, with their status, until the row says so
        self.leaving: list[Running] = []  # children that have said their last word and are not gone yet
        self.draining_until: float | None = None
        self.next_look = self.next_sweep = 0.0
        self.selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Work until the lifeline ends or SIGTERM arrives; 0 when nothing is left behind."""
        self._listen()
        log.info("supervisor %s: %d at once", self.owner, choices.limits(self.desk).workers)
        try:
            while not self._done():
                self._step()
        finally:
            self._leave()
        return 0

    def _listen(self) -> None:
        """Signals become bytes in a pipe, so that the loop wakes for them as for everything else."""
        hear, say = os.pipe()
        os.set_blocking(hear, False)
        os.set_blocking(say, False)
        signal.set_wakeup_fd(say, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self._drain())
        # With a lifeline, Ctrl-C is the web process's business. Alone in a terminal, it is a wish to stop.
        signal.signal(signal.SIGINT, signal.SIG_IGN if self.lifeline is not None else lambda *_: self._drain())
        self.selector.register(hear, selectors.EVENT_READ, lambda: os.read(hear, 4096))
        self.selector.register(self.ear, selectors.EVENT_READ, self._heard)
        if self.lifeline is not None:
            os.set_blocking(self.lifeline, False)
            self.selector.register(self.lifeline, selectors.EVENT_READ, self._lifeline)

    def _step(self) -> None:
        now = time.monotonic()
        try:
            self._settle()
            if now >= self.next_look:
                self.next_look = now + LOOK_SECONDS
                self._take_over()
                self._cancel()
                self._claim()
            self._beat()
        except SQLAlchemyError as problem:
            log.warning("the database did not answer, asking again: %s", problem)
            time.sleep(PATIENCE_SECONDS)
        for key, _ in self.selector.select(self._timeout()):
            key.data()
        for running in [*self.children.values()]:
            running.watch()
            if running.over:
                self._end(running)
        self.leaving = [running for running in self.leaving if running.reap() is None]

    def _timeout(self) -> float:
        if self.over:
            return 0.0
        wait = max(0.0, self.next_look - time.monotonic())
        return min(wait, WATCH_SECONDS) if self.children else wait

    def _heard(self) -> None:
        self.ear.hear()
        self.next_look = 0.0

    def _lifeline(self) -> None:
        if not os.read(self.lifeline or 0, 4096):
            log.info("the web process is gone: stopping")
            self.selector.unregister(self.lifeline or 0)
            self.draining_until = 0.0

    def _drain(self) -> None:
        """SIGTERM: take nothing new, let running jobs finish for a while. A second one: stop now."""
        first = self.draining_until is None
        self.draining_until = time.monotonic() + self.desk.settings.drain_seconds if first else 0.0

    def _done(self) -> bool:
        if self.draining_until is None:
            return False
        return not (self.children or self.over) or time.monotonic() >= self.draining_until

    def _take_over(self) -> None:
        """What supervisors of this computer left when they died, at once; and the debris, now and then."""
        if time.monotonic() < self.next_sweep:
            return
        with self.desk.store.reading() as session:
            gone = poke.dead(self.desk.files, jobs.owners(session))
        if gone:
            with self.desk.store.writing() as session:
                attempt.take_over(session, self.desk, gone)
        poke.forget_dead(self.desk.files)
        try:
            sweep.sweep(self.desk)
        except OSError as problem:
            log.warning("the sweep stopped: %s", problem)
        self.next_sweep = time.monotonic() + SWEEP_SECONDS

    def _claim(self) -> None:
        _one_thread()
        while self.draining_until is None and len(self.children) < choices.limits(self.desk).workers:
            job = attempt.take(self.desk, self.owner)
            if job is None:
                return
            try:
                self._start(job)
            except SQLAlchemyError:
                raise
            except Exception as problem:  # noqa: BLE001 (a row nobody can read ends that job, not the supervisor)
                attempt.fail(self.desk, job, child.explained(problem, choices.limits(self.desk).job_memory_mb))

    def _start(self, job: Job) -> None:
        """Fork a child for the job. Raises DeskError when it cannot run."""
        request = attempt.prepare(self.desk, job)
        hear, say = os.pipe()
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as problem:
            os.close(hear)
            os.close(say)
            raise Trouble("The computer could not start another process.", AGAIN) from problem
        if pid == 0:
            child.main(request, say, parent)
        os.close(say)
        os.set_blocking(hear, False)
        running = self.children[pid] = Running(job, request, pid, hear)
        self.selector.register(hear, selectors.EVENT_READ, running.read)

    def _cancel(self) -> None:
        if self.children:
            with self.desk.store.reading() as session:
                wanted = jobs.cancels(session, self.owner)
            for running in self.children.values():
                if running.job.id in wanted:
                    running.kill(Stopped("cancel"))

    def _beat(self) -> None:
        """Keep the leases, and write progress: all that is due in one transaction."""
        now, lease = time.monotonic(), self.desk.settings.lease_seconds
        due = [
            r
            for r in [*self.children.values(), *(r for r, _ in self.over)]
            if now - r.last_write >= lease / BEATS or (r.unwritten and now - r.last_write >= WRITE_SECONDS)
        ]
        if not due:
            return
        with self.desk.store.writing() as session:
            beats = [(r, jobs.heartbeat(session, Lease.of(r.job), lease, r.progress)) for r in due]
        for running, beat in beats:
            running.last_write, running.unwritten = now, False
            if not beat.held:
                running.kill(Stopped("lost"))
            elif beat.cancel:
                running.kill(Stopped("cancel"))

    def _end(self, running: Running) -> None:
        """The attempt is over: at once when the child has said so, else when it is gone and its status tells."""
        if running.pipe in self.selector.get_map():
            self.selector.unregister(running.pipe)
        if running.said:
            running.dismiss()
            self.leaving.append(running)
            status: int | None = 0
        else:
            status = running.reap()
        if status is not None:
            del self.children[running.pid]
            self.over.append((running, status))

    def _settle(self) -> None:
        """Write what came of the children that are gone. One that cannot be written now stays on the list.

        It holds up no other one: what lies about of that one may be what fills the disk. Raises what the database said.
        """
        left, away = [], None
        for running, status in self.over:
            try:
                self._write(running, status)
                self.next_look = 0.0  # there is room for the next
            except SQLAlchemyError as problem:
                left.append((running, status))
                away = problem
        self.over = left
        if away is not None:
            raise away

    def _write(self, running: Running, status: int) -> None:
        outcome = running.verdict(status)
        if isinstance(outcome, dict):
            attempt.succeed(self.desk, running.job, outcome)
        elif isinstance(outcome, DeskError):
            attempt.fail(self.desk, running.job, outcome)
        elif str(outcome) == "cancel":
            attempt.cancelled(self.desk, running.job)
        elif str(outcome) == "stop":
            attempt.give_back(self.desk, running.job)
        else:
            attempt.clean(self.desk, running.job)

    def _leave(self) -> None:
        """Kill what still runs, give its jobs back, and take the pipe away."""
        for running in self.children.values():
            running.kill(Stopped("stop"))
            self.over.append((running, running.reap(wait=True) or 0))
        for running in self.leaving:
            running.reap(wait=True)
        try:
            self._settle()
        except SQLAlchemyError as problem:
            log.warning("the jobs that ran could not be given back, their leases will run out: %s", problem)
        self.ear.close()


def main(desk: Desk, lifeline: bool) -> NoReturn:
    """Be the supervisor of this desk until asked to stop. `lifeline`: standard input's end means stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    sys.exit(Supervisor(desk, 0 if lifeline else None).run())


def _one_thread() -> None:
    tasks = Path("/proc/self/task")
    if tasks.exists() and (n := len(os.listdir(tasks))) != 1:
        raise RuntimeError(f"the supervisor has {n} threads: a library started some, and a fork would lose their locks")
