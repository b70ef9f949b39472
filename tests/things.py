"""What people make, for tests of who may see and do what with it. The people themselves: tests.people."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core import datasets, destinations, exports, sharing, uploads
from core.desk import Caller, Desk
from core.engine.spec import ExportSpec, Group
from core.scheduling import schedules
from core.scheduling.cadence import Daily
from core.scheduling.schedules import Plan
from core.templating import saved_sets, templates
from core.work import inline
from storage import accounts, members
from storage.tables import Role, SetKind

CSV = b"name,country\nAyu,Indonesia\nBen,Peru\n"


def add_person(desk: Desk, name: str, role: Role) -> Desk:
    """Somebody without a password in the desk's workspace: quick, for tests that sign nobody in. The desk as they see it."""
    with desk.store.writing() as session:
        account = accounts.add(session, desk.workspace_id, name, f"{name.lower()}@example.org")
        members.add(session, desk.workspace_id, account.id, role)
    return desk.acting_as(desk.workspace_id, account.id, Caller())


@dataclass(frozen=True)
class Things:
    """What somebody made: ids."""

    dataset: str
    template: str
    export: str  # finished
    destination: str
    schedule: str  # of the template, every day
    saved: str  # filters


def spec(dataset: str, name: str = "All") -> ExportSpec:
    return ExportSpec.model_validate({"name": name, "sources": [{"dataset": dataset}], "output": {"format": "csv"}})


def make_things(desk: Desk, name: str, *, shared: bool = False, csv: bytes = CSV) -> Things:
    """A dataset, a template and a finished export of somebody's own. Runs in this process."""
    maker = replace(desk, role=Role.EDITOR)  # a viewer may own things too: those of before
    upload = uploads.store(maker, f"{name}.csv", csv)
    job = datasets.add(maker, upload.id, name=f"{name} data")
    inline.run_queued(maker)
    dataset = (datasets.job(maker, job.id).result or {})["datasets"][0]["id"]
    template = templates.save(maker, f"{name} template", "", spec(dataset))
    export = exports.start(maker, spec(dataset, f"{name} export"))
    inline.run_queued(maker)
    assert exports.get(maker, export.id).state == "succeeded", exports.get(maker, export.id).error
    place = destinations.make(maker, f"{name} place", "email", {"to": ["office@receiver.example"]}, {})
    if shared:
        sharing.share(maker, "destination", place.id)
        sharing.share(maker, "template", template.id, with_data=True)
        sharing.share(maker, "export", export.id)
    schedule = schedules.make(maker, template.id, Plan(cadence=Daily(), name=f"{name} schedule"))
    first = datasets.table(maker, dataset).columns[0].name
    kept = Group.model_validate({"items": [{"column": first, "operator": "is_not_empty"}]})
    saved = saved_sets.save(maker, SetKind.FILTERS, f"{name} filters", kept)
    if shared:
        sharing.share(maker, "schedule", schedule.id)
        sharing.share(maker, "set", saved.id)
    return Things(dataset, template.id, export.id, place.id, schedule.id, saved.id)
