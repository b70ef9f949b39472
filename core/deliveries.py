"""Deliveries: who gets the files of an export, and when. Each destination has a delivery with a state of its own.

They are queued in the transaction that ends the export, so that none is lost and none is made twice. What fails never touches
the export's own files, and can be sent again alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlmodel import Session

from core import audit, destinations, exports
from core.access import roles
from core.desk import Desk
from core.engine.spec import Delivering, ExportSpec
from core.errors import Conflict, DeskError, NotFound, Undeliverable, from_dict
from core.notifying import notices
from core.notifying.voice import Voice
from core.texts import N_
from core.work.delivering import TRIES, clean_up
from core.work.poke import poke
from storage import deliveries as rows
from storage import destinations as destination_rows
from storage import jobs, schedules
from storage.scope import Scope
from storage.tables import ACTIVE, Destination, Job, JobKind, JobState, NoticeKind, utc_now

State = Literal["held", "waiting", "queued", "sending", "retrying", "sent", "failed", "not_sent", "stopped"]
WAITING: tuple[State, ...] = ("held", "waiting", "retrying")  # what could be sent now, or never
GONE = "A destination that is gone"
PRIVATE = "A private destination"
HELD = N_("“{name}” waits for you before it is sent")
CHOSEN = N_("It was chosen to ask before it is sent.")
MOVED = N_("{n} row instead of {last} last time."), N_("{n} rows instead of {last} last time.")
MOVED_BY = N_("{n} row instead of {last} last time ({by})."), N_("{n} rows instead of {last} last time ({by}).")
NO_ROWS = N_("There were no rows, and it is sent only if there are some.")
SOME_ROWS = (
    N_("There was {n} row, and it is sent only if there are none."),
    N_("There were {n} rows, and it is sent only if there are none."),
)
UNCHANGED = N_("The rows are the same as last time.")


@dataclass(frozen=True)
class Delivery:
    """One destination's part of an export, as it stands. Of a destination whoever asks does not see: not which, nor where.

    `at`: when it was sent, stopped or failed; of one that waits or is tried again, when that will be. `why`: why it waits, or
    was not sent. `arrivals`: name, where and size of each file that is there.
    """

    id: str
    export_id: str
    destination_id: str
    name: str
    method: str
    place: str
    state: State
    at: datetime | None
    why: str = ""
    error: DeskError | None = None
    tries: int = 0
    arrivals: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    fraction: float | None = None  # of its bytes, while it is sent


def queue(session: Session, desk: Desk, job: Job, result: Mapping[str, Any]) -> None:
    """Queue what is to be sent of an export that is just ending, within the transaction that ends it.

    What its conditions keep back is noted as not sent, with the reason; what must wait for somebody is held, and they are told.
    """
    spec = ExportSpec.model_validate(job.payload["spec"])
    wanted = spec.delivering
    if not wanted.destinations:
        return
    say, asked = Voice.to(session, job.owner_id), dict[str, None]()
    compares = wanted.when == "changed" or wanted.ask_above_percent is not None
    last = rows.last_sent(session, job, wanted.destinations) if compares else {}
    for one in wanted.destinations:
        not_sent, ask = _not_sent(wanted, result, last.get(one), say), _ask(wanted, result, last.get(one), say)
        destination = destination_rows.get(session, Scope(job.workspace_id, job.owner_id), one)
        made = _enqueue(session, job, job.owner_id, one, destination, why=not_sent or ask)
        if not_sent:
            made.state, made.finished_at = JobState.CANCELLED, utc_now()
            session.add(made)
        elif ask:
            rows.hold_back(session, made, seconds=None)
            asked[ask] = None
        elif wanted.hold == "undo":
            rows.hold_back(session, made, seconds=wanted.undo_minutes * 60.0)
    if asked:
        notices.tell(
            session,
            job.workspace_id,
            job.owner_id,
            NoticeKind.HELD,
            about=f"deliveries of {job.id}",
            title=say(HELD, name=job.name),
            text=" ".join(asked),
            path=f"/my-exports?job={job.id}",
        )


def list(desk: Desk, export_id: str) -> Sequence[Delivery]:
    """Who was to get an export, in the order it was asked for, and how that stands. Raises NotFound, Forbidden."""
    exports.get(desk, export_id)
    with desk.store.reading() as session:
        return [_seen(session, desk, job) for job in rows.of_export(session, desk.workspace_id, export_id)]


def get(desk: Desk, delivery_id: str) -> Delivery:
    """Raises NotFound, also for one of an export that whoever asks does not see."""
    found = _found(desk, delivery_id)[0]
    with desk.store.reading() as session:
        return _seen(session, desk, found)


def of_test(desk: Desk, destination_id: str) -> Delivery:
    """How the last test file of a destination stands. Raises NotFound, also where none was ever sent."""
    destination = destinations.get(desk, destination_id)
    job = destinations.tests(desk, [destination_id]).get(destination_id)
    if job is None:
        raise NotFound("No test file was sent there yet.", "Send one.")
    return replace(_shown(job), method=destination.method, place=destinations.place(destination))


def send(desk: Desk, export_id: str, destination_id: str) -> Delivery:
    """Send a finished export to one more destination, now.

    Raises NotFound, Forbidden, Conflict where it has no files, Gone where they are no longer there.
    """
    export, destination = exports.get(desk, export_id), destinations.get(desk, destination_id)
    roles.require(desk, "exports.deliver", export)
    exports.file(desk, export_id)  # raises Conflict, Gone
    with desk.store.writing() as session:
        made = _enqueue(session, export, desk.account_id, destination.id, destination)
        audit.note(desk, session, "exports.sent", export, to=destination.name)
    poke(desk)
    return get(desk, made.id)


def undo(desk: Desk, delivery_id: str) -> Delivery:
    """Do not send it, or stop sending it. Raises Conflict once it has arrived."""
    found, export = _found(desk, delivery_id)
    roles.require(desk, "exports.deliver", export)
    with desk.store.writing() as session:
        before = rows.get(session, desk.workspace_id, delivery_id)
        if before is None or before.state not in ACTIVE:
            raise Conflict("This was sent already, or was stopped.", "Look at it again.")
        job = jobs.cancel(session, Scope(desk.workspace_id), delivery_id)
        if job is not None and job.state == JobState.CANCELLED and job.attempt:
            clean_up(session, job)
        audit.note(desk, session, "exports.delivery_stopped", export, to=found.name)
    poke(desk)
    return get(desk, delivery_id)


def send_now(desk: Desk, delivery_id: str) -> Delivery:
    """Send what is held, what waits for its time, or what would be tried again later. Raises Conflict for anything else,
    NotFound where it goes to what others keep to themselves, Gone where its files are no longer there."""
    found, export = _found(desk, delivery_id)
    roles.require(desk, "exports.deliver", export)
    _require_place(desk, found)
    exports.file(desk, export.id)  # raises Gone
    with desk.store.writing() as session:
        if not rows.release(session, delivery_id, desk.account_id):
            raise Conflict("This does not wait any more.", "Look at it again.")
        audit.note(desk, session, "exports.delivery_released", export, to=found.name)
    poke(desk)
    return get(desk, delivery_id)


def send_again(desk: Desk, delivery_id: str) -> Delivery:
    """Send it again, alone: one that failed or was not sent goes on as itself, one that arrived is sent anew.

    It goes in the name of whoever sends it again. Raises Conflict while it is on its way, NotFound and Gone as `send_now`.
    """
    found, export = _found(desk, delivery_id)
    roles.require(desk, "exports.deliver", export)
    _require_place(desk, found)
    exports.file(desk, export.id)  # raises Gone
    with desk.store.writing() as session:
        if found.state == JobState.SUCCEEDED:
            destination = session.get(Destination, found.payload["destination"])
            by = desk.account_id or found.owner_id
            delivery_id = _enqueue(session, export, by, found.payload["destination"], destination).id
        elif not rows.stop_tidying(session, delivery_id):
            raise Conflict("What was left of it there is being removed just now.", "Send it again in a moment.")
        elif jobs.retry(session, Scope(desk.workspace_id), delivery_id, TRIES):
            rows.release(session, delivery_id, desk.account_id)
            schedules.tried_again(session, export, desk.account_id or None)
        else:
            raise Conflict("This is on its way.", "Wait until it has arrived, or stop it.")
        audit.note(desk, session, "exports.sent", export, to=found.name)
    poke(desk)
    return get(desk, delivery_id)


def _found(desk: Desk, delivery_id: str) -> tuple[Job, Job]:
    """A delivery and its export. Raises NotFound unless whoever acts sees the export."""
    with desk.store.reading() as session:
        job = rows.get(session, desk.workspace_id, delivery_id)
    if job is None or job.parent_id is None:
        raise NotFound("This delivery is not there.", "Its export may have been deleted.")
    return job, exports.get(desk, job.parent_id)


def _require_place(desk: Desk, delivery: Job) -> None:
    """Nobody has anything sent to a destination they do not see."""
    try:
        destinations.get(desk, delivery.payload["destination"])
    except NotFound:
        raise NotFound(
            "The destination is gone, or not shared with you.", "Ask whoever had this sent, or send it to another one."
        ) from None


def _enqueue(
    session: Session, export: Job, owner_id: str, destination_id: str, destination: Destination | None, why: str = ""
) -> Job:
    """One that is gone is queued all the same: that it fails, and why, stands where somebody looks."""
    place = destinations.place(destination) if destination else ""
    return jobs.enqueue(
        session,
        export.workspace_id,
        owner_id,
        kind=JobKind.DELIVERY,
        name=destination.name if destination else GONE,
        payload={
            "purpose": "deliver",
            "export": export.id,
            "of_name": export.name,
            "destination": destination_id,
            "method": destination.method if destination else "",
            "place": place,
            "why": why,
        },
        parent_id=export.id,
        max_attempts=TRIES,
    )


def _not_sent(wanted: Delivering, result: Mapping[str, Any], before: Job | None, say: Voice) -> str:
    """Why the export is not to be sent to a destination, where `before` arrived last; "" where it is."""
    match wanted.when:
        case "rows" if not result["rows"]:
            return say(NO_ROWS)
        case "no_rows" if result["rows"]:
            return say.counted(SOME_ROWS, result["rows"])
        case "changed" if before is not None and result.get("values") and _values(before) == result["values"]:
            return say(UNCHANGED)
    return ""


def _ask(wanted: Delivering, result: Mapping[str, Any], before: Job | None, say: Voice) -> str:
    """Why somebody is asked before it goes to a destination, where `before` arrived last; "" where nobody is."""
    rows, last = int(result["rows"]), before.rows if before is not None else None
    if wanted.ask_above_percent is not None and last is not None:
        moved = abs(rows - last) / last * 100 if last else float("inf") if rows else 0.0
        if moved > wanted.ask_above_percent:
            by = f"{(rows - last) / last:+.0%}" if last else ""
            return say.counted(MOVED_BY if by else MOVED, rows, last=f"{last:,}", by=by)
    return say(CHOSEN) if wanted.hold == "ask" else ""


def _values(export: Job) -> str:
    return str((export.result or {}).get("values") or "")


def _seen(session: Session, desk: Desk, job: Job) -> Delivery:
    """As whoever acts may see it: who had it sent, and who sees its destination, everything; others, how it stands."""
    shown, place = _shown(job), session.get(Destination, job.payload["destination"])
    if desk.account_id in ("", job.owner_id, place.owner_id if place else "") or (place is not None and place.shared):
        return shown
    hidden = Undeliverable("It did not arrive.", "Ask whoever had it sent.")
    return replace(
        shown,
        destination_id="",
        name=PRIVATE if place else GONE,
        place="",
        error=hidden if shown.error else None,
        arrivals=[{**file, "where": ""} for file in shown.arrivals],
    )


def _shown(job: Job) -> Delivery:
    state, at = _state(job)
    return Delivery(
        id=job.id,
        export_id=job.payload.get("export", ""),
        destination_id=job.payload["destination"],
        name=job.name,
        method=job.payload.get("method", ""),
        place=str((job.result or {}).get("place") or job.payload.get("place", "")),
        state=state,
        at=at,
        why=job.payload.get("why", "") if state in ("held", "waiting", "not_sent") else "",
        error=from_dict(job.error) if job.error else None,
        tries=job.attempt,
        arrivals=(job.result or {}).get("arrivals", ()),
        fraction=_fraction(job) if state == "sending" else None,
    )


def _state(job: Job) -> tuple[State, datetime | None]:
    due = datetime.fromtimestamp(job.run_after, UTC) if job.run_after else None
    match job.state:
        case JobState.QUEUED if job.queue == rows.HELD:
            return "held", job.created_at
        case JobState.QUEUED if due is not None and due > utc_now() + timedelta(seconds=1):
            return ("retrying" if job.attempt else "waiting"), due
        case JobState.QUEUED:
            return "queued", job.created_at
        case JobState.RUNNING:
            return "sending", job.started_at
        case JobState.SUCCEEDED:
            return "sent", job.finished_at
        case JobState.FAILED:
            return "failed", job.finished_at
    return ("not_sent" if job.payload.get("why") and not job.cancel_requested else "stopped"), job.finished_at


def _fraction(job: Job) -> float | None:
    done, total = (job.progress or {}).get("rows"), (job.progress or {}).get("total")
    return min(done / total, 1.0) if done is not None and total else None
