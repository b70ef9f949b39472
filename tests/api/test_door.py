"""The door over real HTTP: who is let in, what their browser is given, and everything a stranger might try."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from core import invitations, recovery, setup, sign_in, workspaces
from core.desk import Desk, open_desk
from core.settings import Settings
from storage.tables import Role
from tests import people
from tests.api.conftest import start, stop
from tests.people import OWNER, PASSWORD

AGENT = {"User-Agent": "door tests"}
PROXIED = {"X-Forwarded-Proto": "https", "Host": "desk.example.org"}
ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "https://evil.example", "http:evil.example", "evil.example",
    "javascript:alert(1)", "/\t/evil.example", "/\n//evil.example", "\\\\evil.example", " //evil.example", "/x\\..\\y", "",
    "/" + "a" * 3000,
]  # fmt: skip


@dataclass
class Door:
    """A desk that asks for sign-in, and the same desk opened from the test, as its owner sees it."""

    url: str
    ana: Desk
    log: Path

    def browser(self, email: str = "") -> httpx.Client:
        """A browser, signed in where an address is given; it says where its forms come from, as browsers do."""
        made = httpx.Client(base_url=self.url, headers=AGENT | {"Origin": self.url}, timeout=20)
        if email:
            made.cookies.update(people.cookie(self.ana, email))
        return made


def required(data_dir: Path, **settings: str) -> Settings:
    return Settings(data_dir=data_dir, sign_in="required", **settings)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    process, url = start(
        folder / "data",
        DESK_SIGN_IN="required",
        DESK_HOST="127.0.0.1",
        DESK_HOSTS="desk.example.org",
        DESK_TRUSTED_PROXIES="127.0.0.0/8",
    )
    ana = people.set_up(open_desk(required(folder / "data")))
    people.somebody(ana, "budi@example.org")
    yield Door(url, ana, folder / "server.log")
    assert stop(process) == 0


@pytest.fixture
def stranger(door: Door) -> Iterator[httpx.Client]:
    with door.browser() as client:
        yield client


@pytest.fixture
def budi(door: Door) -> Iterator[httpx.Client]:
    with door.browser("budi@example.org") as client:
        yield client


def enter(client: httpx.Client, email: str = OWNER, password: str = PASSWORD, **more: str) -> httpx.Response:
    return client.post("/sign-in", data={"email": email, "password": password} | more)


def is_signed_in(client: httpx.Client) -> bool:
    return client.get("/data").status_code == 200


# Who is let in, and how far


@pytest.mark.parametrize(
    "path", ["/", "/data", "/data?dataset=a%26b&x=1", "/my-exports", "/workspace", "/index.html", "/anything/else"]
)
def test_a_stranger_who_opens_a_screen_is_asked_to_sign_in_and_then_led_there(stranger, path):
    asked = stranger.get(path)
    assert asked.status_code == 303
    led = stranger.get(asked.headers["location"])
    assert 'action="/sign-in"' in led.text
    entered = enter(stranger, next=_next(led.text))
    assert (entered.status_code, entered.headers["location"]) == (303, path)
    assert stranger.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/media/a.png", "/component/x/y.js", "/_stcore/script-health-check", "/_stcore/upload_file/a"]
)
def test_what_belongs_to_the_screens_is_for_the_signed_in_alone(stranger, path):
    assert stranger.get(path).status_code == 401


@pytest.mark.parametrize(
    "path", ["/health", "/_stcore/health", "/app/static/logo.svg", "/door/door.css", "/sign-in", "/forgot"]
)
def test_what_is_the_same_for_everybody_is_open(stranger, path):
    assert stranger.get(path).status_code == 200


def test_the_api_asks_for_a_token_and_never_for_the_cookie(stranger, budi):
    for client in (stranger, budi):
        assert client.get("/api/v1/jobs").status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "a" * 43])
def test_a_made_up_cookie_opens_nothing(stranger, cookie):
    stranger.cookies.set(sign_in.COOKIE, cookie)
    assert not is_signed_in(stranger)


# What the browser is given


def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(stranger):
    given = enter(stranger).headers["set-cookie"]
    parts = {part.strip().lower() for part in given.split(";")}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    assert "secure" not in parts


def test_over_https_the_cookie_is_secure_and_no_neighbour_can_set_it(stranger):
    given = stranger.post(
        "/sign-in",
        data={"email": OWNER, "password": PASSWORD},
        headers=PROXIED | {"Origin": "https://desk.example.org"},
    )
    assert given.status_code == 303
    name, _, rest = given.headers["set-cookie"].partition("=")
    assert name == "__Host-export_desk"
    assert {"secure", "path=/", "httponly"} <= {part.strip().lower() for part in rest.split(";")}


def test_over_https_a_plain_cookie_planted_by_a_neighbour_counts_for_nothing(door, stranger):
    planted = people.cookie(door.ana, OWNER)[sign_in.COOKIE]
    asked = stranger.get("/data", headers=PROXIED | {"Cookie": f"{sign_in.COOKIE}={planted}"})
    assert asked.status_code == 303
    held = stranger.get("/data", headers=PROXIED | {"Cookie": f"{sign_in.SECURE_COOKIE}={planted}"})
    assert held.status_code == 200


def test_no_sign_in_can_be_fixed_beforehand(stranger):
    stranger.cookies.set(sign_in.COOKIE, "known-to-somebody-else")
    given = enter(stranger).headers["set-cookie"]
    assert "known-to-somebody-else" not in given
    again = enter(stranger).headers["set-cookie"]
    assert given.split(";")[0] != again.split(";")[0]  # a new secret at every sign-in


@pytest.mark.parametrize("path", ["/sign-in", "/forgot", "/join/x", "/new-password/x", "/sign-out"])
def test_no_page_of_the_door_is_kept_or_framed_and_its_forms_stay_here(stranger, path):
    headers = stranger.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "form-action 'self'" in headers["content-security-policy"]
    assert "unsafe-inline" not in re.search(r"script-src[^;]*", headers["content-security-policy"])[0]


# Wrong passwords


def test_what_was_typed_stays_but_never_the_password(stranger):
    refused = enter(stranger, "ana@example.org", "my-secret-guess", next="/data?x=1")
    assert refused.status_code == 401
    assert 'value="ana@example.org"' in refused.text
    assert 'value="/data?x=1"' in refused.text
    assert "my-secret-guess" not in refused.text
    assert "set-cookie" not in refused.headers


def test_an_unknown_address_and_a_wrong_password_get_the_same_page(stranger):
    wrong, unknown = (enter(stranger, email, "wrong").text for email in (OWNER, "who@example.org"))
    assert wrong.replace(OWNER, "") == unknown.replace("who@example.org", "")


def test_what_is_typed_is_text_and_never_markup(stranger):
    refused = enter(stranger, '"><script>alert(1)</script>@x', "wrong", next='/"><b>')
    assert "<script>" not in refused.text
    assert '"><b>' not in refused.text


def test_wrong_passwords_are_throttled(door, stranger):
    people.somebody(door.ana, "throttled@example.org")
    answers = [enter(stranger, "throttled@example.org", "wrong").status_code for _ in range(sign_in.PER_ACCOUNT + 1)]
    assert answers == [401] * sign_in.PER_ACCOUNT + [429]
    assert enter(stranger, "throttled@example.org").status_code == 429


# Where one is sent afterwards


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_sent_to_another_site(stranger, wanted):
    assert enter(stranger, next=wanted).headers["location"] == "/"
    assert stranger.get("/sign-in", params={"next": wanted}).headers["location"] == "/"


# Forms of other websites


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},  # another port of the same computer is another site
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {},
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/sign-out-everywhere", "/workspace", "/set-up", "/forgot"])
def test_a_form_of_another_website_is_refused_whatever_it_asks(door, path, headers):
    held = people.cookie(door.ana, "budi@example.org")
    with httpx.Client(base_url=door.url, cookies=held, headers=AGENT) as client:
        data = {"email": OWNER, "password": PASSWORD, "id": "x"}
        refused = client.post(path, data=data, headers=headers)
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
        assert is_signed_in(client)


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "own", "Sec-Fetch-Site": "same-origin"}]
)
def test_a_form_of_our_own_page_is_heard(door, headers):
    told = {name: door.url if value == "own" else value for name, value in headers.items()}
    with httpx.Client(base_url=door.url, cookies=people.cookie(door.ana, "budi@example.org")) as client:
        assert client.post("/sign-out", headers=told).status_code == 303
        assert not is_signed_in(client)


def test_an_address_alone_signs_nobody_out(budi):
    for path in ("/sign-out", "/sign-out-everywhere"):
        assert budi.get(path).status_code == 200
    assert is_signed_in(budi)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"email=" + b"x" * 100_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a%d=1" % n for n in range(50)), "application/x-www-form-urlencoded", 400),
        (b"email=\xff%ff", "application/x-www-form-urlencoded", 400),
        (b'{"email": "ana@example.org"}', "application/json", 400),
        (b"", "multipart/form-data; boundary=x", 400),
    ],
)  # fmt: skip
def test_what_is_no_form_of_ours_is_refused_with_a_sentence(stranger, content, kind, status):
    refused = stranger.post("/sign-in", content=content, headers={"Content-Type": kind})
    assert refused.status_code == status
    assert 'role="alert"' in refused.text


# Names and proxies


@pytest.mark.parametrize("host", ["evil.example", "desk.example.org.evil.example", "10.0.0.7", ""])
@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/jobs", "/health"])
def test_the_desk_answers_only_to_names_it_was_given(stranger, host, path):
    assert stranger.get(path, headers={"Host": host}).status_code == 403


def test_a_proxy_cannot_give_the_desk_another_name(stranger):
    refused = stranger.get("/sign-in", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    assert refused.status_code == 200
    assert "evil.example" not in refused.text
    assert (
        stranger.get("/sign-in", headers={"Host": "evil.example", "X-Forwarded-Host": "desk.example.org"}).status_code
        == 403
    )


def test_a_trusted_proxy_says_who_speaks_and_only_its_own_word_counts(door, stranger):
    enter(stranger, "budi@example.org", PASSWORD)
    chain = "203.0.113.66, 198.51.100.23"  # the first is what the client made up, the last what the proxy saw
    stranger.post(
        "/sign-in", data={"email": "budi@example.org", "password": PASSWORD}, headers={"X-Forwarded-For": chain}
    )
    budi = people.somebody(door.ana, "budi@example.org")
    assert "198.51.100.23" in {one.address for one in sign_in.open_ones(budi)}
    assert "203.0.113.66" not in {one.address for one in sign_in.open_ones(budi)}


def test_anybody_elses_forwarding_headers_are_not_believed(tmp_path):
    process, url = start(tmp_path / "data", DESK_SIGN_IN="required", DESK_HOST="127.0.0.1")
    try:
        desk = people.set_up(open_desk(required(tmp_path / "data")))
        with httpx.Client(base_url=url, headers={"Origin": url}) as client:
            given = client.post(
                "/sign-in",
                data={"email": OWNER, "password": PASSWORD},
                headers={"X-Forwarded-For": "203.0.113.66", "X-Real-IP": "203.0.113.66", "X-Forwarded-Proto": "https"},
            )
        assert given.headers["set-cookie"].startswith(f"{sign_in.COOKIE}=")
        assert "203.0.113.66" not in {one.address for one in sign_in.open_ones(desk)}
        assert "127.0.0.1" in {one.address for one in sign_in.open_ones(desk)}
    finally:
        assert stop(process) == 0


def test_without_sign_in_there_is_no_door_and_a_proxy_is_refused(server):
    for path in ("/sign-in", "/set-up", "/forgot"):
        assert 'action="/' not in httpx.get(server.url + path).text
    assert httpx.post(server.url + "/sign-in", data={"email": OWNER, "password": PASSWORD}).status_code == 405
    assert httpx.get(server.url, headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 403
    assert httpx.get(server.url, headers={"Host": "desk.example.org"}).status_code == 403


# The socket of the screens


def socket(door: Door, held: dict[str, str], **headers: str) -> int:
    """What the server answers to the handshake: 101 where it opens."""
    cookie = "; ".join(f"{name}={value}" for name, value in held.items())
    try:
        with connect(
            f"{door.url.replace('http', 'ws', 1)}/_stcore/stream",
            additional_headers={"Cookie": cookie} | headers,
            origin=None,
            subprotocols=[Subprotocol("streamlit")],
        ):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_the_socket_opens_only_to_a_sign_in_that_holds_and_from_our_own_page(door):
    held = people.cookie(door.ana, "budi@example.org")
    assert socket(door, {}) == 403
    assert socket(door, {sign_in.COOKIE: "x"}, Origin=door.url) == 403
    assert socket(door, held, Origin=door.url) == 101
    for elsewhere in ("https://evil.example", "http://127.0.0.1:1", "null"):
        assert socket(door, held, Origin=elsewhere) == 403
    sign_in.end_everywhere(people.somebody(door.ana, "budi@example.org"))
    assert socket(door, held, Origin=door.url) == 403


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


def test_an_invitation_makes_an_account_once_for_the_address_it_was_sent_to(door, stranger):
    _, path = invitations.invite(door.ana, Role.VIEWER, "cici@example.org")
    assert "Join Team" in stranger.get(path).text
    form = {"name": "Cici", "email": "cici@example.org", "password": PASSWORD}
    wrong = stranger.post(path, data=form | {"email": "eve@example.org"})
    assert wrong.status_code == 400
    assert 'value="Cici"' in wrong.text
    assert PASSWORD not in wrong.text
    assert stranger.post(path, data=form).headers["location"] == "/"
    assert is_signed_in(stranger)
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


def test_a_link_for_a_new_password_is_used_up_by_choosing_one_not_by_looking(door, stranger):
    dewi = people.somebody(door.ana, "dewi@example.org")
    path = recovery.make_link(door.ana, dewi.account_id)
    for _ in range(2):  # a mail scanner looks, too
        assert "For Dewi" in stranger.get(path).text
    assert stranger.post(path, data={"password": "dewi"}).status_code == 400
    assert stranger.post(path, data={"password": "a wholly different sentence"}).status_code == 303
    assert is_signed_in(stranger)
    assert stranger.get(path).status_code == 404


def test_where_nothing_can_be_mailed_the_page_says_whom_to_ask(stranger):
    assert "Ask Ana." in stranger.get("/forgot").text


def test_whether_an_address_is_known_is_told_to_nobody(stranger):
    known, unknown = (stranger.post("/forgot", data={"email": email}) for email in (OWNER, "who@example.org"))
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
        assert not setup.needed(open_desk(required(tmp_path / "data")))
    finally:
        assert stop(process) == 0


def _next(page: str) -> str:
    from html import unescape

    return unescape(re.search(r'name="next" value="([^"]*)"', page)[1])
