"""Whose rows a question sees, on both databases."""

from __future__ import annotations

import itertools

import pytest
from sqlmodel import select

from storage import accounts, members, projects, workspaces
from storage.scope import Scope, Within, narrowed, visible
from storage.tables import Dataset, Role, Template


@pytest.fixture
def rows(place):
    """Templates of two people and of another workspace, shared or not, in a project or not; named so."""
    with place.store.writing() as session:
        other = accounts.add(session, place.workspace_id, "Budi", "budi@example.org")
        members.add(session, place.workspace_id, other.id, Role.EDITOR)
        elsewhere, stranger = workspaces.create(session, "Elsewhere", "UTC", "Stranger")
        project = projects.add(session, place.workspace_id, place.account_id, "Spring")
        owners = {"mine": (place.workspace_id, place.account_id), "his": (place.workspace_id, other.id),
                  "strange": (elsewhere.id, stranger.id)}  # fmt: skip
        for (name, (workspace, owner)), shared, inside in itertools.product(owners.items(), (0, 1), (0, 1)):
            session.add(
                Template(
                    workspace_id=workspace,
                    owner_id=owner,
                    name=f"{name}{' shared' * shared}{' inside' * inside}",
                    shared=bool(shared),
                    project_id=project.id if inside else None,
                    spec={},
                )
            )
    return project.id


def names(place, condition):
    with place.store.reading() as session:
        return {t.name for t in session.exec(select(Template).where(condition)).all()}


def test_ones_own_and_what_is_shared_is_visible_and_nothing_of_another_workspace(place, rows):
    scope = Scope(place.workspace_id, place.account_id)
    assert names(place, visible(Template, scope)) == {
        "mine",
        "mine shared",
        "mine inside",
        "mine shared inside",
        "his shared",
        "his shared inside",
    }


def test_the_desk_itself_sees_all_of_a_workspace_and_nothing_of_another(place, rows):
    found = names(place, visible(Template, Scope(place.workspace_id)))
    assert len(found) == 8
    assert not any(name.startswith("strange") for name in found)


def test_a_list_can_be_narrowed_but_never_widened(place, rows):
    scope = Scope(place.workspace_id, place.account_id)
    everything = names(place, visible(Template, scope))
    for project, whose in itertools.product((None, rows, "unknown"), (None, "mine", "others")):
        found = names(place, narrowed(Template, scope, Within(project, whose)))
        assert found <= everything
        expected = {
            name
            for name in everything
            if (project is None or (project == rows and "inside" in name))
            and (whose is None or name.startswith("mine" if whose == "mine" else "his"))
        }
        assert found == expected


def test_a_project_counts_what_somebody_sees(place, rows):
    with place.store.reading() as session:
        assert projects.counts(session, Scope(place.workspace_id, place.account_id), Template) == [(rows, 3)]
        assert projects.counts(session, Scope(place.workspace_id), Template) == [(rows, 4)]
        assert projects.counts(session, Scope(place.workspace_id), Dataset) == []
