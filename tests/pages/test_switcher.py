"""The workspace one is in, and the way to another."""

from __future__ import annotations

import pytest

from core import projects, workspaces
from pages.components import switcher as switching
from storage import members as rows
from storage.tables import Role
from tests.pages.driving import button, field, texts
from tests.things import add_person


@pytest.fixture
def budi(page_desk):
    """An editor, who is no administrator of the installation."""
    return add_person(page_desk, "Budi", Role.EDITOR)


def switcher(app):
    return next((b for b in app.get("menu_button") if "workspace_menu" in b.proto.id), None)


def test_on_a_desk_for_one_person_there_is_nothing_to_switch(open_page):
    assert switcher(open_page("projects.py")) is None


def test_somebody_of_one_workspace_sees_no_switcher(page_as, budi):
    assert switcher(page_as(budi, "projects.py")) is None


def test_somebody_of_two_goes_over_and_sees_only_what_is_there(page_as, page_desk, budi):
    other = workspaces.make(page_desk, "Finance")
    with page_desk.store.writing() as session:
        rows.add(session, other.id, budi.account_id, Role.VIEWER)
    projects.make(page_desk, "Of the team")
    app = page_as(budi, "projects.py")
    assert any("Of the team" in b.label for b in app.button)
    switcher(app).set_value(other.id).run()
    assert switcher(app).label == "Finance"
    assert not any("Of the team" in b.label for b in app.button)
    app.switch_page("projects.py").run()
    assert "No projects yet" in texts(app)
    assert button(app, "New project").disabled  # a viewer here, an editor there


def test_an_administrator_of_the_installation_makes_a_workspace_and_is_in_it(page_as, page_desk):
    app = page_as(page_desk.acting_as(page_desk.workspace_id, page_desk.account_id), "projects.py")
    switcher(app).set_value(switching.NEW).run()
    field(app.text_input, "Name").set_value("Finance")
    button(app, "Make it").click().run()
    assert [place.name for place, _ in workspaces.mine(page_desk)] == ["Finance", "My workspace"]
    assert switcher(app).label == "Finance"


def test_somebody_goes_over_from_a_list_that_is_narrowed_and_its_filters_stay_behind(page_as, page_desk):
    """What is bound to a filter cannot be cleared from the address as other things are."""
    other = workspaces.make(page_desk, "Finance")
    app = page_as(
        page_desk.acting_as(page_desk.workspace_id, page_desk.account_id), "activity.py", log="The installation"
    )
    switcher(app).set_value(other.id).run()
    assert not app.exception
    assert switcher(app).label == "Finance"
    assert app.title[0].value == "Home"
    assert not app.query_params


def test_a_workspace_without_a_name_is_not_made(page_as, page_desk):
    app = page_as(page_desk.acting_as(page_desk.workspace_id, page_desk.account_id), "projects.py")
    switcher(app).set_value(switching.NEW).run()
    button(app, "Make it").click().run()
    assert "A name has 1 to" in app.error[0].value.replace("\\", "")
    assert len(workspaces.mine(page_desk)) == 1
