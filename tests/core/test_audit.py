"""The audit log: what matters is in it, with who, from where and what was refused; nobody else reads it, nothing rewrites it."""

import string
from dataclasses import replace
from datetime import timedelta

import pytest

from core import audit, choices, datasets, exports, links, samples, sharing, uploads, workspaces
from core.access import accounts, recovery, sign_in, users
from core.desk import Caller
from core.engine.spec import ExportSpec
from core.errors import Conflict, Forbidden, NotAllowed, TooMany
from core.keeping import housekeeping
from core.templating import templates  # fmt: skip
from core.work import inline
from storage import accounts as accounts_rows
from storage import members
from storage.tables import AuditEntry, Role, utc_now
from tests import people

WHERE = Caller("Ana", "203.0.113.9", "Firefox/130")


@pytest.fixture
def ana(desk):
    """The desk in the hands of somebody whose place is known."""
    return replace(desk, caller=WHERE)


def spec(dataset, **output):
    return ExportSpec.model_validate({"sources": [{"dataset": dataset}], "output": {"format": "csv"} | output})


def told(desk, **wanted):
    """What the log says, the oldest first."""
    return [f"{e.actor} {audit.sentence(e)}" for e in reversed(audit.list(desk, size=500, **wanted)[0])]


def note(desk, action="projects.made", thing="Spring", **more):
    with desk.store.writing() as session:
        audit.note(desk, session, action, thing, **more)


def test_every_action_has_a_sentence_with_at_most_the_subject_in_it():
    for words in audit.ACTIONS.values():
        assert {field for _, field, _, _ in string.Formatter().parse(words) if field} <= {"subject"}


def test_every_action_but_a_refusal_and_the_logs_own_is_found_under_a_kind():
    found = {action for group in audit.GROUPS for action in audit.actions_of(group)}
    assert set(audit.ACTIONS) - found == {"refused", "audit.exported"}


def test_an_entry_says_who_what_and_from_where(ana, dataset_factory):
    made = dataset_factory("a\n1\n")
    datasets.rename(ana, made.id, "Guests")
    (entry, *_), _ = audit.list(ana)
    assert (entry.actor, entry.address, entry.agent) == ("Ana", "203.0.113.9", "Firefox/130")
    assert (entry.subject_kind, entry.subject_id, entry.account_id) == ("dataset", made.id, ana.account_id)
    assert (audit.sentence(entry), entry.details) == (
        "changed the dataset People",
        {"name": "Guests", "private": ana.account_id},
    )
    assert utc_now() - entry.at < timedelta(seconds=30)


def test_the_life_of_an_export_is_told_from_the_file_that_came_in(ana, desk):
    upload = uploads.store(ana, "people.csv", b"name\nAyu\n")
    job = datasets.add(ana, upload.id, name="People")
    inline.run_queued(desk)
    made = datasets.job(ana, job.id).result["datasets"][0]
    again = uploads.store(ana, "newer.csv", b"name\nBen\n")
    datasets.add(ana, again.id, replace=made["id"])
    inline.run_queued(desk)
    template = templates.save(ana, "Weekly", "", spec(made["slug"]))
    run = templates.run(ana, template.id)
    inline.run_queued(desk)
    sharing.share(ana, "dataset", made["id"])
    sharing.share(ana, "export", run.id)
    links.make(ana, run.id, hours=3)
    exports.downloaded(ana, exports.file(ana, run.id))
    exports.delete(ana, run.id)
    exports.restore(ana, run.id)
    templates.delete(ana, template.id)
    assert told(ana) == [
        "Owner added the dataset People",
        "Owner replaced the file of the dataset People",
        "Ana saved the template Weekly",
        "Ana ran the export People",
        "Ana shared the dataset People",
        "Ana shared the export People",
        "Ana made a download link to People",
        "Ana downloaded People.csv",
        "Ana deleted the export People",
        "Ana restored the export People",
        "Ana deleted the template Weekly",
    ]


def test_what_was_undone_is_not_told(desk, ana, dataset_factory):
    job = exports.start(desk, spec(dataset_factory("a\n1\n").slug))
    before = told(desk)
    with pytest.raises(Conflict):
        exports.delete(desk, job.id)
    with pytest.raises(Conflict):
        exports.retry(desk, job.id)
    assert told(desk) == before
    exports.cancel(desk, job.id)
    exports.cancel(desk, job.id)
    exports.retry(desk, job.id)
    assert told(desk)[len(before) :] == ["Owner cancelled the export People", "Owner tried the export People again"]


@pytest.fixture
def viewer(desk):
    with desk.store.writing() as session:
        account = accounts_rows.add(session, desk.workspace_id, "Vera")
        members.add(session, desk.workspace_id, account.id, Role.VIEWER)
    return desk.acting_as(desk.workspace_id, account.id, Caller(address="198.51.100.3"))


def test_a_refused_attempt_is_in_the_log_and_nothing_else_happened(desk, viewer):
    with pytest.raises(Forbidden):
        samples.add_sample(viewer, "payments")
    (entry,), total = audit.list(desk, refused=True)
    assert (total, entry.actor, entry.address, entry.refused) == (1, "Vera", "198.51.100.3", True)
    assert audit.sentence(entry) == "was refused: add datasets"


def test_only_administrators_read_it_and_trying_is_noted(desk, viewer):
    for read in (audit.list, audit.people, lambda d: [*audit.each(d, audit.Wanted())]):
        with pytest.raises(Forbidden):
            read(viewer)
    found = told(desk, refused=True)  # the same once a minute: two where one ended in between
    assert set(found) == {"Vera was refused: read the audit log"}
    assert len(found) <= 2


def test_each_workspace_has_its_own(desk, stranger):
    note(desk)
    assert told(stranger) == []
    assert audit.people(stranger) == []


def test_wrong_passwords_are_told_with_the_name_that_was_tried(desk):
    for _ in range(2):
        with pytest.raises(NotAllowed):
            sign_in.with_password(desk, "ana@example.org", "wrong", WHERE)
    found, _ = audit.list(desk, of_installation=True, actions=audit.actions_of("Signing in"), refused=True)
    assert [audit.sentence(e) for e in found] == ["tried to sign in as ana@example.org"] * 2
    assert {e.address for e in found} == {"203.0.113.9"}


def test_a_flood_of_unknown_requests_is_one_entry_a_minute_for_each_address_and_path(desk):
    for address, path in (("a", "GET /x"), ("a", "GET /x"), ("a", "GET /y"), ("b", "GET /x"), ("a", "GET /x")):
        audit.refused_request(desk.of_installation(), Caller(address=address), path, "This token is not known here.")
    found, total = audit.list(desk, of_installation=True)
    assert 3 <= total <= 4  # four where a minute ended in between
    assert {(e.address, e.subject, e.account_id) for e in found} == {
        ("a", "GET /x", None),
        ("a", "GET /y", None),
        ("b", "GET /x", None),
    }


def test_what_whoever_asks_chooses_is_cut(desk):
    note(replace(desk, caller=Caller("x", "y" * 9_000, "z" * 9_000)), thing="n" * 9_000)
    (entry,), _ = audit.list(desk)
    assert {len(entry.address), len(entry.agent), len(entry.subject)} == {audit.LONGEST}


def test_search_person_kind_and_time_narrow_it(ana, viewer):
    note(ana, "projects.made", "Frühling")
    note(ana, "tokens.made", "Reports", scopes=["*"])
    note(viewer, "members.left")
    with ana.store.writing() as session:
        old = session.get(AuditEntry, audit.list(ana, search="FRÜH")[0][0].id)
        old.at = utc_now() - timedelta(days=3)
        session.add(old)
    assert told(ana, search="früh") == ["Ana made the project Frühling"]
    assert told(ana, search="203.0") == ["Ana made the project Frühling", "Ana made the token Reports"]
    assert told(ana, search="%") == []
    assert told(ana, account_id=viewer.account_id) == ["Vera left the workspace"]
    assert told(ana, actions=audit.actions_of("Tokens")) == ["Ana made the token Reports"]
    assert len(told(ana, since=utc_now() - timedelta(days=1))) == 2
    assert told(ana, until=utc_now() - timedelta(days=1)) == ["Ana made the project Frühling"]
    assert [name for _, name in audit.people(ana)] == ["Owner", "Vera"]


def test_pages_follow_each_other_without_a_gap(desk):
    for n in range(25):
        note(desk, thing=f"P{n:02d}")
    pages = [audit.list(desk, page=page, size=10) for page in (1, 2, 3)]
    assert [total for _, total in pages] == [25] * 3
    assert [e.subject for found, _ in pages for e in found] == [f"P{n:02d}" for n in reversed(range(25))]


def test_old_entries_go_as_retention_says(desk):
    note(desk, thing="old")
    note(desk, thing="new")
    with desk.store.writing() as session:
        old = session.get(AuditEntry, audit.list(desk, search="old")[0][0].id)
        old.at = utc_now() - timedelta(days=desk.settings.audit_days + 1)
        session.add(old)
    housekeeping.tidy(desk)
    assert [e.subject for e in audit.list(desk)[0]] == ["new"]


def test_too_many_wrong_passwords_end_in_a_limit_and_are_all_told(desk):
    for _ in range(accounts.PER_ACCOUNT.most):
        with pytest.raises(NotAllowed):
            sign_in.with_password(desk, "ana@example.org", "wrong", WHERE)
    with pytest.raises(TooMany):
        sign_in.with_password(desk, "ana@example.org", "wrong", WHERE)
    assert audit.list(desk, of_installation=True, refused=True)[1] >= accounts.PER_ACCOUNT.most


def test_what_concerns_the_whole_desk_is_in_its_own_log_whichever_workspace_one_is_in(team_desk):
    elsewhere = team_desk.acting_as(workspaces.make(team_desk, "Elsewhere").id, team_desk.account_id)
    budi = people.somebody(team_desk, "budi@example.org")
    choices.choose(elsewhere, choices.Mail, host="mail.example.org")
    users.close(elsewhere, budi.account_id)
    users.close(team_desk, budi.account_id, False)
    recovery.make_link(elsewhere, budi.account_id)
    with pytest.raises(NotAllowed):
        sign_in.with_password(team_desk, "nobody@example.org", "wrong", WHERE)
    with pytest.raises(Forbidden):
        workspaces.make(budi, "Mine")
    assert told(team_desk, of_installation=True) == [
        "Ana set up this desk",
        "Ana made the workspace Elsewhere",
        "Ana changed the settings of the installation",
        "Ana closed the account of Budi",
        "Ana opened the account of Budi again",
        "Ana asked for a link for a new password of Budi",
        " tried to sign in as nobody@example.org",
        "Budi was refused: make workspaces",
    ]
    assert audit.people(team_desk, of_installation=True) == [
        (team_desk.account_id, "Ana"),
        (budi.account_id, "Budi"),
    ]
    assert told(elsewhere) == []
    assert told(team_desk) == [
        "Ana signed in",
        "Ana invited whoever has the link",
        "Budi signed in",
        "Budi joined the workspace",
    ]


def test_the_log_of_the_installation_is_for_its_administrators(team_desk):
    owner = people.somebody(team_desk, "budi@example.org", Role.ADMIN)
    reads = (
        lambda d: audit.list(d, of_installation=True),
        lambda d: audit.people(d, of_installation=True),
        lambda d: [*audit.each(d, audit.Wanted(), of_installation=True)],
    )
    for read in reads:
        with pytest.raises(Forbidden, match="not an administrator of this installation"):
            read(owner)
        assert read(replace(team_desk, role=Role.VIEWER))  # whatever they are in the workspace they look at
