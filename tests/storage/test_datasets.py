"""Datasets and versions: numbers that count up, slugs that stay free of each other, a bin that keeps what is in use."""

import pytest

from storage import bin, datasets, workspaces
from storage.scope import Scope
from storage.tables import new_id

PARTS = {
    "rows": 1,
    "bytes": 10,
    "columns": [{"id": "c1", "name": "n", "kind": "whole"}],
    "understood": {"format": "csv"},
    "profile": [],
    "source_name": "a.csv",
    "sha256": "0" * 64,
}


@pytest.fixture
def add(place):
    def add(name="Team", **parts):
        with place.store.writing() as session:
            dataset = datasets.add(session, place.workspace_id, place.account_id, name=name)
            datasets.add_version(session, dataset, new_id(), place.account_id, **PARTS | parts)
        return dataset

    return add


def there(session, place, name, **more):
    found = datasets.get(session, Scope(place.workspace_id), name, **more)
    assert found is not None
    return found


def get(place, name, **more):
    with place.store.reading() as session:
        return datasets.get(session, Scope(place.workspace_id), name, **more)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Gäste & Tickets (2026)", "gaste-tickets-2026"),
        ("  ", "dataset"),
        ("../../etc", "etc"),
        ("日本 データ", "日本-データ"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_slug_is_what_an_address_can_hold(name, slug):
    assert datasets.slug_of(name) == slug


def test_the_same_name_gets_the_next_free_slug(add):
    assert [add().slug for _ in range(3)] == ["team", "team-2", "team-3"]
    assert add("Team 2").slug == "team-2-2"


def test_a_dataset_is_found_by_id_and_by_slug_without_case(place, add):
    dataset = add()
    assert get(place, dataset.id).id == get(place, "TEAM").id == dataset.id
    assert get(place, "other") is None


def test_versions_count_up_and_the_last_is_current(place, add):
    dataset = add()
    with place.store.writing() as session:
        again = there(session, place, dataset.id)
        second = datasets.add_version(session, again, new_id(), place.account_id, **PARTS)
    with place.store.reading() as session:
        assert [v.number for v in datasets.versions(session, Scope(place.workspace_id), dataset.id)] == [2, 1]
    assert get(place, "team").version_id == second.id


def test_another_workspace_sees_none_of_it(place, add):
    dataset = add()
    with place.store.writing() as session:
        theirs, _ = workspaces.create(session, "Theirs", "UTC", "Them")
        assert datasets.get(session, Scope(theirs.id), dataset.id) is None
        assert datasets.get(session, Scope(theirs.id), dataset.slug) is None
        assert datasets.version(session, Scope(theirs.id), dataset.version_id) is None
        assert list(datasets.list(session, Scope(theirs.id))) == []


def test_the_bin_frees_the_slug_and_gives_back_under_another(place, add):
    dataset = add()
    with place.store.writing() as session:
        bin.put(session, there(session, place, "team"))
    assert get(place, "team") is None
    assert get(place, dataset.id) is None
    assert get(place, dataset.id, binned=True).id == dataset.id
    assert add().slug == "team"
    with place.store.writing() as session:
        back = there(session, place, dataset.id, binned=True)
        assert datasets.restore(session, back).slug == "team-2"
