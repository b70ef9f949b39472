"""Every endpoint there is, what each role gets from it, and things somebody made to ask it for.

The routes are those of the app itself: a new one fails tests/api/test_everybody.py until it has its line here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.routing import Mount

from api import errors, routes
from api.auth import SCOPE
from core import deliveries, destinations, sharing
from core.desk import Desk
from core.engine.spec import ExportSpec, Group, Source
from core.scheduling import schedules
from core.scheduling.cadence import Daily
from core.scheduling.schedules import Plan
from core.settings import Settings
from core.templating import saved_sets, templates
from storage.tables import Role, SetKind
from tests.api.conftest import Server

CSV = b"id,name\n1,Ayu\n2,Budi\n"
IS_AYU = {"column": "name", "operator": "is", "values": ["Ayu"]}
FILE = {
    "format": "export-desk template",
    "version": 1,
    "name": "From elsewhere",
    "spec": {"sources": [{"dataset": "People", "columns": ["name"]}]},
}
FEED = {"method": "web", "options": {"url": "http://127.0.0.1/a.csv"}}  # which is inside, and so not asked
ROLES = (Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER)
V1 = "/api/v1"

# What a token of each role gets, in the order of ROLES, for things that somebody else owns and shares.
BY_ROLE = {
    f"POST {V1}/datasets": (403, 201, 201, 201),
    f"GET {V1}/datasets": (200, 200, 200, 200),
    f"GET {V1}/datasets/{{dataset}}": (200, 200, 200, 200),
    f"POST {V1}/datasets/fetched": (403, 202, 202, 202),
    f"PUT {V1}/datasets/{{dataset}}/feed": (403, 200, 200, 200),
    f"GET {V1}/datasets/{{dataset}}/feed": (404, 200, 200, 200),  # which those have just said who may
    f"POST {V1}/datasets/{{dataset}}/refresh": (403, 202, 202, 202),
    f"DELETE {V1}/datasets/{{dataset}}/feed": (403, 204, 204, 204),
    f"DELETE {V1}/datasets/{{dataset}}": (403, 403, 204, 204),
    f"GET {V1}/jobs/{{job_id}}/deliveries": (200, 200, 200, 200),
    f"POST {V1}/jobs/{{job_id}}/deliveries": (403, 202, 202, 202),
    f"GET {V1}/deliveries/{{delivery_id}}": (200, 200, 200, 200),
    f"POST {V1}/deliveries/{{delivery_id}}/send": (403, 202, 202, 202),
    f"DELETE {V1}/deliveries/{{delivery_id}}": (403, 200, 200, 200),
    f"POST {V1}/destinations": (403, 201, 201, 201),
    f"GET {V1}/destinations": (200, 200, 200, 200),
    f"GET {V1}/destinations/{{destination_id}}": (200, 200, 200, 200),
    f"PATCH {V1}/destinations/{{destination_id}}": (403, 403, 200, 200),
    f"POST {V1}/destinations/{{destination_id}}/test": (403, 403, 202, 202),
    f"GET {V1}/destinations/{{destination_id}}/test": (200, 200, 200, 200),
    f"DELETE {V1}/destinations/{{destination_id}}": (403, 403, 204, 204),
    f"POST {V1}/schedules": (403, 201, 201, 201),
    f"GET {V1}/schedules": (200, 200, 200, 200),
    f"GET {V1}/schedules/coming": (200, 200, 200, 200),
    f"GET {V1}/schedules/{{schedule_id}}": (200, 200, 200, 200),
    f"PATCH {V1}/schedules/{{schedule_id}}": (403, 200, 200, 200),
    f"POST {V1}/schedules/{{schedule_id}}/pause": (403, 200, 200, 200),
    f"POST {V1}/schedules/{{schedule_id}}/resume": (403, 200, 200, 200),
    f"POST {V1}/schedules/{{schedule_id}}/runs": (403, 202, 202, 202),
    f"GET {V1}/schedules/{{schedule_id}}/runs": (200, 200, 200, 200),
    f"GET {V1}/schedules/{{schedule_id}}/dry-run": (200, 200, 200, 200),
    f"DELETE {V1}/schedules/{{schedule_id}}": (403, 403, 204, 204),
    f"POST {V1}/jobs": (403, 202, 202, 202),
    f"GET {V1}/jobs": (200, 200, 200, 200),
    f"GET {V1}/jobs/{{job_id}}": (200, 200, 200, 200),
    f"GET {V1}/jobs/{{job_id}}/files/{{n}}": (200, 200, 200, 200),
    f"HEAD {V1}/jobs/{{job_id}}/files/{{n}}": (200, 200, 200, 200),
    f"GET {V1}/jobs/{{job_id}}/receipt": (200, 200, 200, 200),
    f"POST {V1}/jobs/{{job_id}}/convert": (403, 202, 202, 202),
    f"POST {V1}/check": (200, 200, 200, 200),  # whoever received a file is often no more than a viewer
    f"GET {V1}/check/{{job_id}}": (404, 404, 404, 404),  # which is an export's id here
    f"GET {V1}/insights": (200, 200, 200, 200),
    f"GET {V1}/insights/csv": (200, 200, 200, 200),
    f"DELETE {V1}/jobs/{{job_id}}": (403, 403, 204, 204),
    f"GET {V1}/notices": (200, 200, 200, 200),  # of one's own
    f"POST {V1}/notices/read": (200, 200, 200, 200),
    f"POST {V1}/jobs/{{job_id}}/keep": (403, 200, 200, 200),
    f"POST {V1}/bulk": (403, 202, 202, 202),
    f"GET {V1}/storage": (403, 403, 200, 200),
    f"GET {V1}/storage/leaving": (403, 403, 200, 200),
    f"POST {V1}/storage/clean": (403, 403, 200, 200),
    f"POST {V1}/backups": (403, 403, 202, 202),
    f"GET {V1}/backups": (403, 403, 200, 200),
    f"POST {V1}/backups/restore": (403, 403, 409, 409),  # into a workspace that is not empty
    f"GET {V1}/backups/{{job_id}}": (404, 404, 404, 404),  # which is an export's id here
    f"GET {V1}/backups/{{job_id}}/file": (404, 404, 404, 404),
    f"POST {V1}/passwords": (403, 201, 201, 201),
    f"POST {V1}/templates": (403, 201, 201, 201),
    f"GET {V1}/templates": (200, 200, 200, 200),
    f"GET {V1}/templates/{{template_id}}": (200, 200, 200, 200),
    f"PATCH {V1}/templates/{{template_id}}": (403, 200, 200, 200),
    f"POST {V1}/templates/import": (403, 201, 201, 201),
    f"POST {V1}/templates/{{template_id}}/duplicate": (403, 201, 201, 201),
    f"GET {V1}/templates/{{template_id}}/versions": (200, 200, 200, 200),
    f"POST {V1}/templates/{{template_id}}/versions/{{number}}/restore": (403, 200, 200, 200),
    f"POST {V1}/templates/{{template_id}}/match": (200, 200, 200, 200),
    f"GET {V1}/templates/{{template_id}}/file": (200, 200, 200, 200),
    f"DELETE {V1}/templates/{{template_id}}": (403, 403, 204, 204),
    f"POST {V1}/sets": (403, 201, 201, 201),
    f"GET {V1}/sets": (200, 200, 200, 200),
    f"GET {V1}/sets/{{set_id}}": (200, 200, 200, 200),
    f"PATCH {V1}/sets/{{set_id}}": (403, 200, 200, 200),
    f"DELETE {V1}/sets/{{set_id}}": (403, 403, 204, 204),
}
# What anybody gets who brings nothing, or something that is wrong.
OPEN = {
    "GET /health": 200,
    f"GET {V1}/health": 200,
    "GET /api/docs": 200,
    "GET /api/openapi.json": 200,
    "GET /api/reference/start.js": 200,
    "POST /api/uploads": 401,
    "GET /api/uploads/{upload_id}": 401,
    "PUT /api/uploads/{upload_id}": 401,
    "DELETE /api/uploads/{upload_id}": 401,
    "GET /api/files/{token}": 401,
    "HEAD /api/files/{token}": 401,
    "POST /api/files/{token}": 400,
    "GET /api/files/backup/{token}": 401,
    "HEAD /api/files/backup/{token}": 401,
    "GET /api/files/activity/{token}": 401,
    "HEAD /api/files/activity/{token}": 401,
}
# The pages before signing in, and what changes who is signed in: tests/api/test_door.py, test_door_attacks.py.
AT_THE_DOOR = {
    "GET /door/door.css",
    "GET /sign-in",
    "POST /sign-in",
    "GET /sign-out",
    "POST /sign-out",
    "GET /sign-out-everywhere",
    "POST /sign-out-everywhere",
    "GET /set-up",
    "POST /set-up",
    "GET /forgot",
    "POST /forgot",
    "GET /new-password/{secret}",
    "POST /new-password/{secret}",
    "GET /join/{secret}",
    "POST /join/{secret}",
    "POST /workspace",
}
NOWHERE = "/nowhere/at/all"  # an allowed folder whose share is not mounted: what goes there is tried again and again
NUMBERS = itertools.count(1)
IDS = ("schedule_id", "dataset", "job_id", "template_id", "set_id", "destination_id", "delivery_id")


def every_route() -> Iterator[tuple[str, str, str | None]]:
    """(method, path, scope or None) of all the app answers, but the screens' own."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    routes.install(app, {"web", "api"}, Settings(sign_in="required"))
    for route in app.routes:
        if isinstance(route, Mount) or getattr(route, "original_router", None) is errors.unknown:
            continue  # files of the reference; and what answers 404 to every address that is not there
        for one in getattr(route, "effective_route_contexts", lambda route=route: [route])():
            for method in sorted(one.methods):
                yield method, one.path, (getattr(one, "openapi_extra", None) or {}).get(SCOPE)


ROUTES = [*every_route()]
WITH_TOKEN = [(method, path, scope) for method, path, scope in ROUTES if path.startswith(V1) and scope]
DOOR = [(method, path) for method, path, scope in ROUTES if f"{method} {path}" in AT_THE_DOOR]


def make_things(theirs: Server, *, shared: bool) -> dict[str, str]:
    """Ids of what whoever `theirs` speaks for now has: a dataset, a template with two versions, a finished export …

    By the parameters of the paths. The export waits to be delivered to a folder that must be allowed (NOWHERE).
    """
    maker: Desk = theirs.desk
    dataset = theirs.dataset(f"Things {next(NUMBERS)}", CSV)["id"]
    template = templates.save(maker, f"Template of {dataset}", "", ExportSpec(sources=(Source(dataset=dataset),))).id
    templates.update(maker, template, description="Its second version")
    saved = saved_sets.save(maker, SetKind.FILTERS, f"Ayu of {dataset}", Group.model_validate({"items": [IS_AYU]})).id
    folder = destinations.make(maker, f"Away of {dataset}", "folder", {"root": NOWHERE}, {}).id
    destinations.test(maker, folder)
    held = {"destinations": [folder], "hold": "ask"}
    job = theirs.export({"sources": [{"dataset": dataset}], "output": {"format": "csv"}, "delivering": held})["id"]
    delivery = deliveries.list(maker, job)[0].id
    kinds = {"dataset": dataset, "template": template, "export": job, "set": saved, "destination": folder}
    if shared:
        for kind, thing in kinds.items():
            sharing.share(maker, kind, thing)
    schedule = schedules.make(maker, template, Plan(cadence=Daily())).id
    if shared:
        sharing.share(maker, "schedule", schedule)
    return {
        "dataset": dataset,
        "template_id": template,
        "job_id": job,
        "set_id": saved,
        "destination_id": folder,
        "delivery_id": delivery,
        "schedule_id": schedule,
    }


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def ask(server: Server, method: str, path: str, ids: dict[str, str], **more: Any) -> httpx.Response:
    """Ask an endpoint for these things, by the parameters of its path, with a body that succeeds for whoever made them."""
    spec = {"sources": [{"dataset": ids.get("dataset", "none")}]}
    bodies = {
        f"{V1}/datasets": {"files": {"file": ("a.csv", CSV)}},
        f"{V1}/jobs": {"json": spec},
        f"{V1}/jobs/{{job_id}}/deliveries": {"json": {"destination": ids.get("destination_id", "none")}},
        f"{V1}/destinations": {
            "json": {"name": "Ana", "method": "email", "options": {"to": ["ana@example.org"]}, "secrets": {}}
        },
        f"{V1}/datasets/fetched": {"json": {"name": "Fetched", **FEED}},
        f"{V1}/datasets/{{dataset}}/feed": {"json": FEED},
        f"{V1}/jobs/{{job_id}}/convert": {"json": {"format": "json"}},
        f"{V1}/check": {"files": {"file": ("a.csv", CSV)}},
        f"{V1}/notices/read": {"json": {}},
        f"{V1}/jobs/{{job_id}}/keep": {"json": {"kept": True}},
        f"{V1}/bulk": {"json": {}},
        f"{V1}/backups/restore": {"files": {"file": ("backup.zip", b"no zip")}},
        f"{V1}/passwords": {"json": {"password": "a long one, please"}},
        f"{V1}/schedules": {"json": {"template": ids.get("template_id", "none"), "cadence": {"every": "day"}}},
        f"{V1}/templates": {"json": {"name": "Walked", "spec": spec}},
        f"{V1}/templates/import": {"json": {"file": FILE, "datasets": [ids.get("dataset", "none")]}},
        f"{V1}/templates/{{template_id}}/match": {"json": {"datasets": [None]}},
        f"{V1}/sets": {"json": {"name": "Walked", "filters": {"items": [IS_AYU]}}},
    }
    url = path.format_map({"n": "0", "upload_id": "none", "token": "none", "secret": "none", "number": "1"} | ids)
    return server.http.request(method, url, **_body(method, path, bodies), **more)


def _body(method: str, path: str, bodies: dict[str, Any]) -> dict[str, Any]:
    """PATCH changes the name alone."""
    return (
        bodies.get(path, {}) if method in ("POST", "PUT") else {"json": {"name": "Other"}} if method == "PATCH" else {}
    )
