"""What a stranger might try at the door, over real HTTP: forms of other sites, other names, proxies, redirects, the socket."""

from __future__ import annotations

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from core.access import accounts, sign_in
from core.desk import open_desk
from core.settings import Settings
from tests import people
from tests.api.conftest import Door, Server, enter, is_signed_in, start, stop
from tests.people import OWNER, PASSWORD

PROXIED = {"X-Forwarded-Proto": "https", "Host": "desk.example.org"}
ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "https://evil.example", "http:evil.example", "evil.example",
    "javascript:alert(1)", "/\t/evil.example", "/\n//evil.example", "\\\\evil.example", " //evil.example", "/x\\..\\y", "",
    "/" + "a" * 3000,
]  # fmt: skip


# The cookie


def test_over_https_the_cookie_is_secure_and_no_neighbour_can_set_it(visitor):
    given = visitor.post(
        "/sign-in",
        data={"email": OWNER, "password": PASSWORD},
        headers=PROXIED | {"Origin": "https://desk.example.org"},
    )
    assert given.status_code == 303
    name, _, rest = given.headers["set-cookie"].partition("=")
    assert name == "__Host-export_desk"
    assert {"secure", "path=/", "httponly"} <= {part.strip().lower() for part in rest.split(";")}


def test_over_https_a_plain_cookie_planted_by_a_neighbour_counts_for_nothing(door, visitor):
    planted = people.cookie(door.ana, OWNER)[sign_in.COOKIE]
    asked = visitor.get("/data", headers=PROXIED | {"Cookie": f"{sign_in.COOKIE}={planted}"})
    assert asked.status_code == 303
    held = visitor.get("/data", headers=PROXIED | {"Cookie": f"{sign_in.SECURE_COOKIE}={planted}"})
    assert held.status_code == 200


def test_no_sign_in_can_be_fixed_beforehand(visitor):
    visitor.cookies.set(sign_in.COOKIE, "known-to-somebody-else")
    given = enter(visitor).headers["set-cookie"]
    assert "known-to-somebody-else" not in given
    again = enter(visitor).headers["set-cookie"]
    assert given.split(";")[0] != again.split(";")[0]  # a new secret at every sign-in


# Wrong passwords


def test_what_was_typed_stays_but_never_the_password(visitor):
    refused = enter(visitor, "ana@example.org", "my-secret-guess", next="/data?x=1")
    assert refused.status_code == 401
    assert 'value="ana@example.org"' in refused.text
    assert 'value="/data?x=1"' in refused.text
    assert "my-secret-guess" not in refused.text
    assert "set-cookie" not in refused.headers


def test_an_unknown_address_and_a_wrong_password_get_the_same_page(visitor):
    wrong, unknown = (enter(visitor, email, "wrong").text for email in (OWNER, "who@example.org"))
    assert wrong.replace(OWNER, "") == unknown.replace("who@example.org", "")


def test_what_is_typed_is_text_and_never_markup(visitor):
    refused = enter(visitor, '"><script>alert(1)</script>@x', "wrong", next='/"><b>')
    assert "<script>" not in refused.text
    assert '"><b>' not in refused.text


def test_wrong_passwords_are_throttled(door, visitor):
    people.somebody(door.ana, "throttled@example.org")
    answers = [
        enter(visitor, "throttled@example.org", "wrong").status_code for _ in range(accounts.PER_ACCOUNT.most + 1)
    ]
    assert answers == [401] * accounts.PER_ACCOUNT.most + [429]
    told = enter(visitor, "throttled@example.org", "wrong").headers["retry-after"]
    assert 0 < int(told) <= accounts.PER_ACCOUNT.seconds
    assert enter(visitor, "throttled@example.org").status_code == 429


# Where one is sent afterwards


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_sent_to_another_site(visitor, wanted):
    assert enter(visitor, next=wanted).headers["location"] == "/"
    assert visitor.get("/sign-in", params={"next": wanted}).headers["location"] == "/"


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
    with httpx.Client(base_url=door.url, cookies=held) as client:
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
        (b"email=ana%00@example.org&password=x", "application/x-www-form-urlencoded", 400),
        (b"email=ana@example.org&pass%00word=x", "application/x-www-form-urlencoded", 400),
        (b'{"email": "ana@example.org"}', "application/json", 400),
        (b"", "multipart/form-data; boundary=x", 400),
    ],
)  # fmt: skip
def test_what_is_no_form_of_ours_is_refused_with_a_sentence(visitor, content, kind, status):
    refused = visitor.post("/sign-in", content=content, headers={"Content-Type": kind})
    assert refused.status_code == status
    assert 'role="alert"' in refused.text


# Names and proxies


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "desk.example.org.evil.example", "10.0.0.7", "", "me@127.0.0.1", "127.0.0.1/evil.example",
        "127.0.0.1#@evil.example", "127.0.0.1?evil.example", "localhost.", "127.0.0.1,evil.example",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/jobs", "/health"])
def test_the_desk_answers_only_to_names_it_was_given(visitor, host, path):
    assert visitor.get(path, headers={"Host": host}).status_code == 403


def test_a_proxy_cannot_give_the_desk_another_name(visitor):
    refused = visitor.get("/sign-in", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    assert refused.status_code == 200
    assert "evil.example" not in refused.text
    assert (
        visitor.get("/sign-in", headers={"Host": "evil.example", "X-Forwarded-Host": "desk.example.org"}).status_code
        == 403
    )


def test_a_trusted_proxy_says_who_speaks_and_only_its_own_word_counts(door, visitor):
    enter(visitor, "budi@example.org", PASSWORD)
    chain = "203.0.113.66, 198.51.100.23"  # the first is what the client made up, the last what the proxy saw
    visitor.post(
        "/sign-in", data={"email": "budi@example.org", "password": PASSWORD}, headers={"X-Forwarded-For": chain}
    )
    budi = people.somebody(door.ana, "budi@example.org")
    assert "198.51.100.23" in {one.address for one in sign_in.open_ones(budi)}
    assert "203.0.113.66" not in {one.address for one in sign_in.open_ones(budi)}


def test_anybody_elses_forwarding_headers_are_not_believed(tmp_path):
    process, url = start(tmp_path / "data", DESK_SIGN_IN="required", DESK_HOST="127.0.0.1")
    try:
        desk = people.set_up(open_desk(Settings(data_dir=tmp_path / "data", sign_in="required")))
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


def socket(door: Door | Server, held: dict[str, str], **headers: str) -> int:
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


def test_without_sign_in_the_socket_opens_to_this_desks_page_and_to_no_other_program_of_the_computer(server):
    assert socket(server, {}, Origin=server.url) == 101
    for elsewhere in ("http://127.0.0.1:3000", "http://localhost", "https://127.0.0.1", "https://evil.example", "null"):
        assert socket(server, {}, Origin=elsewhere) == 403
