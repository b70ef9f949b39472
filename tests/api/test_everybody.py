"""Every page and every endpoint of a desk for a team: as nobody, with a wrong token, as a stranger, and as each role.

The routes are those of the app itself, so that a new one cannot be forgotten: it fails here until it has its line.
"""

import itertools
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount

from api import errors, routes
from api.auth import SCOPE
from core import choices, datasets, deliveries, destinations, sharing, workspaces
from core.access import members, sign_in, tokens
from core.desk import open_desk
from core.engine.spec import ExportSpec, Group, Source
from core.scheduling import schedules
from core.scheduling.cadence import Daily
from core.scheduling.schedules import Plan
from core.settings import Settings
from core.templating import saved_sets, templates
from storage.tables import Role, SetKind
from tests import people
from tests.api.conftest import Server, start, stop
from tests.navigation import PAGES

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
    f"POST {V1}/check": (403, 200, 200, 200),  # a file cannot be added
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
IDS = ("schedule_id", "dataset", "job_id", "template_id", "set_id", "destination_id", "delivery_id")


def every_route():
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


@pytest.fixture(scope="module")
def team(tmp_path_factory):
    """A desk for a team, as `make serve` starts it, and Ana who set it up; its `http` brings nothing by itself."""
    data_dir = tmp_path_factory.mktemp("team") / "data"
    ana = people.set_up(open_desk(Settings(data_dir=data_dir, sign_in="required")))
    choices.choose(ana, choices.Outside, allowed_folders=(NOWHERE,))
    process, url = start(data_dir, DESK_SIGN_IN="required", DESK_HOST="127.0.0.1")
    _, secret = tokens.create(ana, "tests", ["*"])
    http = httpx.Client(base_url=url, timeout=60)
    yield Server(url, process, data_dir, ana, secret, http=http)
    http.close()
    assert stop(process) == 0


@pytest.fixture(scope="module")
def citra(team):
    """The editor whose things all the others ask for."""
    return people.somebody(team.desk, "citra@example.org", Role.EDITOR)


@pytest.fixture(scope="module")
def things(team, citra):
    """`things(shared=True)`: ids of a dataset, a template and a finished export of Citra's, by the parameters of the paths."""
    _, secret = tokens.create(citra, "things", ["*"])
    numbers = itertools.count(1)
    with httpx.Client(base_url=team.url, headers=bearer(secret), timeout=60) as http:
        theirs = Server(team.url, team.process, team.data_dir, citra, secret, http=http)

        def made(shared):
            dataset = theirs.dataset(f"Things {next(numbers)}", CSV)["id"]
            spec = ExportSpec(sources=(Source(dataset=dataset),))
            template = templates.save(citra, f"Template of {dataset}", "", spec).id
            templates.update(citra, template, description="Its second version")
            saved = saved_sets.save(citra, SetKind.FILTERS, "Ayu", Group.model_validate({"items": [IS_AYU]})).id
            folder = destinations.make(citra, "Away", "folder", {"root": NOWHERE}, {}).id
            destinations.test(citra, folder)
            held = {"destinations": [folder], "hold": "ask"}
            job = theirs.export({"sources": [{"dataset": dataset}], "output": {"format": "csv"}, "delivering": held})[
                "id"
            ]
            delivery = deliveries.list(citra, job)[0].id
            if shared:
                for kind, thing in (("dataset", dataset), ("template", template), ("export", job), ("set", saved)):
                    sharing.share(citra, kind, thing)
                sharing.share(citra, "destination", folder)
            made = {"dataset": dataset, "template_id": template, "job_id": job, "set_id": saved}
            schedule = schedules.make(citra, template, Plan(cadence=Daily())).id
            if shared:
                sharing.share(citra, "schedule", schedule)
            return made | {"destination_id": folder, "delivery_id": delivery, "schedule_id": schedule}

        yield made


@pytest.fixture(scope="module")
def shared(things):
    """For those who only look, or are refused."""
    return things(shared=True)


@pytest.fixture(scope="module")
def private(things):
    return things(shared=False)


@pytest.fixture(scope="module")
def cookies(team):
    """What a browser of each role holds once they have signed in."""
    return {role: people.cookie(team.desk, address(team, role)) for role in ROLES}


def signed_in(held):
    """As a browser says it. (A client's jar would bring it to every later request.)"""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in held.items())}


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def ask(team, method, path, ids, **more):
    """What would succeed for Citra herself."""
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
    return team.http.request(method, url, **_body(method, path, bodies), **more)


def _body(method, path, bodies):
    """PATCH changes the name alone."""
    return (
        bodies.get(path, {}) if method in ("POST", "PUT") else {"json": {"name": "Other"}} if method == "PATCH" else {}
    )


def test_every_endpoint_has_its_line_and_every_line_its_endpoint():
    known = {f"{method} {path}" for method, path, _ in ROUTES}
    assert known == {*BY_ROLE, *OPEN, *AT_THE_DOOR}
    assert {f"{method} {path}" for method, path, _ in WITH_TOKEN} == set(BY_ROLE)


@pytest.mark.parametrize(
    "headers",
    [{}, bearer("exd_" + "A" * 43), {"X-API-Key": "exd_wrong"}, {"X-Upload-Ticket": "wrong"}],
    ids=["nothing", "a wrong token", "a wrong key", "a wrong ticket"],
)
def test_nobody_gets_anything_but_what_is_open_to_all(team, headers):
    for method, path, _ in WITH_TOKEN:
        answer = ask(team, method, path, dict.fromkeys(IDS, "none"), headers=headers)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    for line, status in OPEN.items():
        method, path = line.split()
        more = {"json": {"name": "a.csv", "size": 1}} if method == "POST" else {}
        more |= {"params": {"offset": 0}} if method == "PUT" else {}
        answer = ask(team, method, path, {}, headers=headers, **more)
        assert answer.status_code == status, (line, answer.text)


def test_the_cookie_of_somebody_signed_in_opens_no_endpoint(team, shared, cookies):
    for method, path, _ in WITH_TOKEN:
        assert ask(team, method, path, shared, headers=signed_in(cookies[Role.OWNER])).status_code == 401, (
            method,
            path,
        )


def test_nobody_does_anything_at_the_door_from_another_website(team):
    for method, path in DOOR:
        answer = ask(team, method, path, {}, headers={"Origin": "https://evil.example"}, data={"name": "x"})
        assert answer.status_code in ((403, 401) if method == "POST" else (200, 303, 404)), (method, path, answer.text)
        assert "set-cookie" not in answer.headers or "Max-Age=0" in answer.headers["set-cookie"], (method, path)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says(team, things, role):
    secret = token_of(team, role)
    place = ROLES.index(role)
    ids = things(shared=True)  # of its own: some roles delete them
    for line, statuses in sorted(BY_ROLE.items(), key=lambda pair: pair[0].startswith("DELETE")):
        method, path = line.split()
        answer = ask(team, method, path, ids, headers=bearer(secret))
        assert answer.status_code == statuses[place], (line, answer.text)
        if answer.status_code == 403:
            message = answer.json()["error"]["message"]
            assert "of others" in message or re.search(rf"\ban? {role}\b", message)


@pytest.mark.parametrize("role", ROLES)
def test_what_is_not_shared_does_not_exist_for_any_other_role(team, private, role):
    ids, secret = private, token_of(team, role)
    for method, path, _ in WITH_TOKEN:
        if "{" in path:
            answer = ask(team, method, path, ids, headers=bearer(secret))
            assert answer.status_code == 404, (method, path, answer.text)
    for path in (f"{V1}/datasets", f"{V1}/jobs", f"{V1}/templates", f"{V1}/schedules"):
        listed = team.http.get(path, headers=bearer(secret), params={"size": 100}).json()
        assert not {thing["id"] for found in listed.values() if isinstance(found, list) for thing in found} & {
            *ids.values()
        }
    if role != Role.VIEWER:
        assert ask(team, "POST", f"{V1}/jobs", ids, headers=bearer(secret)).status_code == 404
        assert ask(team, "POST", f"{V1}/templates", ids, headers=bearer(secret)).status_code == 404
    assert datasets.get(people.somebody(team.desk, "citra@example.org"), ids["dataset"]).deleted_at is None


def test_a_stranger_from_another_workspace_finds_none_of_the_ids(team, shared):
    ids = shared
    _, secret = tokens.create(elsewhere(team), "stranger", ["*"])
    for method, path, _ in WITH_TOKEN:
        if "{" in path:
            answer = ask(team, method, path, ids, headers=bearer(secret))
            assert answer.status_code == 404, (method, path, answer.text)
    for path, body in (
        ("jobs", {"sources": [{"dataset": ids["dataset"]}]}),
        ("jobs", {"template": ids["template_id"]}),
        ("templates", {"name": "x", "spec": {"sources": [{"dataset": ids["dataset"]}]}}),
    ):
        answer = team.http.post(f"{V1}/{path}", json=body, headers=bearer(secret))
        assert answer.status_code == 404, answer.text
    for path in ("datasets", "jobs", "templates"):
        found = team.http.get(f"{V1}/{path}", headers=bearer(secret)).json()
        assert all(not value for value in found.values() if isinstance(value, list))


def test_a_token_with_every_scope_but_the_one_is_refused_and_told_which(team, things):
    ids = things(shared=True)
    lacking = {
        scope: tokens.create(team.desk, f"no {scope}", set(tokens.SCOPES) - {scope})[1] for scope in tokens.SCOPES
    }
    only = {scope: tokens.create(team.desk, f"only {scope}", [scope])[1] for scope in tokens.SCOPES}
    for method, path, scope in sorted(WITH_TOKEN, key=lambda route: route[0] == "DELETE"):
        refused = ask(team, method, path, ids, headers=bearer(lacking[scope]))
        assert refused.status_code == 403, (method, path)
        if method != "HEAD":
            assert refused.json()["error"]["field"] == scope
        expected = BY_ROLE[f"{method} {path}"][ROLES.index(Role.OWNER)]
        assert ask(team, method, path, ids, headers=bearer(only[scope])).status_code == expected, (method, path)


def test_a_token_past_its_limit_gets_429_with_the_time_it_lasts(team, error):
    _, secret = tokens.create(team.desk, "hasty", ["*"], per_day=2)
    first, _, third = (team.http.get(f"{V1}/jobs", headers=bearer(secret)) for _ in range(3))
    assert first.headers["ratelimit-policy"] == '"requests a day";q=2;w=86400'
    assert first.headers["ratelimit"].startswith('"requests a day";r=1;t=')
    refused = error(third, 429)
    assert (refused["code"], refused["final"], refused["details"]["limit"]) == ("TooMany", False, "2 requests a day")
    assert int(third.headers["retry-after"]) == refused["details"]["retry_after"] <= 86_400
    assert "ratelimit" not in team.http.get(f"{V1}/jobs", headers=bearer(team.token)).headers


@pytest.mark.parametrize("page", [page.address for page in PAGES])
def test_a_page_asks_nobody_in_and_shows_itself_to_everybody_of_the_workspace(team, cookies, page):
    for wrong in ({}, {sign_in.COOKIE: "wrong"}):
        for asked in (page, f"{page}?dataset=a%26b&job=1"):
            answer = team.http.get(asked, headers=signed_in(wrong))
            led = urlsplit(answer.headers["location"])
            assert (answer.status_code, led.path) == (303, "/sign-in")
            assert parse_qs(led.query).get("next", ["/"]) == [asked]
        assert team.http.post(page, headers=signed_in(wrong)).status_code == 401
    for role in ROLES:
        answer = team.http.get(page, headers=signed_in(cookies[role]))
        assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")


def address(team, role):
    """The e-mail of somebody with that role."""
    if role == Role.OWNER:
        return people.OWNER
    email = f"{role}@example.org"
    people.somebody(team.desk, email, role)
    return email


def token_of(team, role):
    """A token for everything of somebody with that role. A viewer has one from a time when they were more."""
    if role != Role.VIEWER:
        return tokens.create(people.somebody(team.desk, address(team, role)), "walked", ["*"])[1]
    viewer = people.somebody(team.desk, address(team, role))
    members.change_role(team.desk, viewer.account_id, Role.EDITOR)
    _, secret = tokens.create(people.somebody(team.desk, address(team, role)), "walked", ["*"])
    members.change_role(team.desk, viewer.account_id, Role.VIEWER)
    return secret


def elsewhere(team):
    """The owner of another workspace of the same installation."""
    place = workspaces.make(team.desk, "Elsewhere")
    return team.desk.acting_as(place.id, team.desk.account_id)
