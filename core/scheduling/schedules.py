"""Schedules: templates that run by themselves. What is due begins in core.scheduling.clock; here is what people do with one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlmodel import Session

from core import audit, destinations, naming, storable
from core.access import roles
from core.desk import Desk, check_zone
from core.engine.spec import Delivering, ExportSpec
from core.errors import BadInput, Conflict, NotFound
from core.scheduling import cadence, clock, occurrences
from core.scheduling.cadence import CADENCE, Cadence
from core.templating import templates
from core.work.poke import poke
from storage import accounts, bin
from storage import datasets as dataset_rows
from storage import destinations as destination_rows
from storage import members as member_rows
from storage import schedules as rows
from storage import templates as template_rows
from storage.scope import EVERYTHING, Scope, Within
from storage.tables import Dataset, Destination, Occurrence, OccurrenceState, Role, Schedule, Template, utc_now

__all__ = ["Occurrence", "OccurrenceState", "Plan", "Schedule"]

OWNED_AS = {Template: "templates", Dataset: "datasets", Destination: "destinations"}  # in the audit log
WEEK_OF_MINUTES = 7 * 24 * 60


class Plan(BaseModel):
    """What people choose of a schedule, checked; `cadence` is one of core.scheduling.cadence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""  # absent: the template's
    cadence: Cadence
    zone: str = ""  # IANA name; absent: the workspace's
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    grace_minutes: int = Field(default=60, ge=1, le=WEEK_OF_MINUTES)  # a run later than that is missed
    overlap: Literal["skip", "queue"] = "skip"  # while the run before it still goes on
    pause_after: int = Field(default=5, ge=0, le=100)  # failures in a row; 0: never
    refresh: Literal["no", "warn", "refuse"] = "no"  # fetch the data first, and what happens when that fails
    delivering: Delivering | None = None  # absent: as the template says
    keep_days: Annotated[int, Field(ge=1, le=36_500)] | None = None  # absent: as the template says

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Plan:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("it ends before it starts")
        return self


@dataclass(frozen=True)
class Listed:
    """A schedule as lists show it."""

    schedule: Schedule
    template: str  # its name; "" where whoever asks does not see it, or it is deleted
    sentence: str  # "Every Monday at 08:00 (Asia/Jakarta)"
    last: Occurrence | None


def make(desk: Desk, template_id: str, plan: Plan) -> Schedule:
    """A schedule of one's own, in the template's project. Raises Forbidden, NotFound, BadInput, BadSpec for an unknown zone."""
    roles.require(desk, "schedules.change")
    template = templates.get(desk, template_id)
    parts = _parts(desk, plan, template.name)
    destinations.check(desk, _delivering(plan, template))
    now = utc_now()
    with desk.store.writing() as session:
        made = rows.add(session, desk.workspace_id, desk.account_id, template.id, done_until=now, **parts)
        made.project_id, made.columns = template.project_id, _columns(session, template)
        made.next_at = clock.next_at(made, now)
        _must_run(made)
        audit.note(desk, session, "schedules.made", made)
    return made


def list(desk: Desk, search: str = "", *, within: Within = EVERYTHING) -> Sequence[Listed]:
    """By when they run next; those that rest at the end. Raises Forbidden."""
    roles.require(desk, "schedules.see")
    with desk.store.reading() as session:
        return _listed(session, desk, rows.list(session, desk.scope, search, within=within))


def some(desk: Desk) -> bool:
    """Is there one that whoever acts sees? Raises Forbidden."""
    roles.require(desk, "schedules.see")
    with desk.store.reading() as session:
        return rows.some(session, desk.scope)


def get(desk: Desk, schedule_id: str) -> Schedule:
    """Raises NotFound, also for another workspace's or a deleted one."""
    roles.require(desk, "schedules.see")
    with desk.store.reading() as session:
        return _there(rows.get(session, desk.scope, schedule_id))


def look(desk: Desk, schedule_id: str) -> Listed:
    """One as lists show it. Raises NotFound."""
    found = get(desk, schedule_id)
    with desk.store.reading() as session:
        return _listed(session, desk, [found])[0]


def plan(schedule: Schedule) -> Plan:
    """What was chosen of it."""
    kept = {name: getattr(schedule, name) for name in Plan.model_fields}
    return Plan.model_validate(kept | {"delivering": schedule.delivering or None})


def sentence(schedule: Schedule) -> str:
    """ "Every Monday at 08:00 (Asia/Jakarta)" """
    return cadence.sentence(CADENCE.validate_python(schedule.cadence), schedule.zone)


def update(desk: Desk, schedule_id: str, *, template_id: str | None = None, **changes: Any) -> Schedule:
    """Change what is given of a Plan, keep the rest. Another cadence counts from now on: no slot of before is made up for.

    Raises NotFound, Forbidden, BadInput, BadSpec.
    """
    found = get(desk, schedule_id)
    roles.require(desk, "schedules.change", found)
    template = templates.get(desk, template_id) if template_id else None
    before = plan(found)
    wanted = checked(before.model_dump() | changes)
    if wanted.delivering != before.delivering or (template is not None and template.id != found.template_id):
        # in the owner's name nobody sends what they like, nor anything to a destination they do not see themselves
        destinations.check(desk, _delivering(wanted, template or templates.get(desk, found.template_id)))
    parts = _parts(desk, wanted, found.name)
    with desk.store.writing() as session:
        held = _held(session, desk, schedule_id)
        if held.shared and template is not None and not template.shared:
            raise Conflict(f"“{held.name}” is shared, and “{template.name}” is not.", "Share the template first.")
        for name, value in parts.items():
            setattr(held, name, value)
        if template is not None and template.id != held.template_id:
            held.template_id, held.columns = template.id, _columns(session, template)
        now = held.updated_at = utc_now()
        if any(getattr(found, name) != parts[name] for name in ("cadence", "zone", "starts_at", "ends_at")):
            held.done_until = now
            if held.paused_at is None:
                held.next_at = clock.next_at(held, now)
                _must_run(held)
        session.add(held)
        audit.note(desk, session, "schedules.changed", held)
    return held


def delete(desk: Desk, schedule_id: str) -> None:
    """Into the bin: nothing of it runs any more; what goes on ends. Raises NotFound, Forbidden."""
    roles.require(desk, "schedules.delete", get(desk, schedule_id))
    with desk.store.writing() as session:
        held = _held(session, desk, schedule_id)
        audit.note(desk, session, "schedules.deleted", held)
        bin.put(session, held)


def restore(desk: Desk, schedule_id: str) -> Schedule:
    """Back from the bin, paused or going on as it was; slots of the time between are not made up for. Raises NotFound."""
    with desk.store.reading() as session:
        roles.require(desk, "schedules.delete", _there(bin.get(session, desk.scope, Schedule, schedule_id)))
    with desk.store.writing() as session:
        found = _there(bin.get(session, desk.scope, Schedule, schedule_id))
        found.done_until = now = utc_now()
        found.next_at = None if found.paused_at else clock.next_at(found, now)
        audit.note(desk, session, "schedules.restored", found)
        bin.take_out(session, found)
    return found


def pause(desk: Desk, schedule_id: str) -> Schedule:
    """Nothing of it runs until `resume`; what goes on ends. Raises NotFound, Forbidden."""
    roles.require(desk, "schedules.run", get(desk, schedule_id))
    with desk.store.writing() as session:
        held = _held(session, desk, schedule_id)
        if held.paused_at is None:
            rows.pause(session, held)
            audit.note(desk, session, "schedules.paused", held)
    return held


def resume(desk: Desk, schedule_id: str) -> Schedule:
    """Go on from now; slots of the time between are not made up for.

    Raises NotFound, Forbidden, Conflict where its owner is gone.
    """
    roles.require(desk, "schedules.run", get(desk, schedule_id))
    with desk.store.writing() as session:
        held = _held(session, desk, schedule_id)
        if rows.without_owner(session, only=held.id):
            raise Conflict("Whoever owns this schedule can run nothing here.", "An administrator takes it over first.")
        if held.paused_at is not None:
            _go_on(session, held)
            audit.note(desk, session, "schedules.resumed", held)
    return held


def run_now(desk: Desk, schedule_id: str) -> Occurrence:
    """Run it as of now, in its owner's name, also while it is paused; its cadence stays where it is.

    Raises NotFound, Forbidden, BadSpec and whatever else keeps it from running; Conflict while a run of it goes on.
    """
    found = get(desk, schedule_id)
    roles.require(desk, "schedules.run", found)
    now = utc_now()
    ready = occurrences.ready(desk, found, now)
    if ready.problem is not None and found.refresh == "no":
        raise ready.problem
    with desk.store.writing() as session:
        held = _held(session, desk, schedule_id)
        if rows.count(session, held.id, rows.UNFINISHED):
            raise Conflict("A run of this schedule is on its way already.", "Wait until it has ended, or cancel it.")
        made = rows.note(session, held, None, now, OccurrenceState.STARTED, asked_by=desk.account_id or None)
        occurrences.set_off(session, ready, held, made)
        audit.note(desk, session, "schedules.ran", held)
    poke(desk)
    return made


def history(desk: Desk, schedule_id: str, *, page: int = 1, size: int = 25) -> tuple[Sequence[Occurrence], int]:
    """One page (from 1) of its runs, newest first, and how many there are. Raises NotFound."""
    found = get(desk, schedule_id)
    with desk.store.reading() as session:
        return rows.history(session, found.id, page, size)


def without_owner(desk: Desk) -> Sequence[tuple[Schedule, str]]:
    """(schedule, its owner's name) of those in the workspace whose owner can run nothing any more, private ones too: for those
    who may take them over. Nothing for anybody else."""
    if not roles.may(desk, "members.hand_over"):
        return []
    with desk.store.reading() as session:
        found = rows.without_owner(session, desk.workspace_id)
        owners = {one.owner_id: accounts.account(session, one.owner_id) for one in found}
    return [(one, owner.name if (owner := owners[one.owner_id]) else "") for one in found]


def take_over(desk: Desk, schedule_id: str) -> Schedule:
    """A schedule whose owner can run nothing any more is one's own from now on, and goes on; so are its template, its data and
    the destinations it delivers to, where that owner kept them to themselves: without them it would not go on.

    Raises NotFound for any other schedule, Forbidden; what an owner of the workspace had, owners take over.
    """
    roles.require(desk, "members.hand_over")
    with desk.store.reading() as session:
        found = _orphan(session, desk, schedule_id)
        member = member_rows.get(session, desk.workspace_id, found.owner_id)
    if member is not None and member.role == Role.OWNER:
        roles.require(desk, "members.owners")
    with desk.store.writing() as session:
        roles.still(desk, session)
        held = rows.hold(session, _orphan(session, desk, schedule_id).id)
        assert held is not None
        theirs = [thing for thing in _kept_private(session, held) if thing.owner_id == held.owner_id]
        for thing in (held, *theirs):
            thing.owner_id = desk.account_id
            session.add(thing)
        _go_on(session, held)
        moved: Mapping[str, Any] = Counter(
            OWNED_AS[type(thing)] for thing in theirs
        )  # their names are for their owner alone
        audit.note(desk, session, "schedules.taken_over", held, **moved)
    return held


def checked(chosen: dict[str, Any]) -> Plan:
    """Raises BadInput naming the first field that is wrong."""
    try:
        return Plan.model_validate(chosen)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        said = str(first["msg"]).removeprefix("Value error, ")
        said = f"{said[:1].lower()}{said[1:]}"
        raise BadInput(f"This schedule cannot be: {said}.", "Choose another value.", field=field) from wrong


def _parts(desk: Desk, plan: Plan, name: str) -> dict[str, Any]:
    """The columns of a row that a plan decides. Raises BadInput for a zone that is not one."""
    zone = plan.zone or desk.workspace().zone
    check_zone(zone)
    storable.check(plan.model_dump(mode="json"))
    parts = {key: getattr(plan, key) for key in Plan.model_fields}
    delivering = plan.delivering.model_dump(mode="json") if plan.delivering else {}
    return parts | {
        "name": naming.checked(plan.name or name, "A schedule's name", templates.MAX_NAME),
        "zone": zone,
        "cadence": plan.cadence.model_dump(mode="json"),
        "delivering": delivering,
    }


def _columns(session: Session, template: Template) -> dict[str, Any]:
    """Of the data it names, as it is now: what later runs are compared with."""
    return dataset_rows.columns_of(session, [one.version_id or "" for one in _named(session, template)])


def _delivering(plan: Plan, template: Template) -> Delivering:
    return plan.delivering or ExportSpec.model_validate(template.spec).delivering


def _must_run(schedule: Schedule) -> None:
    if schedule.next_at is None:
        raise BadInput(
            "This schedule would never run: it ends before its first run.", "Choose a later end.", field="ends_at"
        )


def _go_on(session: Session, schedule: Schedule) -> None:
    """From now on, as if nothing had failed."""
    schedule.done_until = now = utc_now()
    schedule.paused_at, schedule.paused_why, schedule.failures = None, "", 0
    schedule.next_at = clock.next_at(schedule, now)
    session.add(schedule)


def _listed(session: Session, desk: Desk, found: Sequence[Schedule]) -> Sequence[Listed]:
    last = rows.latest(session, [one.id for one in found])
    names = template_rows.names(session, desk.scope, {one.template_id for one in found})
    return [Listed(one, names.get(one.template_id, ""), sentence(one), last.get(one.id)) for one in found]


def _orphan(session: Session, desk: Desk, schedule_id: str) -> Schedule:
    found = rows.without_owner(session, desk.workspace_id, schedule_id)
    return _there(found[0] if found else None)


def _kept_private(session: Session, schedule: Schedule) -> Sequence[Template | Dataset | Destination]:
    """The template it runs, the data that names and where its files go, as far as they are not shared."""
    scope = Scope(schedule.workspace_id)
    template = template_rows.get(session, scope, schedule.template_id)
    if template is None:
        return []
    said = [Delivering.model_validate(one or {}) for one in (schedule.delivering, template.spec.get("delivering"))]
    places = [destination_rows.get(session, scope, one) for each in said for one in each.destinations]
    things = (template, *_named(session, template), *places)
    return [thing for thing in things if thing is not None and not thing.shared]


def _named(session: Session, template: Template) -> Sequence[Dataset]:
    """The data its spec names, whosever it is, as far as it is there."""
    scope = Scope(template.workspace_id)
    named = [dataset_rows.get(session, scope, str(source["dataset"])) for source in template.spec.get("sources", ())]
    return [one for one in named if one is not None]


def _held(session: Session, desk: Desk, schedule_id: str) -> Schedule:
    """The schedule, if whoever acts sees it, held until the transaction ends."""
    _there(rows.get(session, desk.scope, schedule_id))
    return _there(rows.hold(session, schedule_id))


def _there(schedule: Schedule | None) -> Schedule:
    if schedule is None:
        raise NotFound("This schedule is not there.", "It may have been deleted: look under Schedules.")
    return schedule
