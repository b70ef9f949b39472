"""The bin's rows: out of every ordinary look-up, back, or forgotten with all that hangs on them, on both databases."""

from datetime import timedelta

import pytest

from storage import bin, datasets, jobs, links, templates, uses
from storage.scope import Scope
from storage.tables import Dataset, Job, JobKind, JobState, Template, new_id, utc_now
from tests.storage.test_datasets import PARTS


@pytest.fixture
def scope(place):
    return Scope(place.workspace_id, place.account_id)


@pytest.fixture
def made(place):
    """A dataset, a template on it and an export that came of it, with a link and a pin."""
    owner = (place.workspace_id, place.account_id)
    with place.store.writing() as session:
        dataset = datasets.add(session, *owner, name="Team")
        version = datasets.add_version(session, dataset, new_id(), place.account_id, **PARTS)
        template = templates.add(session, *owner, name="Weekly", description="", spec={})
        templates.pin(session, place.account_id, template.id)
        job = jobs.enqueue(
            session, *owner, kind=JobKind.EXPORT, name="Report", payload={}, template_id=template.id,
            resolved={"versions": {"team": version.id}},
        )  # fmt: skip
        links.add(session, *owner, job_id=job.id, file=0, expires_at=utc_now())
    return {Dataset: dataset.id, Template: template.id, Job: job.id}


def ended(place, made):
    with place.store.writing() as session:
        session.get_one(Job, made[Job]).state = JobState.SUCCEEDED


def put(place, made, table):
    with place.store.writing() as session:
        bin.put(session, session.get_one(table, made[table]))


EACH = pytest.mark.parametrize("table", [Dataset, Template, Job])


@EACH
def test_only_the_bin_finds_what_lies_in_it(place, scope, made, table):
    put(place, made, table)
    with place.store.writing() as session:
        assert datasets.get(session, scope, made[Dataset]) is None or table is not Dataset
        assert templates.get(session, scope, made[Template]) is None or table is not Template
        assert jobs.get(session, scope, made[Job]) is None or table is not Job
        assert [one.id for one in bin.list(session, scope, table)] == [made[table]]
        found = bin.get(session, scope, table, made[table])
        bin.take_out(session, found)
        assert list(bin.list(session, scope, table)) == []


@EACH
def test_somebody_else_finds_it_only_where_it_was_shared(place, made, table):
    put(place, made, table)
    other = Scope(place.workspace_id, "somebody else")
    with place.store.writing() as session:
        assert bin.get(session, other, table, made[table]) is None
        session.get_one(table, made[table]).shared = True
        assert bin.get(session, other, table, made[table]) is not None
        assert bin.get(session, Scope("another workspace"), table, made[table]) is None


@EACH
def test_a_job_on_its_way_holds_what_it_needs(place, made, table):
    with place.store.reading() as session:
        assert made[table] in uses.held(session)
    ended(place, made)
    with place.store.reading() as session:
        assert made[table] not in uses.held(session)


@EACH
def test_what_is_forgotten_takes_along_all_that_hangs_on_it(place, made, table):
    ended(place, made)
    put(place, made, table)
    with place.store.writing() as session:
        bin.forget(session, session.get_one(table, made[table]))
    with place.store.reading() as session:
        assert session.get(table, made[table]) is None
        if table is Template:
            assert session.get_one(Job, made[Job]).template_id is None


def test_only_what_lay_there_long_enough_is_older(place, made):
    put(place, made, Template)
    with place.store.reading() as session:
        assert list(bin.older(session, Template, utc_now() - timedelta(minutes=1))) == []
        assert [t.id for t in bin.older(session, Template, utc_now() + timedelta(minutes=1))] == [made[Template]]
