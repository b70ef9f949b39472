"""Projects: what belongs together, and filters of every list."""

from __future__ import annotations

import pytest

from core import audit, datasets, exports, projects
from core.errors import BadInput, Conflict, Forbidden, NotFound
from core.templating import templates
from core.things import Within
from storage.tables import Role
from tests.things import add_person, make_things, spec


@pytest.fixture
def budi(desk):
    return add_person(desk, "Budi", Role.EDITOR)


def test_a_project_is_made_renamed_put_away_and_taken_back(desk):
    made = projects.make(desk, "  Spring   School ")
    assert [p.name for p in projects.list(desk)] == ["Spring School"]
    projects.rename(desk, made.id, "Summer")
    projects.archive(desk, made.id)
    assert (list(projects.list(desk)), [p.name for p in projects.list(desk, archived=True)]) == ([], ["Summer"])
    projects.archive(desk, made.id, False)
    assert [p.name for p in projects.list(desk)] == ["Summer"]
    assert [e.action for e in audit.list(desk)[0]] == [
        "projects.taken_back",
        "projects.archived",
        "projects.changed",
        "projects.made",
    ]


def test_no_two_projects_are_called_the_same_also_in_the_archive(desk):
    spring, other = projects.make(desk, "Spring"), projects.make(desk, "Other")
    projects.archive(desk, spring.id)
    with pytest.raises(Conflict) as refused:
        projects.make(desk, "SPRING")
    assert "take it back" in refused.value.next_step
    with pytest.raises(Conflict):
        projects.rename(desk, other.id, "spring")
    projects.rename(desk, other.id, "OTHER")
    with pytest.raises(BadInput):
        projects.make(desk, "  ")


def test_every_list_shows_one_project_or_all(desk):
    its, rest = make_things(desk, "In"), make_things(desk, "Out")
    spring = projects.make(desk, "Spring")
    for kind, thing in (("dataset", its.dataset), ("template", its.template), ("export", its.export)):
        projects.put(desk, kind, thing, spring.id)
    within = Within(project_id=spring.id)
    assert [d.id for d in datasets.list(desk, within=within)] == [its.dataset]
    assert [t.id for t in templates.list(desk, within=within)] == [its.template]
    assert ([e.id for e in exports.list(desk, within=within)[0]], exports.list(desk, within=within)[1]) == (
        [its.export],
        1,
    )
    assert {d.id for d in datasets.list(desk)} == {its.dataset, rest.dataset}
    assert projects.counts(desk) == {spring.id: {"dataset": 1, "template": 1, "export": 1}}
    projects.put(desk, "dataset", its.dataset, None)
    assert list(datasets.list(desk, within=within)) == []


def test_every_list_shows_ones_own_or_that_of_others(desk, budi):
    mine, his, hidden = make_things(desk, "Mine"), make_things(budi, "His", shared=True), make_things(budi, "Hidden")
    for whose, expected in (("mine", mine), ("others", his)):
        within = Within(whose=whose)
        assert [d.id for d in datasets.list(desk, within=within)] == [expected.dataset]
        assert [t.id for t in templates.list(desk, within=within)] == [expected.template]
        assert [e.id for e in exports.list(desk, within=within)[0]] == [expected.export]
    assert hidden.dataset not in {d.id for d in datasets.list(desk)}


def test_a_project_counts_only_what_somebody_may_see(desk, budi):
    spring = projects.make(desk, "Spring")
    its = make_things(budi, "Hidden")
    projects.put(budi, "dataset", its.dataset, spring.id)
    assert projects.counts(budi) == {spring.id: {"dataset": 1}}
    assert projects.counts(desk) == {}
    datasets.move_to_bin(budi, its.dataset)
    assert projects.counts(budi) == {}


def test_nothing_is_put_into_a_project_that_is_archived_or_of_another_workspace(desk, stranger):
    its, theirs = make_things(desk, "Mine"), projects.make(stranger, "Theirs")
    gone = projects.make(desk, "Gone")
    projects.archive(desk, gone.id)
    with pytest.raises(Conflict, match="“Gone” is archived"):
        projects.put(desk, "dataset", its.dataset, gone.id)
    with pytest.raises(NotFound):
        projects.put(desk, "dataset", its.dataset, theirs.id)
    for attempt in (
        lambda: projects.rename(desk, theirs.id, "Mine"),
        lambda: projects.archive(desk, theirs.id),
        lambda: projects.get(desk, theirs.id),
        lambda: projects.put(stranger, "dataset", its.dataset, theirs.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert datasets.get(desk, its.dataset).project_id is None


def test_a_viewer_sees_projects_and_is_refused_with_a_note(desk):
    viewer = add_person(desk, "Citra", Role.VIEWER)
    shared = make_things(desk, "Shared", shared=True)
    projects.make(desk, "Spring")
    assert [p.name for p in projects.list(viewer)] == ["Spring"]
    with pytest.raises(Forbidden, match="you are a viewer"):
        projects.put(viewer, "dataset", shared.dataset, None)
    assert audit.list(desk)[0][0].refused


def test_what_is_made_of_a_projects_data_begins_in_that_project(desk):
    its, other = make_things(desk, "In"), make_things(desk, "Out")
    spring, autumn = projects.make(desk, "Spring"), projects.make(desk, "Autumn")
    projects.put(desk, "dataset", its.dataset, spring.id)
    assert exports.start(desk, spec(its.dataset)).project_id == spring.id
    kept = templates.save(desk, "Weekly", "", spec(its.dataset))
    assert templates.get(desk, kept.id).project_id == spring.id
    projects.put(desk, "template", kept.id, autumn.id)
    assert templates.run(desk, kept.id).project_id == autumn.id
    both = spec(its.dataset).model_copy(update={"sources": (*spec(its.dataset).sources, *spec(other.dataset).sources)})
    assert exports.start(desk, both).project_id is None
