"""The audit log's rows: found by each condition, in order, a page or a batch at a time, on both databases."""

from datetime import timedelta

import pytest

from storage import audit
from storage.audit import Wanted
from storage.tables import AuditEntry, utc_now
from tests.storage.plans import plan

NOW = utc_now()


@pytest.fixture
def add(place):
    def add(subject="Spring", minutes=0, **parts):
        wanted = {
            "workspace_id": place.workspace_id,
            "account_id": place.account_id,
            "actor": "Me",
            "action": "projects.made",
        } | parts
        with place.store.writing() as session:
            audit.add(session, AuditEntry(subject=subject, at=NOW - timedelta(minutes=minutes), **wanted))

    return add


def found(place, workspace_id="", **wanted):
    with place.store.reading() as session:
        rows, total = audit.list(session, place.workspace_id if workspace_id == "" else workspace_id, Wanted(**wanted))
    assert total == len(rows)
    return [entry.subject for entry in rows]


def test_the_newest_comes_first_and_each_condition_narrows(place, add):
    add("old", minutes=60, address="203.0.113.9")
    add("Ökonomie", minutes=5, refused=True)
    add("new", action="tokens.made", account_id=None)
    assert found(place) == ["new", "Ökonomie", "old"]
    assert found(place, search="öKO") == ["Ökonomie"]
    assert found(place, search="203.0.113") == ["old"]
    assert found(place, search="_") == []
    assert found(place, actions=("tokens.made",)) == ["new"]
    assert found(place, account_id=place.account_id) == ["Ökonomie", "old"]
    assert found(place, refused=True) == ["Ökonomie"]
    assert found(place, refused=False) == ["new", "old"]
    assert found(place, since=NOW - timedelta(minutes=5)) == ["new", "Ökonomie"]
    assert found(place, until=NOW - timedelta(minutes=5)) == ["old"]


def test_a_workspace_sees_neither_anothers_entries_nor_the_installations(place, add):
    add("theirs", workspace_id="somewhere else")
    add("everybody's", workspace_id=None)
    add("ours")
    assert found(place) == ["ours"]
    assert found(place, workspace_id=None) == ["everybody's"]


def test_every_entry_comes_once_in_batches(place, add):
    for n in range(7):
        add(f"E{n}", minutes=n)
    with place.store.reading() as session:
        batches = [[e.subject for e in batch] for batch in audit.each(session, place.workspace_id, Wanted(), size=3)]
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert [subject for batch in batches for subject in batch] == [f"E{n}" for n in range(7)]


def test_people_are_those_who_did_something_once_each(place, add):
    add()
    add()
    add(account_id=None)
    with place.store.reading() as session:
        assert audit.people(session, place.workspace_id) == [(place.account_id, "Me")]
        assert audit.people(session, "somewhere else") == []


def test_only_what_is_older_is_removed(place, add):
    add("old", minutes=60)
    add("new")
    with place.store.writing() as session:
        assert audit.remove_older(session, NOW - timedelta(minutes=30)) == 1
    assert found(place) == ["new"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("own", [True, False], ids=["workspace", "installation"])
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "ix_audit_entry_list (workspace_id=?)"),
        ({"since": NOW}, "ix_audit_entry_list (workspace_id=? AND at>?)"),
        ({"account_id": "a"}, "ix_audit_entry_of_account (workspace_id=? AND account_id=?)"),
    ],
    ids=["all", "since", "account"],
)
def test_no_list_reads_the_log_of_years_or_sorts_it(place, own, wanted, index):
    workspace_id = place.workspace_id if own else None
    counting, *listing = plan(place.store, lambda session: audit.list(session, workspace_id, Wanted(**wanted)))
    each = plan(place.store, lambda session: [*audit.each(session, workspace_id, Wanted(**wanted))])
    assert counting.startswith("SEARCH audit_entry USING COVERING INDEX ")
    assert listing == each == [f"SEARCH audit_entry USING INDEX {index}"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("own", [True, False], ids=["workspace", "installation"])
def test_who_is_in_the_log_is_looked_up_for_each_account(place, own):
    steps = plan(place.store, lambda session: audit.people(session, place.workspace_id if own else None))
    (look,) = [step for step in steps if "audit_entry" in step]
    assert look.endswith("USING COVERING INDEX ix_audit_entry_of_account (workspace_id=? AND account_id=?)")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_what_is_too_old_is_found_without_reading_the_rest(place):
    (removal,) = plan(place.store, lambda session: audit.remove_older(session, NOW))
    assert removal in {
        f"SEARCH audit_entry USING {kind} ix_audit_entry_at (at<?)" for kind in ("INDEX", "COVERING INDEX")
    }
