"""The whole protocol under any order of events: two workers, a person and the clock against one queue (a model test).

The model knows only the promises: a job ends once, its result is the holder's, an attempt number is never used twice.
"""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from storage import jobs, workspaces
from storage.jobs import Lease
from storage.scope import Scope
from storage.store import Store
from storage.tables import ACTIVE, JobKind, JobState

LONG, PAST = 60.0, -1.0
ERROR = {"code": "Trouble"}


class Protocol(RuleBasedStateMachine):
    leases = Bundle("leases")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        self.store = Store(f"sqlite:///{Path(self.folder.name) / 'desk.db'}")
        with self.store.alone() as session:
            self.workspace, self.account = (row.id for row in workspaces.create(session, "Mine", "UTC", "Me"))
        self.accepted: dict[str, None] = {}  # in the order they came
        self.holder: dict[str, Lease] = {}  # who may write a job, as far as the model knows
        self.ended: dict[str, tuple[JobState, object]] = {}
        self.attempts: set[tuple[str, int]] = set()

    def teardown(self):
        self.store.close()
        self.folder.cleanup()

    @rule(attempts=st.integers(1, 3), priority=st.integers(0, 2))
    def accept(self, attempts, priority):
        with self.store.writing() as session:
            job = jobs.enqueue(
                session,
                self.workspace,
                self.account,
                kind=JobKind.EXPORT,
                name="x",
                payload={},
                max_attempts=attempts,
                priority=priority,
            )
        self.accepted[job.id] = None

    @rule(target=leases, owner=st.sampled_from(["a", "b"]), seconds=st.sampled_from([LONG, PAST]))
    def claim(self, owner, seconds):
        with self.store.writing() as session:
            jobs.requeue_stalled(session, ERROR)
            job = jobs.claim(session, owner, seconds)
        self._look()
        if job is None:
            return Lease("none", 0, owner)
        lease = Lease.of(job)
        assert (job.id, job.attempt) not in self.attempts, "an attempt was given out twice"
        self.attempts.add((job.id, job.attempt))
        self.holder[job.id] = lease
        return lease

    @rule(lease=leases)
    def beat(self, lease):
        mine = self._holds(lease)
        with self.store.writing() as session:
            held = jobs.heartbeat(session, lease, LONG).held
        assert held == mine

    @rule(lease=leases)
    def finish(self, lease):
        mine = self._holds(lease)
        with self.store.writing() as session:
            done = jobs.finish(session, lease, result={"attempt": lease.attempt})
        assert done == mine
        if done:
            self._end(lease.job_id, JobState.SUCCEEDED, {"attempt": lease.attempt})

    @rule(lease=leases, retry=st.sampled_from([None, 0.0]))
    def fail(self, lease, retry):
        mine = self._holds(lease)
        with self.store.writing() as session:
            done = jobs.fail(session, lease, ERROR, retry)
        assert done == mine
        if done:
            del self.holder[lease.job_id]
            self._look()

    @rule(lease=leases)
    def give_back(self, lease):
        mine = self._holds(lease)
        with self.store.writing() as session:
            done = jobs.requeue(session, lease)
        assert done == mine
        if done:
            del self.holder[lease.job_id]

    @rule(data=st.data())
    def cancel(self, data):
        if self.accepted:
            with self.store.writing() as session:
                jobs.cancel(session, Scope(self.workspace), data.draw(st.sampled_from([*self.accepted])))
            self._look()

    @rule(data=st.data())
    def retry(self, data):
        again = (JobState.FAILED, JobState.CANCELLED)
        over = [i for i in self.accepted if i in self.ended and self.ended[i][0] in again]
        if over:
            job_id = data.draw(st.sampled_from(over))
            with self.store.writing() as session:
                assert jobs.retry(session, Scope(self.workspace), job_id, 1)
            del self.ended[job_id]

    @invariant()
    def nothing_is_lost_and_what_ended_stays(self):
        with self.store.reading() as session:
            found = jobs.of_ids(session, self.accepted)
        assert found.keys() == self.accepted.keys()
        for job_id, (state, result) in self.ended.items():
            assert (found[job_id].state, found[job_id].result) == (state, result)
        for job in found.values():
            assert (job.lease_owner is not None) == (job.state == JobState.RUNNING)
            assert job.attempt <= job.max_attempts

    def _holds(self, lease):
        with self.store.reading() as session:
            row = jobs.of_ids(session, [lease.job_id]).get(lease.job_id)
        running = row is not None and row.state == JobState.RUNNING
        return running and self.holder.get(lease.job_id) == lease and row.attempt == lease.attempt

    def _look(self):
        """Take over into the model what an event may have ended or freed."""
        with self.store.reading() as session:
            found = jobs.of_ids(session, self.accepted)
        for job in found.values():
            if job.state not in ACTIVE:
                self._end(job.id, job.state, job.result)
            elif job.state == JobState.QUEUED:
                self.holder.pop(job.id, None)

    def _end(self, job_id, state, result):
        assert self.ended.setdefault(job_id, (state, result)) == (state, result), "a job ended twice"
        self.holder.pop(job_id, None)


TestProtocol = Protocol.TestCase
TestProtocol.settings = settings(max_examples=15, stateful_step_count=25)
