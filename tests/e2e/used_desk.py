"""A desk that has been used: what the audits of “for everyone” look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time

from core import checks, datasets, destinations, exports, links, projects, uploads
from core.access import invitations, tokens
from core.desk import Desk
from core.engine.spec import Delivering, ExportSpec
from core.keeping import bin as recycle
from core.scheduling import schedules
from core.scheduling.cadence import Quarterly
from core.scheduling.schedules import Plan
from core.templating import templates
from storage.tables import Role
from tests import people
from tests.helpers import wait_until

VISITORS = "name,country,born,amount\n" + "".join(
    f"Visitor {n},{('Perú', 'Indonesia', 'Österreich')[n % 3]},19{60 + n % 40}-0{1 + n % 9}-11,{n * 1.5}\n"
    for n in range(60)
)
READY_SECONDS = 60
NEXT_CENTURY = datetime(2101, 1, 1, tzinfo=UTC)  # so that no test sees it run by itself


@dataclass(frozen=True)
class Content:
    """What Ana has on her desk: ids."""

    dataset: str
    template: str
    export: str
    refused: str  # an export that failed
    project: str
    upload: str
    schedule: str  # which ran once; its delivery waits for a yes
    check: str  # of a file that was exported here


def added(desk: Desk, name: str, content: str) -> str:
    upload = uploads.store(desk, f"{name}.csv", content.encode())
    job = datasets.wait(desk, datasets.add(desk, upload.id, name=name).id, 60)
    assert job.state == "succeeded", job.error
    return str((job.result or {})["datasets"][0]["id"])


def ended(desk: Desk, spec: ExportSpec, state: str = "succeeded") -> str:
    job = exports.start(desk, spec)
    while exports.get(desk, job.id).state in ("queued", "running"):
        exports.wait(desk, job.id, 1)
    assert exports.get(desk, job.id).state == state, exports.get(desk, job.id).error
    return job.id


def scheduled(desk: Desk, template: str) -> str:
    """A schedule far away, to a place that waits to be allowed; it was run once by hand."""
    place = destinations.make(desk, "Embassy", "email", {"to": ["embassy@example.org"]}, {})
    far = Quarterly(at=time(7, 30))
    wanted = Delivering(destinations=(place.id,), hold="ask")
    made = schedules.make(desk, template, Plan(cadence=far, starts_at=NEXT_CENTURY, delivering=wanted))
    schedules.run_now(desk, made.id)
    wait_until(lambda: schedules.history(desk, made.id)[0][0].state == "delivering", READY_SECONDS, what="the run")
    return made.id


def checked(desk: Desk, export: str) -> str:
    """A check of the very file of that export."""
    file = exports.file(desk, export, 0)
    upload = uploads.store(desk, "Visitors from afar.xlsx", file.path.read_bytes())
    job = checks.check(desk, upload.id)
    assert checks.wait(desk, job.id, READY_SECONDS)
    return job.id


def furnish(ana: Desk) -> Content:
    """Data, exports, a template, a project, a token, people, a schedule, a link, and something deleted."""
    dataset = added(ana, "Visitors", VISITORS)
    added(ana, "Countries", "name,capital\nPerú,Lima\n")
    only = {"column": "country", "operator": "is_any_of", "values": ["Perú", "Indonesia"]}
    lately = {"column": "born", "operator": "after", "values": ["1965-01-01"]}
    spec = ExportSpec.model_validate(
        {
            "name": "Visitors from afar",
            "sources": [
                {
                    "dataset": dataset,
                    "filters": {"items": [only, {"match": "any", "items": [lately]}]},
                    "sort": [{"column": "born", "descending": True}],
                }
            ],
            "output": {"format": "xlsx"},
        }
    )
    template = templates.save(ana, "Visitors from afar", "For the embassy", spec)
    templates.pin(ana, template.id)
    export, away = ended(ana, spec), ended(ana, spec)
    exports.delete(ana, away)
    refused = ended(ana, spec.model_copy(update={"limits": spec.limits.model_copy(update={"rows": 2})}), "failed")
    project = projects.make(ana, "Embassy")
    projects.put(ana, "dataset", dataset, project.id)
    tokens.create(ana, "Nightly", ["datasets:read"], per_hour=100)
    invitations.invite(ana, Role.VIEWER, "somebody@example.org")
    people.somebody(ana, "budi@example.org")
    assert recycle.list(ana)
    links.make(ana, export, hours=24)
    upload = uploads.store(ana, "More visitors.csv", VISITORS.replace(",", ";").encode())
    return Content(
        dataset, template.id, export, refused, project.id, upload.id, scheduled(ana, template.id), checked(ana, export)
    )
