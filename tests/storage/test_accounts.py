"""Who there is and what a workspace is called, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from storage import accounts, workspaces
from storage.tables import utc_now


@pytest.fixture
def elsewhere(place):
    with place.store.writing() as session:
        return workspaces.add(session, "elsewhere", "UTC").id


def test_an_address_is_found_and_unique_however_it_is_written(place):
    with place.store.writing() as session:
        zoe = accounts.add(session, place.workspace_id, "Zoë", "Zoe@Example.org")
    with place.store.reading() as session:
        assert accounts.by_email(session, "zoe@example.ORG").id == zoe.id
        assert accounts.by_email(session, "zo_@example.org") is None
    with pytest.raises(IntegrityError), place.store.writing() as session:
        accounts.add(session, place.workspace_id, "Another", "ZOE@example.org")


def test_any_number_of_people_have_no_address_and_no_other_way_in(place):
    with place.store.writing() as session:
        for name in ("Ana", "Budi"):
            accounts.add(session, place.workspace_id, name)
        assert not accounts.anybody_signs_in(session)
        accounts.by_email(session, "nobody@example.org")
        assert [one.name for one in accounts.everybody(session)] == ["Ana", "Budi", "Me"]


@pytest.mark.parametrize("way", ["password_hash", "subject"])
def test_a_desk_is_set_up_once_somebody_has_a_way_in(place, way):
    with place.store.writing() as session:
        setattr(accounts.account(session, place.account_id), way, "x")
    with place.store.reading() as session:
        assert accounts.anybody_signs_in(session)
        assert (accounts.by_subject(session, "x") is not None) == (way == "subject")


def test_only_administrators_who_are_still_there_are_asked(place):
    with place.store.writing() as session:
        other = accounts.add(session, place.workspace_id, "Ana")
        other.administrator = True
    with place.store.writing() as session:
        assert [one.name for one in accounts.administrators(session)] == ["Ana", "Me"]
        accounts.account(session, other.id).disabled_at = utc_now()
        assert [one.name for one in accounts.administrators(session)] == ["Me"]


def test_an_alias_is_one_workspaces_and_replacing_them_is_all_or_nothing(place, elsewhere):
    with place.store.writing() as session:
        assert workspaces.set_aliases(session, place.workspace_id, ["Acme", "shop-1"]) is None
        assert workspaces.set_aliases(session, elsewhere, ["free", "ACME"]) == "acme"
        assert list(workspaces.aliases(session, elsewhere)) == []
    with place.store.writing() as session:
        assert workspaces.by_alias(session, "aCME").id == place.workspace_id
        assert workspaces.set_aliases(session, place.workspace_id, ["shop-1", "new"]) is None
        assert list(workspaces.aliases(session, place.workspace_id)) == ["new", "shop-1"]
        assert workspaces.by_alias(session, "acme") is None


def test_workspaces_are_listed_by_name_without_case_and_found_by_the_domains_they_name(place, elsewhere):
    with place.store.writing() as session:
        workspaces.get(session, elsewhere).email_domains = ["example.org"]
        workspaces.get(session, place.workspace_id).email_domains = ["notexample.org"]
    with place.store.reading() as session:
        assert [one.name for one in workspaces.every(session)] == ["elsewhere", "Mine"]
        assert [one.id for one in workspaces.naming_domain(session, "example.org")] == [elsewhere]
        assert workspaces.get(session, "no such id") is None


def test_a_row_that_is_held_is_read_as_it_is_now(place):
    with place.store.writing() as session:
        assert accounts.account(session, place.account_id, lock=True).name == "Me"
        assert workspaces.get(session, place.workspace_id, lock=True).name == "Mine"
        assert accounts.account(session, "no such id", lock=True) is None
