"""What uses a dataset, on both databases: exports it was made of, jobs on their way, templates that name it."""

import pytest
from sqlmodel import select

from storage import datasets, jobs, templates, uses
from storage.scope import Scope
from storage.tables import Dataset, Job, JobDataset, JobKind, JobState, TemplateDataset, new_id, utc_now
from tests.storage.plans import plan
from tests.storage.test_datasets import PARTS


@pytest.fixture
def dataset(place):
    """Make a dataset with a version, by its name."""

    def make(name):
        with place.store.writing() as session:
            made = datasets.add(session, place.workspace_id, place.account_id, name=name)
            datasets.add_version(session, made, new_id(), place.account_id, **PARTS)
        return made

    return make


def another_version(place, dataset):
    with place.store.writing() as session:
        there = session.get_one(Dataset, dataset.id)
        return datasets.add_version(session, there, new_id(), place.account_id, **PARTS).id


def export(place, *versions, **parts):
    return place.job(resolved={"versions": {f"name {n}": v for n, v in enumerate(versions)}}, **parts)


def change(place, table, thing_id, **values):
    with place.store.writing() as session:
        thing = session.get_one(table, thing_id)
        for name, value in values.items():
            setattr(thing, name, value)


def template(place, name, *named):
    spec = {"sources": [{"dataset": one} for one in named]}
    with place.store.writing() as session:
        return templates.add(session, place.workspace_id, place.account_id, name=name, description="", spec=spec)


def ask(place, question, *values):
    with place.store.reading() as session:
        return question(session, *values)


def test_exports_count_once_a_dataset_from_any_of_its_versions_until_they_are_deleted(place, dataset):
    guests, towns = dataset("Guests"), dataset("Towns")
    later = another_version(place, guests)
    export(place, guests.version_id, later)
    deleted = export(place, later, towns.version_id)
    export(place, "of a dataset that is gone")
    place.job(kind=JobKind.INGEST, payload={"dataset": guests.id})
    assert ask(place, uses.counts, Scope(place.workspace_id)) == {guests.id: 2, towns.id: 1}
    assert ask(place, uses.counts, Scope("another workspace")) == {}
    change(place, Job, deleted.id, deleted_at=utc_now())
    assert ask(place, uses.counts, Scope(place.workspace_id)) == {guests.id: 1}


def test_exports_that_others_keep_to_themselves_do_not_count(place, dataset):
    guests = dataset("Guests")
    kept, shared = export(place, guests.version_id), export(place, guests.version_id)
    change(place, Job, shared.id, shared=True)
    assert ask(place, uses.counts, Scope(place.workspace_id, place.account_id)) == {guests.id: 2}
    assert ask(place, uses.counts, Scope(place.workspace_id, "a colleague")) == {guests.id: 1}
    change(place, Job, kept.id, shared=True)
    assert ask(place, uses.counts, Scope(place.workspace_id, "a colleague")) == {guests.id: 2}


def test_exports_on_their_way_are_those_that_wait_or_run(place, dataset):
    guests = dataset("Guests")
    states = {state: export(place, guests.version_id, name=state.value) for state in JobState}
    for state, job in states.items():
        change(place, Job, job.id, state=state)
    place.job(kind=JobKind.VALIDATE, name="a comparison", payload={"dataset": guests.id})
    assert [one.name for one in ask(place, uses.exports_on_their_way, guests)] == ["queued", "running"]
    assert ask(place, uses.exports_on_their_way, dataset("Towns")) == []


def test_a_template_names_its_datasets_by_slug_or_id_until_its_spec_is_another(place, dataset):
    guests, towns = dataset("Guests"), dataset("Towns")
    by_slug = template(place, "by slug", "GUESTS", "towns", "guests")
    by_id = template(place, "By id", guests.id)
    assert [one.name for one in ask(place, uses.templates, guests)] == ["By id", "by slug"]
    with place.store.writing() as session:
        scope = Scope(place.workspace_id)
        templates.update(session, scope, by_slug.id, spec={"sources": [{"dataset": "towns"}]})
        templates.update(session, scope, by_id.id, name="Renamed")
    assert [one.name for one in ask(place, uses.templates, guests)] == ["Renamed"]
    assert [one.name for one in ask(place, uses.templates, towns)] == ["by slug"]
    change(place, type(by_slug), by_slug.id, deleted_at=utc_now())
    assert ask(place, uses.templates, towns) == []


def test_a_job_that_replaces_a_file_holds_its_dataset_and_the_upload(place, dataset):
    guests = dataset("Guests")
    job = place.job(kind=JobKind.INGEST, payload={"dataset": guests.id, "upload": "u"})
    place.job(kind=JobKind.INGEST, payload={"dataset": None, "version": guests.version_id})
    assert guests.id in ask(place, uses.held)
    assert ask(place, jobs.active_uploads) == {"u"}
    change(place, Job, job.id, state=JobState.SUCCEEDED)
    assert guests.id not in ask(place, uses.held)
    assert ask(place, jobs.active_uploads) == set()


def test_what_is_forgotten_is_used_by_nothing_and_uses_nothing(place, dataset):
    guests = dataset("Guests")
    job, saved = export(place, guests.version_id), template(place, "Weekly", "guests")
    with place.store.writing() as session:
        jobs.delete(session, session.get_one(Job, job.id))
        session.delete(session.get_one(type(saved), saved.id))
        session.flush()
        for table in (JobDataset, TemplateDataset):
            assert session.exec(select(table)).all() == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_nothing_reads_every_job_or_template(place, dataset):
    guests = dataset("Guests")
    export(place, guests.version_id)
    template(place, "Weekly", "guests")
    for question in (
        lambda session: uses.counts(session, Scope(place.workspace_id, place.account_id)),
        lambda session: uses.templates(session, guests),
        lambda session: uses.exports_on_their_way(session, guests),
        uses.held,
        jobs.active_uploads,
    ):
        steps = plan(place.store, question)
        assert steps
        assert not [step for step in steps if step.startswith("SCAN") and "SUBQUERY" not in step], steps
    counting = plan(place.store, lambda session: uses.counts(session, Scope(place.workspace_id, place.account_id)))
    assert "SEARCH job USING COVERING INDEX ix_job_counted (workspace_id=? AND kind=? AND deleted_at=?)" in counting
