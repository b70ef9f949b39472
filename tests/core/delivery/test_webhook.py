"""A webhook, told to a real HTTP server that is slow, busy, gone in mid-answer, moved, or not who it says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.delivery import webhook
from core.delivery.base import Way
from core.delivery.reach import Reach
from core.delivery.webhook import METHOD, Options
from core.errors import Undeliverable, Unreachable
from tests.core.delivery.conftest import MakeParcel
from tests.servers.receiver import DRIP, RESET, SLOW, Mood, Receiver, receiver


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path) as told:
        yield told


def options(server: Receiver, **more: object) -> Options:
    return Options.model_validate({"url": f"{server.url}/in?team=7", **more})


def test_links_to_all_files_are_told_in_one_message(server: Receiver, parcel: MakeParcel, way: Way):
    files = [replace(parcel(name), link=f"https://desk.example/{name}") for name in ("a.csv", "b.csv")]
    arrived = METHOD.deliver(options(server), {}, files, way)
    assert [a.name for a in arrived] == ["a.csv", "b.csv"]
    (request,) = server.taken
    assert request.path == "/in?team=7"
    assert request.headers["host"] == f"localhost:{server.port}"
    assert request.headers["content-type"] == "application/json"
    told = json.loads(request.body)
    assert told.pop("timestamp").endswith("Z")
    assert told == {
        "files": [
            {"file_name": f.name, "url": f.link, "bytes": 2000, "sha256": f.sha256, "media_type": "text/csv"}
            for f in files
        ]
    }


def test_the_file_itself_is_sent_in_base64_as_its_contract_has_it(server: Receiver, parcel: MakeParcel, way: Way):
    METHOD.deliver(options(server, body="file"), {}, [parcel()], way)
    told = json.loads(server.taken[0].body)
    assert [*told] == ["file_name", "content", "timestamp"]
    assert base64.b64decode(told["content"]) == parcel().path.read_bytes()


def test_a_file_too_large_to_be_sent_itself_is_sent_as_a_link(server: Receiver, parcel: MakeParcel, way: Way):
    large = replace(parcel("large.csv", 1_000_001), link="https://desk.example/large")
    METHOD.deliver(options(server, body="file", max_mb=1), {}, [parcel("small.csv"), large], way)
    small, linked = (json.loads(request.body) for request in server.taken)
    assert small["file_name"] == "small.csv"
    assert [f["url"] for f in linked["files"]] == [large.link]


@pytest.mark.parametrize(
    ("secret", "key"), [("shared words", b"shared words"), ("whsec_" + base64.b64encode(b"k" * 24).decode(), b"k" * 24)]
)
def test_who_knows_the_secret_can_check_the_signature(
    server: Receiver, parcel: MakeParcel, way: Way, secret: str, key: bytes
):
    METHOD.deliver(options(server), {"signing": secret}, [parcel()], way)
    (request,) = server.taken
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


def test_every_try_of_one_delivery_has_the_same_key(server: Receiver, parcel: MakeParcel, way: Way):
    server.moods.append(500)
    with pytest.raises(Unreachable):
        METHOD.deliver(options(server), {}, [parcel()], way)
    METHOD.deliver(options(server), {}, [parcel()], way)
    METHOD.deliver(options(server), {}, [parcel()], replace(way, key="delivery-2"))
    assert [r.headers["idempotency-key"] for r in server.taken] == ["delivery-1-0", "delivery-1-0", "delivery-2-0"]


def test_headers_of_the_receiver_are_sent_with_it(server: Receiver, parcel: MakeParcel, way: Way):
    METHOD.deliver(options(server), {"headers": "X-API-Key: hunter2\n\nX-Team:  seven "}, [parcel()], way)
    assert server.taken[0].headers["x-api-key"] == "hunter2"
    assert server.taken[0].headers["x-team"] == "seven"


@pytest.mark.parametrize("headers", ["hunter2", ": hunter2", "X Y: hunter2", "X-Key: hünter2"])
def test_a_header_that_is_none_is_said_without_repeating_it(
    server: Receiver, parcel: MakeParcel, way: Way, headers: str
):
    with pytest.raises(Undeliverable, match="not of the form") as refused:
        METHOD.deliver(options(server), {"headers": headers}, [parcel()], way)
    assert "nter2" not in str(refused.value.as_dict())
    assert server.taken == []


@pytest.mark.parametrize(
    ("mood", "said"),
    [(500, "answered 500"), (503, "answered 503"), (429, "answered 429"), (RESET, "ended the connection")],
)
def test_what_may_pass_is_tried_again(server: Receiver, parcel: MakeParcel, way: Way, mood: Mood, said: str):
    server.moods.append(mood)
    with pytest.raises(Unreachable, match=said):
        METHOD.deliver(options(server), {}, [parcel()], way)
    METHOD.deliver(options(server), {}, [parcel()], way)


@pytest.mark.parametrize(("mood", "said"), [(404, "answered 404 Not Found: Not today"), (302, "another address")])
def test_what_does_not_pass_is_final(server: Receiver, parcel: MakeParcel, way: Way, mood: Mood, said: str):
    server.moods.append(mood)
    with pytest.raises(Undeliverable, match=said) as refused:
        METHOD.deliver(options(server), {"headers": "X-API-Key: hunter2"}, [parcel()], way)
    assert len(server.taken) == 1, "no redirect is followed"
    assert "\x1b" not in str(refused.value)
    assert "hunter2" not in str(refused.value.as_dict())


@pytest.mark.parametrize("mood", [SLOW, DRIP])
def test_a_receiver_that_does_not_answer_is_given_up_however_much_it_says_meanwhile(
    server: Receiver, parcel: MakeParcel, way: Way, monkeypatch: pytest.MonkeyPatch, mood: Mood
):
    monkeypatch.setattr(webhook, "SECONDS", 0.3)
    server.moods.append(mood)
    with pytest.raises(Unreachable, match=r"did not answer within 0\.3 seconds"):
        METHOD.deliver(options(server), {}, [parcel()], way)


def test_a_certificate_is_checked_for_the_name_that_was_asked(
    tmp_path: Path, parcel: MakeParcel, way: Way, monkeypatch: pytest.MonkeyPatch
):
    with receiver(tmp_path, tls=True) as server:
        with pytest.raises(Undeliverable, match=r"certificate of localhost:.* is not trusted: self-signed"):
            METHOD.deliver(options(server), {}, [parcel()], way)
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        METHOD.deliver(options(server), {}, [parcel()], way)
        with pytest.raises(Undeliverable, match="not trusted"):
            METHOD.deliver(Options(url=f"https://127.0.0.1:{server.port}/"), {}, [parcel()], way)
        assert len(server.taken) == 1


def test_a_receiver_inside_is_not_connected_to(server: Receiver, parcel: MakeParcel, way: Way):
    with pytest.raises(Undeliverable, match="inside the network"):
        METHOD.deliver(options(server), {}, [parcel()], replace(way, reach=Reach()))
    assert server.taken == []


def test_a_proxy_of_this_computer_is_not_used(
    server: Receiver, parcel: MakeParcel, way: Way, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    METHOD.deliver(options(server), {}, [parcel()], way)
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "file:///etc/passwd", "https://", "ftp://x", "https://u:p@x.org/"),
        *("http://x:8x/", "http://x:0/", "http://x:99999/", "http://[::1", "http://exa mple.com/"),
        *("https://exam\nple.com/", "http://é\u202e.com/", "http://example.com/\x01y"),
    ],
)
def test_what_is_no_web_address_is_refused(url: str):
    with pytest.raises(ValidationError):
        Options(url=url)


def test_a_message_to_what_is_no_web_address_is_refused_in_a_sentence():
    with pytest.raises(Undeliverable, match="no web address"):
        webhook.tell("http://x:8x/", "", {}, "1", Reach())


def test_the_place_is_said_without_what_may_be_secret(server: Receiver):
    assert METHOD.place(options(server)) == "http://localhost/in"
