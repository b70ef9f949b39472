"""Fetching from a web address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.delivery.reach import Reach
from core.errors import LimitReached, Unanswered, Unfetchable
from core.fetching.base import Way
from core.fetching.web import METHOD, Options
from tests.servers.receiver import RESET
from tests.servers.website import Page, Website, website

CSV = b"id,name\n1,Ayu\n"


def fetch(site: Website, path: str, way: Way, **secrets: str):
    site.asked.clear()
    return METHOD.fetch(Options(url=f"{site.url}{path}"), secrets, way)


def test_a_file_arrives_under_the_name_of_its_address(site: Website, way: Way):
    site.pages["/out/orders.csv"] = Page(CSV)
    found = fetch(site, "/out/orders.csv?key=1", way)
    assert (found.name, found.path.read_bytes()) == ("orders.csv", CSV)


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"Content-Disposition": "attachment; filename*=UTF-8''M%C3%A4rz.xlsx"}, "März.xlsx"),
        ({"Content-Disposition": 'attachment; filename="../../etc/passwd.csv"'}, "passwd.csv"),
        ({"Content-Type": "text/csv; charset=utf-8"}, "report.csv"),
        ({"Content-Type": "application/json"}, "report.json"),
        ({}, "report"),
    ],
)
def test_the_answer_says_what_it_is_called(site: Website, way: Way, headers: dict[str, str], name: str):
    site.pages["/report"] = Page(CSV, headers=headers)
    assert fetch(site, "/report", way).name == name


def test_headers_let_the_desk_in_and_go_to_no_other_server(site: Website, way: Way, tmp_path: Path):
    with website(tmp_path) as other:
        other.pages["/x.csv"] = Page(CSV)
        site.pages["/here"] = Page(status=302, headers={"Location": "/there"})
        site.pages["/there"] = Page(status=307, headers={"Location": f"{other.url}/x.csv"})
        fetch(site, "/here", way, headers="Authorization: Bearer abc\nHost: evil.example")
        assert [one.headers.get("authorization") for one in site.asked] == ["Bearer abc", "Bearer abc"]
        assert [one.headers["host"] for one in site.asked] == [f"localhost:{site.port}"] * 2
        assert [one.headers.get("authorization") for one in other.asked] == [None]


def test_a_redirect_leads_nowhere_the_desk_may_not_go(site: Website, way: Way):
    site.pages["/in"] = Page(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
    site.pages["/file"] = Page(status=302, headers={"Location": "file:///etc/passwd"})
    site.pages["/loop"] = Page(status=302, headers={"Location": "/loop"})
    for path, why in (("/in", "inside the network"), ("/file", "no web address"), ("/loop", "again and again")):
        with pytest.raises(Unfetchable, match=why):
            fetch(site, path, way)
    assert len(site.asked) == 6


def test_a_server_inside_is_not_asked(site: Website, way: Way):
    with pytest.raises(Unfetchable, match="inside the network"):
        fetch(site, "/orders.csv", replace(way, reach=Reach()))
    assert site.asked == []


def test_the_desk_itself_is_not_asked(site: Website, way: Way):
    own = Reach(way.reach.inside, own_ports=frozenset({site.port}))
    with pytest.raises(Unfetchable, match="inside the network"):
        fetch(site, "/orders.csv", replace(way, reach=own))


@pytest.mark.parametrize(
    ("page", "kind", "why"),
    [
        (Page(status=401), Unfetchable, "answered 401"),
        (Page(status=404), Unfetchable, "There is nothing at /page"),
        (Page(status=500), Unanswered, "answered 500"),
        (Page(status=429), Unanswered, "answered 429"),
        (Page(status=204), Unfetchable, "answered 204"),
        (Page(b""), Unfetchable, "is empty"),
        (Page(b"<html>", headers={"Content-Type": "text/html"}), Unfetchable, "a web page, not with a table"),
        (Page(CSV, cut=5), Unanswered, "ended the connection"),
        (Page(mood=RESET), Unanswered, "ended the connection"),
        (Page(b"not gzip", headers={"Content-Encoding": "gzip"}), Unanswered, "ended the connection"),
    ],
)
def test_what_is_no_file_is_said(site: Website, way: Way, page: Page, kind: type[Exception], why: str):
    site.pages["/page"] = page
    with pytest.raises(kind, match=why):
        fetch(site, "/page", way)


def test_more_than_was_allowed_is_not_taken(site: Website, way: Way):
    def took(size: int) -> None:
        raise LimitReached("Too much.")

    site.pages["/orders.csv"] = Page(CSV)
    with pytest.raises(LimitReached):
        fetch(site, "/orders.csv", replace(way, took=took))


def test_nobody_there_is_asked_again_later(way: Way, tmp_path: Path):
    with website(tmp_path) as gone:
        pass
    with pytest.raises(Unanswered, match="Nothing answers"):
        METHOD.fetch(Options(url=f"{gone.url}/a.csv"), {}, way)


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch):
    with website(tmp_path, tls=True) as safe:
        safe.pages["/a.csv"] = Page(CSV)
        safe.pages["/down"] = Page(status=302, headers={"Location": "http://localhost/a.csv"})
        with pytest.raises(Unfetchable, match="not trusted: self-signed"):
            fetch(safe, "/a.csv", way)
        monkeypatch.setenv("SSL_CERT_FILE", str(safe.certificate))
        assert fetch(safe, "/a.csv", way).path.read_bytes() == CSV
        with pytest.raises(Unfetchable, match="without encryption"):
            fetch(safe, "/down", way)


def test_what_stands_behind_the_question_mark_is_shown_to_nobody():
    assert METHOD.place(Options(url="https://example.org/a.csv?key=secret")) == "https://example.org/a.csv"
