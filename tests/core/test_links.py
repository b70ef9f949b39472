"""Links: one file to whoever holds one, until it expires or is revoked."""

from datetime import UTC, datetime, timedelta

import pytest

from core import audit, exports, links, sharing, signing
from core.desk import Caller
from core.engine.spec import ExportSpec
from core.errors import BadInput, Conflict, NotAllowed, NotFound, TooMany, WrongPassword
from core.work import inline
from storage.tables import Role
from tests.things import add_person


@pytest.fixture
def job(desk, dataset_factory):
    people = dataset_factory("id,name\n1,Zoë\n", "Leute")
    spec = ExportSpec.model_validate({"sources": [{"dataset": people.slug}], "output": {"format": "csv"}})
    started = exports.start(desk, spec)
    inline.run_queued(desk)
    return exports.get(desk, started.id)


def token(path):
    return path.rsplit("/", 1)[1]


def test_a_link_leads_to_its_file_for_anybody(desk, stranger, job):
    path = links.make(desk, job.id, 0)
    assert path.startswith("/api/files/")
    assert links.open(stranger, token(path)).file == exports.file(desk, job.id, 0)


def test_a_link_to_the_receipt_leads_to_the_receipt(desk, job):
    found = links.open(desk, token(links.make(desk, job.id, links.RECEIPT))).file
    assert found.media_type == "application/json"
    assert found.path.read_bytes().startswith(b"{")


def test_where_the_desk_has_an_address_links_carry_it(desk, job):
    from dataclasses import replace

    known = replace(desk, settings=desk.settings.model_copy(update={"public_url": "https://desk.example/"}))
    assert links.make(known, job.id).startswith("https://desk.example/api/files/")


def test_one_link_serves_until_it_is_revoked(desk, job):
    made = {links.make(desk, job.id, 0) for _ in range(4)}
    for path in made:
        links.open(desk, token(path))
    for link in links.list(desk, job.id):
        links.revoke(desk, link.id)
    for path in made:
        with pytest.raises(NotFound, match="no longer works"):
            links.open(desk, token(path))
    fresh = links.make(desk, job.id, 0)
    assert fresh not in made
    links.open(desk, token(fresh))


def test_the_expiry_is_in_the_signature_and_not_only_in_the_row(desk, job):
    path = links.make(desk, job.id, 0, hours=1)
    value = signing.read(desk, "link", token(path))
    left = datetime.fromtimestamp(value[4], UTC) - datetime.now(UTC)
    assert timedelta(hours=1) <= left <= timedelta(hours=2)
    value[4] = int(datetime.now(UTC).timestamp()) - 1
    with pytest.raises(NotFound):
        links.open(desk, signing.sign(desk, "link", value))


def test_a_token_for_another_purpose_opens_nothing(desk, job):
    value = signing.read(desk, "link", token(links.make(desk, job.id, 0)))
    for wrong in (signing.sign(desk, "upload", value), signing.sign_for_now(desk, "link", value), "", "x.y"):
        with pytest.raises(NotAllowed):
            links.open(desk, wrong)


@pytest.mark.parametrize("hours", [-1, 24 * 400])
def test_an_expiry_nobody_needs_is_refused(desk, job, hours):
    with pytest.raises(BadInput):
        links.make(desk, job.id, 0, hours=hours)


def test_there_is_no_link_to_what_is_not_there(desk, stranger, job, dataset_factory):
    with pytest.raises(NotFound):
        links.make(desk, job.id, 1)
    with pytest.raises(NotFound):
        links.make(stranger, job.id, 0)
    spec = ExportSpec.model_validate(job.payload["spec"])
    waiting = exports.start(desk, spec)
    for n in (0, links.RECEIPT):
        with pytest.raises(Conflict):
            links.make(desk, waiting.id, n)


def test_nobody_revokes_another_workspaces_link(desk, stranger, job):
    path = links.make(desk, job.id, 0)
    (link,) = links.list(desk, job.id)
    with pytest.raises(NotFound):
        links.revoke(stranger, link.id)
    with pytest.raises(NotFound):
        links.list(stranger, job.id)
    links.open(desk, token(path))


def test_links_to_what_somebody_keeps_to_themselves_are_theirs_alone(desk, job):
    links.make(desk, job.id, 0)
    (link,) = links.list(desk, job.id)
    colleague = add_person(desk, "Budi", Role.EDITOR)
    with pytest.raises(NotFound):
        links.list(colleague, job.id)
    with pytest.raises(NotFound):
        links.revoke(colleague, link.id)
    sharing.share(desk, "export", job.id)
    assert [one.id for one in links.list(colleague, job.id)] == [link.id]


def test_revoking_a_link_twice_is_noted_once(desk, job):
    links.make(desk, job.id, 0, hours=5)
    (link,) = links.list(desk, job.id)
    links.revoke(desk, link.id)
    links.revoke(desk, link.id)
    assert audit.list(desk, actions=["exports.link_revoked"])[1] == 1


def test_a_link_rests_while_its_export_is_in_the_bin(desk, job):
    path = links.make(desk, job.id, 0)
    exports.delete(desk, job.id)
    with pytest.raises(NotFound):
        links.open(desk, token(path))
    exports.restore(desk, job.id)
    assert links.open(desk, token(path)).file.path.is_file()


def test_a_link_that_is_handed_out_or_revoked_is_noted_and_a_pages_own_is_not(desk, job):
    links.make(desk, job.id)
    assert [e.action for e in audit.list(desk, actions=("exports.linked",))[0]] == []
    links.make(desk, job.id, hours=5)
    for link in links.list(desk, job.id):
        links.revoke(desk, link.id)
    found, _ = audit.list(desk, actions=("exports.linked", "exports.link_revoked"))
    assert {audit.sentence(e) for e in found} == {
        "made a download link to Leute",
        "revoked a download link to Leute",
    }
    assert found[-1].details["until"]


def test_whoever_downloads_by_link_is_noted_with_where_they_are(desk, job):
    opened = links.open(desk, token(links.make(desk, job.id)), Caller(address="203.0.113.9", agent="curl/8"))
    exports.downloaded(opened.desk, opened.file, link=opened.link_id)
    (entry,), _ = audit.list(desk, actions=("exports.downloaded",))
    assert (entry.actor, entry.subject) == ("Owner (by link)", "Leute.csv")
    assert (entry.address, entry.agent) == ("203.0.113.9", "curl/8")
    assert entry.details == {"export": job.id, "link": opened.link_id, "private": desk.account_id}


def test_a_link_with_a_password_opens_with_it_alone(desk, job):
    path = links.make(desk, job.id, 0, hours=5, password="open sesame")
    with pytest.raises(WrongPassword) as asked:
        links.open(desk, token(path))
    assert asked.value.details["asked"]
    with pytest.raises(WrongPassword, match="not the password"):
        links.open(desk, token(path), password="open says me")
    assert links.open(desk, token(path), password="open sesame").file == exports.file(desk, job.id, 0)
    assert "sesame" not in str([link.model_dump() for link in links.list(desk, job.id)])
    links.open(desk, token(links.make(desk, job.id, 0, hours=5)))  # another one to the same file asks for nothing


def test_a_password_is_set_and_taken_away_later(desk, job):
    path = links.make(desk, job.id, 0, hours=5)
    (link,) = links.list(desk, job.id)
    with pytest.raises(BadInput, match="6 to 128"):
        links.set_password(desk, link.id, "short")
    links.set_password(desk, link.id, "open sesame")
    with pytest.raises(WrongPassword):
        links.open(desk, token(path))
    links.set_password(desk, link.id, "")
    links.open(desk, token(path))
    assert audit.list(desk, actions=["exports.link_password"])[1] == 2


def test_nobody_tries_passwords_for_long(desk, job):
    path = links.make(desk, job.id, 0, hours=5, password="open sesame")
    for _ in range(links.PER_LINK.most):
        with pytest.raises(WrongPassword):
            links.open(desk, token(path), password="a guess")
    with pytest.raises(TooMany):
        links.open(desk, token(path), password="open sesame")


def test_who_fetched_a_file_stands_with_its_link(desk, job):
    path = links.make(desk, job.id, 0, hours=5)
    for address in ("203.0.113.5", "203.0.113.6"):
        links.downloaded(links.open(desk, token(path), Caller(address=address, agent="curl/8")))
    [(_, fetched)] = links.downloads(desk, job.id).items()
    assert [(one.address, one.agent) for one in fetched] == [("203.0.113.6", "curl/8"), ("203.0.113.5", "curl/8")]
    assert audit.list(desk, actions=["exports.downloaded"])[1] == 2


def test_later_pieces_of_a_file_are_noted_where_nothing_of_it_was_fetched_today(desk, job):
    path = links.make(desk, job.id, hours=5)
    for address, piece in (("1.1.1.1", False), ("1.1.1.1", True), ("2.2.2.2", True), ("2.2.2.2", True)):
        links.downloaded(links.open(desk, token(path), Caller(address=address)), piece=piece)
    ((_, found),) = links.downloads(desk, job.id).items()
    assert sorted(one.address for one in found) == ["1.1.1.1", "2.2.2.2"]
    assert audit.list(desk, actions=["exports.downloaded"])[1] == 2


def test_a_pages_own_link_is_not_one_that_was_handed_out(desk, job):
    links.make(desk, job.id)
    links.make(desk, job.id, hours=desk.settings.link_hours)
    assert sorted(link.handed_out for link in links.list(desk, job.id)) == [False, True]
