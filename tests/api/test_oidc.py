"""Signing in with another provider, over real HTTP against a provider on this computer."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oidc_provider_mock import User, run_server_in_thread

from core import workspaces
from core.access import invitations, recovery, sign_in
from core.desk import open_desk
from core.settings import Settings
from storage.tables import Role
from tests import people
from tests.api.conftest import Door, is_signed_in, start, stop
from tests.people import CALLER, OWNER, PASSWORD
from tests.servers.ports import free_port


def claims(sub: str, email: str, verified: bool = True, **more: str) -> User:
    return User(sub=sub, claims={"email": email, "email_verified": verified, "name": sub.capitalize()} | more)


KNOWN = (
    claims("ana", OWNER),
    claims("cici", "cici@example.org"),
    claims("dewi", "dewi@team.example"),
    claims("eve", "eve@elsewhere.example"),
    claims("liar", "budi@example.org", verified=False),
    claims("second", OWNER),
    claims("fitri", "fitri@example.org"),
    claims("gita", "gita@example.org"),
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    port = free_port()
    with run_server_in_thread(port, user_claims=KNOWN, require_nonce=True):
        yield f"http://localhost:{port}"


@pytest.fixture(scope="module")
def bridged(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A desk whose people may also sign in with that provider."""
    folder = tmp_path_factory.mktemp("bridged")
    process, url = start(
        folder / "data",
        DESK_SIGN_IN="required",
        DESK_HOST="127.0.0.1",
        DESK_OIDC_ISSUER=issuer,
        DESK_OIDC_CLIENT_ID="desk",
        DESK_OIDC_CLIENT_SECRET="secret",
        DESK_OIDC_NAME="Example ID",
    )
    ana = people.set_up(open_desk(Settings(data_dir=folder / "data", sign_in="required")))
    people.somebody(ana, "budi@example.org")
    yield Door(url, ana)
    assert stop(process) == 0


def leave(client: httpx.Client, next: str = "/") -> str:
    """The provider's address the button leads to."""
    return client.get("/sign-in/oidc", params={"next": next}).headers["location"]


def agree(address: str, sub: str) -> str:
    """Sign in at the provider as that person; returns the address of the desk it sends the browser back to."""
    return httpx.post(address, data={"sub": sub}).headers["location"]


def walk(client: httpx.Client, sub: str, next: str = "/") -> httpx.Response:
    return client.get(agree(leave(client, next), sub))


def acting(door: Door, client: httpx.Client):
    held = next(c.value for c in client.cookies.jar if c.name == sign_in.COOKIE)
    return sign_in.resume(door.ana, held, CALLER)[0]


def test_the_button_is_there_and_leads_to_the_provider_with_state_nonce_and_pkce(bridged, issuer):
    with bridged.browser() as client:
        assert "Sign in with Example ID" in client.get("/sign-in").text
        asked = urlsplit(leave(client))
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        assert f"{asked.scheme}://{asked.netloc}" == issuer
        assert query["redirect_uri"] == f"{bridged.url}/sign-in/oidc/callback"
        assert query["code_challenge_method"] == "S256"
        assert len(query["state"]) >= 20
        assert len(query["nonce"]) >= 20
        assert "code_verifier" not in query


def test_an_account_with_the_verified_address_is_signed_in_and_led_on(bridged):
    with bridged.browser() as client:
        back = walk(client, "ana", "/data?x=1")
        assert (back.status_code, back.headers["location"]) == (303, "/data?x=1")
        assert is_signed_in(client)
        assert acting(bridged, client).account_id == bridged.ana.account_id


def test_the_subject_counts_from_then_on_and_the_address_is_nobody_elses(bridged):
    with bridged.browser() as first, bridged.browser() as again, bridged.browser() as other:
        assert walk(first, "ana").status_code == 303
        assert walk(again, "ana").status_code == 303
        assert acting(bridged, again).account_id == bridged.ana.account_id
        refused = walk(other, "second")  # somebody else at the provider who has the same address by now
        assert refused.status_code == 401
        assert not is_signed_in(other)


def test_an_invitation_by_address_lets_its_person_in_with_its_role(bridged):
    invitations.invite(bridged.ana, Role.EDITOR, "cici@example.org")
    with bridged.browser() as client:
        assert walk(client, "cici").status_code == 303
        theirs = acting(bridged, client)
        assert (theirs.workspace_id, theirs.role, theirs.caller.name) == (bridged.ana.workspace_id, "editor", "Cici")
    assert not invitations.list(bridged.ana)


def test_whoever_has_an_address_of_a_workspaces_domain_becomes_a_viewer_there(bridged):
    place = workspaces.make(bridged.ana, "By domain")
    workspaces.change(bridged.ana.acting_as(place.id, bridged.ana.account_id), email_domains=["team.example"])
    with bridged.browser() as client:
        assert walk(client, "dewi").status_code == 303
        theirs = acting(bridged, client)
        assert (theirs.workspace_id, theirs.role) == (place.id, "viewer")


@pytest.mark.parametrize(("sub", "says"), [("eve", "has no place on this desk"), ("liar", "has not verified")])
def test_anybody_else_is_refused_with_a_sentence(bridged, sub, says):
    with bridged.browser() as client:
        refused = walk(client, sub)
        assert refused.status_code == 401
        assert says in refused.text
        assert "Ask Ana for an invitation." in refused.text
        assert not is_signed_in(client)


def test_nobody_waits_in_an_account_under_anothers_address(bridged):
    fitri = people.somebody(bridged.ana, "fitri@example.org")  # by a link for anybody: that address was only typed
    with bridged.browser() as client:
        refused = walk(client, "fitri")
        assert refused.status_code == 401
        assert "nobody has shown yet that the address is theirs" in refused.text
        assert "or ask Ana for a link for a new password" in refused.text
        assert not is_signed_in(client)
        way = recovery.make_link(bridged.ana, fitri.account_id)
        client.post(way, data={"password": "quite another long password"})  # which ends whoever waited there
        client.cookies.clear()
        assert walk(client, "fitri").status_code == 303
        assert acting(bridged, client).account_id == fitri.account_id


def test_an_account_of_an_address_that_was_invited_is_its_owners(bridged):
    way = invitations.invite(bridged.ana, Role.EDITOR, "gita@example.org")[1].rpartition("/")[2]
    invitations.join(bridged.ana, way, name="Gita", email="gita@example.org", password=PASSWORD, caller=CALLER)
    with bridged.browser() as client:
        assert walk(client, "gita").status_code == 303
        assert acting(bridged, client).role == "editor"


def test_an_answer_made_for_another_browser_is_refused(bridged):
    with bridged.browser() as thief, bridged.browser() as victim:
        stolen = agree(leave(thief), "ana")
        assert victim.get(stolen).status_code == 401  # it never left for the provider
        leave(victim)
        assert victim.get(stolen).status_code == 401  # it left, with another state
        assert not is_signed_in(victim)


def test_an_answer_is_good_once(bridged):
    with bridged.browser() as client:
        back = agree(leave(client), "ana")
        assert client.get(back).status_code == 303
        assert client.get(back).status_code == 401


def test_a_provider_that_refuses_is_told_as_a_sentence(bridged):
    with bridged.browser() as client:
        leave(client)
        refused = client.get("/sign-in/oidc/callback", params={"error": "access_denied", "state": "x"})
        assert refused.status_code == 401
        assert "did not work" in refused.text


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_site_afterwards(bridged, wanted):
    with bridged.browser() as client:
        assert walk(client, "ana", wanted).headers["location"] == "/"


def test_a_password_still_works_beside_it(bridged):
    with bridged.browser() as client:
        client.post("/sign-in", data={"email": OWNER, "password": PASSWORD})
        assert is_signed_in(client)
