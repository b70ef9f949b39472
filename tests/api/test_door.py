"""Coming in over real HTTP: who is let in and led where, what their browser is given, links, the first visit, going."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from core import workspaces
from core.access import invitations, recovery, setup, sign_in
from core.desk import open_desk
from core.settings import Settings
from storage.tables import Role
from tests import people
from tests.api.conftest import enter, is_signed_in, start, stop
from tests.people import OWNER, PASSWORD


def asked_next(page: str) -> str:
    """Where the sign-in page will lead."""
    return unescape(re.search(r'name="next" value="([^"]*)"', page)[1])


# Who is let in, and how far


@pytest.mark.parametrize(
    "path", ["/", "/data", "/data?dataset=a%26b&x=1", "/my-exports", "/workspace", "/index.html", "/anything/else"]
)
def test_a_stranger_who_opens_a_screen_is_asked_to_sign_in_and_then_led_there(visitor, path):
    asked = visitor.get(path)
    assert asked.status_code == 303
    led = visitor.get(asked.headers["location"])
    assert 'action="/sign-in"' in led.text
    entered = enter(visitor, next=asked_next(led.text))
    assert (entered.status_code, entered.headers["location"]) == (303, path)
    assert visitor.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/media/a.png", "/component/x/y.js", "/_stcore/script-health-check", "/_stcore/upload_file/a"]
)
def test_what_belongs_to_the_screens_is_for_the_signed_in_alone(visitor, path):
    assert visitor.get(path).status_code == 401


@pytest.mark.parametrize(
    "path", ["/health", "/_stcore/health", "/app/static/logo.svg", "/door/door.css", "/sign-in", "/forgot"]
)
def test_what_is_the_same_for_everybody_is_open(visitor, path):
    assert visitor.get(path).status_code == 200


def test_the_api_asks_for_a_token_and_never_for_the_cookie(visitor, budi):
    for client in (visitor, budi):
        assert client.get("/api/v1/jobs").status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "a" * 43])
def test_a_made_up_cookie_opens_nothing(visitor, cookie):
    visitor.cookies.set(sign_in.COOKIE, cookie)
    assert not is_signed_in(visitor)


# What the browser is given


def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(visitor):
    given = enter(visitor).headers["set-cookie"]
    parts = {part.strip().lower() for part in given.split(";")}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    assert "secure" not in parts


@pytest.mark.parametrize("path", ["/sign-in", "/forgot", "/join/x", "/new-password/x", "/sign-out"])
def test_no_page_of_the_door_is_kept_or_framed_and_its_forms_stay_here(visitor, path):
    headers = visitor.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "form-action 'self'" in headers["content-security-policy"]
    assert "unsafe-inline" not in re.search(r"script-src[^;]*", headers["content-security-policy"])[0]


# Going


def test_an_ended_sign_in_stops_at_the_next_request(door, budi):
    assert is_signed_in(budi)
    sign_in.end_everywhere(people.somebody(door.ana, "budi@example.org"))
    assert budi.get("/data").status_code == 303
    assert budi.get("/media/abc.png").status_code == 401


def test_signing_out_ends_it_for_the_desk_and_not_for_this_browser_alone(door, budi):
    kept = dict(budi.cookies)
    gone = budi.post("/sign-out")
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
    assert [c.split(";")[0] for c in gone.headers.get_list("set-cookie")] == ['export_desk=""', '__Host-export_desk=""']
    assert all("Max-Age=0" in c for c in gone.headers.get_list("set-cookie"))
    with httpx.Client(base_url=door.url, cookies=kept) as thief:
        assert not is_signed_in(thief)


def test_signing_out_everywhere_ends_every_browser_of_that_person(door, budi):
    with door.browser("budi@example.org") as other, door.browser(OWNER) as ana:
        budi.post("/sign-out-everywhere")
        assert not is_signed_in(other)
        assert is_signed_in(ana)


def test_one_goes_only_to_a_workspace_one_belongs_to(door):
    finance = workspaces.make(door.ana, "Finance")
    with door.browser(OWNER) as ana, door.browser("budi@example.org") as budi:
        moved = ana.post("/workspace", data={"id": finance.id, "next": "/data"})
        assert (moved.status_code, moved.headers["location"]) == (303, "/data")
        assert sign_in.resume(door.ana, ana.cookies[sign_in.COOKIE], people.CALLER)[0].workspace_id == finance.id
        assert budi.post("/workspace", data={"id": finance.id}).status_code == 404


# Links


def test_an_invitation_makes_an_account_once_for_the_address_it_was_sent_to(door, visitor):
    _, path = invitations.invite(door.ana, Role.VIEWER, "cici@example.org")
    assert "Join Team" in visitor.get(path).text
    form = {"name": "Cici", "email": "cici@example.org", "password": PASSWORD}
    wrong = visitor.post(path, data=form | {"email": "eve@example.org"})
    assert wrong.status_code == 400
    assert 'value="Cici"' in wrong.text
    assert PASSWORD not in wrong.text
    assert visitor.post(path, data=form).headers["location"] == "/"
    assert is_signed_in(visitor)
    with door.browser() as second:
        assert second.get(path).status_code == 404
        assert second.post(path, data=form | {"email": "dodo@example.org"}).status_code == 404


def test_whoever_is_signed_in_joins_with_one_press_and_is_there(door, budi):
    place = workspaces.make(door.ana, "Marketing")
    _, path = invitations.invite(door.ana.acting_as(place.id, door.ana.account_id), Role.VIEWER)
    assert "You are signed in as <strong>Budi</strong>" in budi.get(path).text
    assert budi.post(path, data={"": ""}).status_code == 303
    acting, _ = sign_in.resume(door.ana, budi.cookies[sign_in.COOKIE], people.CALLER)
    assert (acting.workspace_id, acting.role) == (place.id, "viewer")


def test_a_link_for_a_new_password_is_used_up_by_choosing_one_not_by_looking(door, visitor):
    dewi = people.somebody(door.ana, "dewi@example.org")
    path = recovery.make_link(door.ana, dewi.account_id)
    for _ in range(2):  # a mail scanner looks, too
        assert "For Dewi" in visitor.get(path).text
    assert visitor.post(path, data={"password": "dewi"}).status_code == 400
    assert visitor.post(path, data={"password": "a wholly different sentence"}).status_code == 303
    assert is_signed_in(visitor)
    assert visitor.get(path).status_code == 404


def test_where_nothing_can_be_mailed_the_page_says_whom_to_ask(visitor):
    assert "Ask Ana." in visitor.get("/forgot").text


def test_whether_an_address_is_known_is_told_to_nobody(visitor):
    known, unknown = (visitor.post("/forgot", data={"email": email}) for email in (OWNER, "who@example.org"))
    assert known.text == unknown.text
    assert known.status_code == 200


# The first visit


def test_the_first_visit_needs_the_code_of_the_log_and_makes_the_owner(tmp_path):
    process, url = start(tmp_path / "data", DESK_SIGN_IN="required", DESK_HOST="127.0.0.1")
    try:
        assert process.stdout
        line = process.stdout.readline()
        code = re.fullmatch(rf"Set up: open {url}/set-up and enter the code (\S+)\n", line)[1]
        with httpx.Client(base_url=url, headers={"Origin": url}, follow_redirects=True) as first:
            assert first.get("/data").url.path == "/set-up"
            form = {"name": "Ana", "email": OWNER, "password": PASSWORD, "workspace": "Team"}
            wrong = first.post("/set-up", data=form | {"code": "aaaa-bbbb-cccc"})
            assert wrong.status_code == 401
            assert 'value="Team"' in wrong.text
            assert PASSWORD not in wrong.text
            assert first.post("/set-up", data=form | {"code": code}).status_code == 200
            assert is_signed_in(first)
        with httpx.Client(base_url=url, headers={"Origin": url}) as second:
            late = second.post("/set-up", data=form | {"code": code, "email": "eve@example.org"})
            assert (late.status_code, late.headers["location"]) == (303, "/sign-in")
        assert not setup.needed(open_desk(Settings(data_dir=tmp_path / "data", sign_in="required")))
    finally:
        assert stop(process) == 0
