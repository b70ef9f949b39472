"""Downloads by link: whole, in ranges, resumed; and refused once expired, revoked or changed."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from core import exports, links
from core.errors import NotFound
from storage.tables import Link

CSV = b"id,name\n" + b"".join(b"%06d,Ayu\n" % n for n in range(20_000))


@pytest.fixture(scope="module")
def job(server):
    dataset = server.dataset("Linked", CSV)
    done = server.export({"name": "Für Zoë", "sources": [{"dataset": dataset["id"]}], "output": {"format": "csv"}})
    assert done["state"] == "succeeded", done["error"]
    return done


@pytest.fixture
def link(server, job):
    return server.url + links.make(server.desk, job["id"], 0)


@pytest.fixture(scope="module")
def whole(server, job):
    return exports.file(server.desk, job["id"], 0).path.read_bytes()


def test_a_link_needs_no_token_and_gives_the_whole_file(link, whole, job):
    answer = httpx.get(link)
    assert answer.status_code == 200
    assert answer.content == whole
    assert answer.headers["content-length"] == str(len(whole))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == f'"{job["files"][0]["sha256"]}"'
    assert answer.headers["x-checksum"] == f"sha256:{hashlib.sha256(whole).hexdigest()}"
    assert answer.headers["content-disposition"].startswith('attachment; filename="Fur Zoe')
    assert "filename*=UTF-8''F%C3%BCr%20Zo%C3%AB" in answer.headers["content-disposition"]
    assert answer.headers["content-type"].startswith("text/csv")


def test_head_gives_the_headers_alone(link, whole):
    answer = httpx.head(link)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(whole))


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=0-99", slice(0, 100)), ("bytes=100-", slice(100, None)), ("bytes=-50", slice(-50, None))],
)
def test_a_range_gives_that_part(link, whole, asked, part):
    answer = httpx.get(link, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == whole[part]
    start, stop, _ = part.indices(len(whole))
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"


def test_a_download_resumes_where_it_broke_off(link, whole):
    with httpx.stream("GET", link) as broken:
        tag = broken.headers["etag"]
        first = next(broken.iter_raw(10_000))[:10_000]
    rest = httpx.get(link, headers={"Range": f"bytes={len(first)}-", "If-Range": tag})
    assert rest.status_code == 206
    assert first + rest.content == whole


def test_if_range_with_another_files_tag_gives_the_whole_file(link, whole):
    answer = httpx.get(link, headers={"Range": "bytes=10-", "If-Range": '"another"'})
    assert (answer.status_code, answer.content) == (200, whole)


def test_a_range_beyond_the_end_is_416(link, whole):
    answer = httpx.get(link, headers={"Range": f"bytes={len(whole)}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(whole)}"


def test_who_has_the_file_already_is_told_so(link):
    tag = httpx.head(link).headers["etag"]
    answer = httpx.get(link, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_the_receipt_has_a_link_too(server, job):
    answer = httpx.get(server.url + links.make(server.desk, job["id"], links.RECEIPT))
    assert json.loads(answer.content)["files"][0]["sha256"] == job["files"][0]["sha256"]
    assert "receipt.json" in answer.headers["content-disposition"]
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'


def test_a_changed_link_opens_nothing(link, error):
    token = link.rsplit("/", 1)[1]
    middle = len(token) // 2
    changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    for wrong in (changed, token[:-8], "x", token + "x"):
        answer = httpx.get(link.rsplit("/", 1)[0] + "/" + wrong)
        assert answer.status_code in (401, 404)
        error(answer, answer.status_code)


def test_a_revoked_link_opens_nothing(server, job, error):
    path = links.make(server.desk, job["id"], 0, hours=7)
    assert httpx.get(server.url + path).status_code == 200
    (made,) = [k for k in links.list(server.desk, job["id"]) if k.expires_at - datetime.now(UTC) < timedelta(hours=8)]
    links.revoke(server.desk, made.id)
    error(httpx.get(server.url + path), 410)
    assert httpx.get(server.url + links.make(server.desk, job["id"], 0, hours=7)).status_code == 200


def test_an_expired_link_opens_nothing(server, job, error):
    from core import signing

    with server.desk.store.writing() as session:
        past = datetime.now(UTC) - timedelta(seconds=5)
        row = Link(
            workspace_id=server.desk.workspace_id,
            owner_id=server.desk.account_id,
            job_id=job["id"],
            file=0,
            expires_at=past,
        )
        session.add(row)
    value = [row.id, server.desk.workspace_id, job["id"], 0, int(past.timestamp())]
    expired = f"{server.url}/api/files/{signing.sign(server.desk, 'link', value)}"
    said = error(httpx.get(expired), 410)
    assert said["message"].startswith("This link no longer works: it was made for a while, until ")
    assert said["next_step"] == "Ask whoever sent it for a new one."


def test_a_browser_is_told_kindly_on_a_page_why_a_link_gives_no_file(server, job):
    url = server.url + links.make(server.desk, job["id"], 0, hours=7)
    for one in links.list(server.desk, job["id"]):
        links.revoke(server.desk, one.id)
    page = httpx.get(url, headers={"Accept": "text/html,*/*"})
    assert (page.status_code, page.headers["content-type"]) == (410, "text/html; charset=utf-8")
    assert "This link no longer works: it was taken back." in page.text
    assert "Ask whoever sent it for a new one." in page.text
    style = page.text.split('rel="stylesheet" href="')[1].split('"')[0].replace("&amp;", "&")
    assert httpx.get(server.url + style).headers["content-type"].startswith("text/css")


def test_one_link_serves_every_look_at_a_page(server, job):
    made = {links.make(server.desk, job["id"], 0, hours=5) for _ in range(5)}
    assert len(made) <= 2  # two, if the hour turned in between


def test_there_is_no_link_to_what_is_not_there_or_not_ours(server, job):
    from tests.api.conftest import stranger

    with pytest.raises(NotFound):
        links.make(server.desk, job["id"], 7)
    with pytest.raises(NotFound):
        links.make(stranger(server.desk), job["id"], 0)


def test_a_link_to_a_deleted_export_opens_nothing(server, error):
    dataset = server.dataset("Short lived", b"a\n1\n")
    done = server.export({"sources": [{"dataset": dataset["id"]}]})
    path = server.url + links.make(server.desk, done["id"], 0)
    assert httpx.get(path).status_code == 200
    exports.delete(server.desk, done["id"])
    error(httpx.get(path), 404)


def test_a_link_with_a_password_asks_for_it_on_a_page_and_gives_the_file_to_whoever_knows_it(server, job, whole):
    link = server.url + links.make(server.desk, job["id"], 0, hours=7, password="open sesame")
    browser = {"Accept": "text/html,*/*"}
    page = httpx.get(link, headers=browser)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'name="password"' in page.text
    assert httpx.get(server.url + "/door/door.css").status_code == 200
    wrong = httpx.post(link, data={"password": "guess"}, headers=browser)
    assert wrong.status_code == 401
    assert "That is not the password of this link." in wrong.text
    right = httpx.post(link, data={"password": "open sesame"}, headers=browser)
    assert (right.status_code, right.content) == (200, whole)
    assert right.headers["content-disposition"].startswith("attachment")
    program = httpx.get(link)
    assert (program.status_code, program.json()["error"]["code"]) == (401, "WrongPassword")
    found = [one for one in links.every(server.desk, job["id"]) if one.password_hash]
    assert len(links.downloads(server.desk, job["id"])[found[0].id]) == 1


def test_a_revoked_link_is_a_page_for_people_and_json_for_programs(server, job):
    link = server.url + links.make(server.desk, job["id"], 0, hours=9)
    newest = links.list(server.desk, job["id"])[0]
    links.revoke(server.desk, newest.id)
    page = httpx.get(link, headers={"Accept": "text/html"})
    assert page.status_code == 410
    assert "no longer works" in page.text
    assert httpx.get(link).json()["error"]["message"].startswith("This link no longer works")
