"""Every page and every endpoint of a desk for a team: as nobody, with a wrong token, as a stranger, and as each role.

The routes are those of the app itself, so that a new one cannot be forgotten: it fails here until it has its line.
"""

import re
from functools import partial
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core import choices, datasets, workspaces
from core.access import members, sign_in, tokens
from core.desk import open_desk
from core.settings import Settings
from storage.tables import Role
from tests import people
from tests.api.conftest import Server, start, stop
from tests.api.everybody import (
    AT_THE_DOOR,
    BY_ROLE,
    DOOR,
    IDS,
    NOWHERE,
    OPEN,
    ROLES,
    ROUTES,
    V1,
    WITH_TOKEN,
    ask,
    bearer,
    make_things,
)
from tests.navigation import PAGES


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
    """`things(shared=True)`: ids of what Citra has now (tests.api.everybody.make_things)."""
    _, secret = tokens.create(citra, "things", ["*"])
    with httpx.Client(base_url=team.url, headers=bearer(secret), timeout=60) as http:
        yield partial(make_things, Server(team.url, team.process, team.data_dir, citra, secret, http=http))


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
    for method, path, scope in sorted(
        WITH_TOKEN, key=lambda route: (route[0] == "DELETE", -route[1].count("/"), route[1])
    ):
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
