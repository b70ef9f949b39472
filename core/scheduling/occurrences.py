"""One run of a schedule, from its slot to its end.

    waiting → refreshing → started → delivering → succeeded | undelivered
                                   → succeeded | failed | cancelled          missed, skipped: over at once

What is tried again by hand, the export or what was to be sent of it, goes on from `started` or `delivering`.

Every step is one transaction that holds the schedule (storage.schedules.hold): what is made by it (the export's job, the count
of failures, what people are told) is there with it, or not at all. A process that dies between two steps leaves the first one
whole, and the next tick, of whichever process, takes the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core import datasets, exports, feeds, sharing
from core.desk import Caller, Desk
from core.engine.spec import Delivering, ExportSpec
from core.errors import BadSpec, DeskError, NotAllowed, Undeliverable, from_dict
from core.exports import Prepared
from core.scheduling import telling
from core.templating import templates
from core.work.refreshing import changed
from storage import datasets as dataset_rows
from storage import deliveries
from storage import schedules as rows
from storage import templates as template_rows
from storage.scope import Scope
from storage.tables import ACTIVE, Dataset, JobState, Occurrence, OccurrenceState, Schedule

AGENT = "Schedule"  # with what whoever owns a schedule speaks in the audit log when it runs
MAX_WAITING = 20  # runs of one schedule that wait for the one before them; more are skipped
ACCEPT = (
    "Look at the data, and change the template if it needs that. Then press Run now: "
    "the columns of the file made then are what later runs expect."
)
LOOK = "Look at the export: it says why, and can be sent again from there."
FAILURES = (OccurrenceState.FAILED, OccurrenceState.UNDELIVERED)
FAILED_TOO_OFTEN = "It failed {n} times in a row."


@dataclass(frozen=True)
class Ready:
    """All that a run needs, worked out before anything is locked. Without `prepared` it cannot run, for the `problem`."""

    desk: Desk  # of the schedule's owner, in whose name it runs
    datasets: tuple[str, ...]  # ids
    versions: tuple[str, ...] = ()  # ids of what it reads of them
    prepared: Prepared | None = None
    problem: DeskError | None = None


def ready(desk: Desk, schedule: Schedule, at: datetime) -> Ready:
    """Relative ranges count from `at`. Raises NotAllowed where the owner can run nothing any more, and passing faults."""
    acting = desk.acting_as(schedule.workspace_id, schedule.owner_id, Caller(agent=AGENT))
    read: dict[str, str] = {}
    try:
        spec = spec_of(acting, schedule)
        found = [datasets.get(acting, source.dataset) for source in spec.sources]
        read = {one.id: one.version_id or "" for one in found}
        prepared = exports.prepare(acting, spec, now=at)
        return Ready(acting, tuple(read), tuple(prepared.resolved.versions.values()), prepared)
    except NotAllowed:
        raise
    except DeskError as problem:
        if not problem.final:
            raise
        return Ready(acting, tuple(read), tuple(read.values()), problem=problem)


def spec_of(acting: Desk, schedule: Schedule) -> ExportSpec:
    """What it runs: its template's spec as it is now, delivered as the schedule says, if it says something.

    Raises NotFound for a template or data that is gone, BadSpec for data that does not fit any more.
    """
    spec = templates.spec_for(acting, schedule.template_id)
    if not schedule.delivering:
        return spec
    return spec.model_copy(update={"delivering": Delivering.model_validate(schedule.delivering)})


def set_off(
    session: Session, ready: Ready, schedule: Schedule, occurrence: Occurrence, *, refresh: bool = True
) -> None:
    """Begin it: fetch its data first where the schedule says so, else make its export, or say why not."""
    if refresh and schedule.refresh != "no":
        fetching = feeds.enqueue(session, ready.desk, ready.datasets)
        if fetching is not None:
            occurrence.state, occurrence.job_id = OccurrenceState.REFRESHING, fetching.id
            session.add(occurrence)
            return
    if ready.prepared is None:
        end(session, schedule, occurrence, OccurrenceState.FAILED, ready.problem)
        return
    job = exports.begin(
        ready.desk,
        session,
        ready.prepared,
        template_id=schedule.template_id,
        project_id=schedule.project_id,
        schedule_id=schedule.id,
    )
    # whoever sees the schedule sees what it makes, unless its data was taken back to its owner meanwhile
    job.shared = schedule.shared and sharing.seen_by_all(session, schedule.workspace_id, ready.prepared.spec)
    template_rows.mark_run(session, Scope(schedule.workspace_id), schedule.template_id, by=schedule.owner_id)
    occurrence.state, occurrence.job_id = OccurrenceState.STARTED, job.id
    occurrence.data_at = exports.data_at(job)
    session.add(occurrence)


def go_on(desk: Desk, occurrence: Occurrence) -> bool:
    """Take the next step of a run that waits or goes on, if it can be taken: its turn has come, or its job has ended.

    False: it cannot yet, or another process took it.
    """
    with desk.store.reading() as session:
        schedule = rows.get(session, Scope(occurrence.workspace_id), occurrence.schedule_id)
        job = rows.job(session, occurrence.job_id)
        busy = rows.count(session, occurrence.schedule_id, rows.GOING_ON)
    waits = occurrence.state == OccurrenceState.WAITING
    if (waits and busy) or (job is not None and job.state in ACTIVE):
        return False
    # a run that has no schedule any more (it is in the bin) ends, and begins nothing
    export_next = schedule is not None and (waits or occurrence.state == OccurrenceState.REFRESHING)
    prepared = problem = None
    try:
        prepared = ready(desk, schedule, occurrence.at) if schedule is not None and export_next else None
    except NotAllowed as gone:
        problem = gone
    with desk.store.writing() as session:
        held = rows.hold(session, occurrence.schedule_id)
        now = rows.occurrence(session, occurrence.id)
        if now is None or (now.state, now.job_id) != (occurrence.state, occurrence.job_id):
            return False
        if held is None:
            made = now.state == OccurrenceState.DELIVERING
            now.state = _sent(session, now)[0] if made else OccurrenceState.CANCELLED
            session.add(now)
        elif problem is not None:
            end(session, held, now, OccurrenceState.FAILED, problem)
        elif waits and prepared is not None:
            if rows.count(session, held.id, rows.GOING_ON):
                return False
            set_off(session, prepared, held, now)
        elif now.state == OccurrenceState.DELIVERING:
            _delivered(session, held, now)
        elif now.state == OccurrenceState.REFRESHING and prepared is not None:
            _refreshed(session, prepared, held, now)
        else:
            _exported(session, held, now)
    return True


def _refreshed(session: Session, ready: Ready, schedule: Schedule, occurrence: Occurrence) -> None:
    """Its data was fetched, or could not be, or its columns are others: the schedule says whether it runs all the same.

    Other columns are refused in every run until somebody presses Run now, having looked: the file made then is the new measure.
    """
    job = rows.job(session, occurrence.job_id)
    if job is not None and job.state == JobState.CANCELLED:
        end(session, schedule, occurrence, OccurrenceState.CANCELLED)
        return
    if job is None or job.state == JobState.FAILED:
        problem = from_dict((job.error if job else None) or {"message": "The data could not be fetched again."})
        if schedule.refresh == "refuse":
            end(session, schedule, occurrence, OccurrenceState.FAILED, problem)
            return
        occurrence.warning = f"The data could not be fetched again, so it is what was there before. {problem.message}"
    elif changed := _changed(session, ready, schedule):
        if schedule.refresh == "refuse" and occurrence.asked_by is None:
            problem = BadSpec(changed, ACCEPT)
            end(session, schedule, occurrence, OccurrenceState.FAILED, problem)
            return
        occurrence.warning = changed
    set_off(session, ready, schedule, occurrence, refresh=False)


def _changed(session: Session, ready: Ready, schedule: Schedule) -> str:
    """Which columns are others than those its last file was made from, in sentences; "" where none is.

    Whoever fetched them does not matter: another schedule, or somebody by hand, may have been first.
    """
    said = []
    for dataset_id, columns in dataset_rows.columns_of(session, ready.versions).items():
        found, dataset = changed(schedule.columns.get(dataset_id, columns), columns), session.get(Dataset, dataset_id)
        if found and dataset is not None:
            said.append(f"The columns of “{dataset.name}” are others than in its last run. {found}")
    return " ".join(said)


def _exported(session: Session, schedule: Schedule, occurrence: Occurrence) -> None:
    job = rows.job(session, occurrence.job_id)
    if job is not None and job.state in ACTIVE:
        return  # somebody has just tried it again
    if job is not None and job.state == JobState.SUCCEEDED:
        used = (job.resolved or {}).get("versions", {}).values()
        schedule.columns = schedule.columns | dataset_rows.columns_of(session, used)
        _delivered(session, schedule, occurrence)
    elif job is not None and job.state == JobState.FAILED:
        end(session, schedule, occurrence, OccurrenceState.FAILED, from_dict(job.error or {}))
    else:  # cancelled, or its export was deleted for good before anybody looked
        end(session, schedule, occurrence, OccurrenceState.CANCELLED)


def _delivered(session: Session, schedule: Schedule, occurrence: Occurrence) -> None:
    """Its file is made: whether that worked shows once nothing of it is being sent any more."""
    state, problem = _sent(session, occurrence)
    if state == OccurrenceState.DELIVERING:
        occurrence.state = state
        session.add_all((schedule, occurrence))
    else:
        end(session, schedule, occurrence, state, problem)


def _sent(session: Session, occurrence: Occurrence) -> tuple[OccurrenceState, DeskError | None]:
    """What has become of what was to be sent of its file. What was kept back or stopped is no failure."""
    jobs = deliveries.of_export(session, occurrence.workspace_id, occurrence.job_id or "")
    if any(job.state in ACTIVE for job in jobs):
        return OccurrenceState.DELIVERING, None
    lost = dict.fromkeys(f"“{job.name}”" for job in jobs if job.state == JobState.FAILED)
    if not lost:
        return OccurrenceState.SUCCEEDED, None
    return OccurrenceState.UNDELIVERED, Undeliverable(f"It was made, but not delivered to {', '.join(lost)}.", LOOK)


def end(
    session: Session,
    schedule: Schedule,
    occurrence: Occurrence,
    state: OccurrenceState,
    problem: DeskError | None = None,
) -> None:
    """It is over. Failures in a row are counted and told; too many pause the schedule.

    One that somebody asked for ends the row of failures when it works, and does not lengthen it: they see it fail.
    """
    occurrence.state, occurrence.error = state, problem.as_dict() if problem else None
    session.add(occurrence)
    if state == OccurrenceState.SUCCEEDED:
        schedule.failures = 0
    elif state in FAILURES and occurrence.asked_by is None:
        schedule.failures += 1
        if schedule.pause_after and schedule.failures >= schedule.pause_after and schedule.paused_at is None:
            rows.pause(session, schedule, FAILED_TOO_OFTEN.format(n=schedule.failures))
        why = problem or DeskError("It did not work.")
        if state == OccurrenceState.FAILED or schedule.paused_at is not None:  # of a delivery they were told already
            telling.failed(session, schedule, occurrence, rows.job(session, occurrence.job_id), why)
    session.add(schedule)
    session.flush()
