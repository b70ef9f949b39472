"""Projects and sharing on the screens: of the list, of each thing, and as each role sees them."""

from __future__ import annotations

import pytest

from core import datasets, exports, projects, sharing
from core.access import members
from core.errors import NotFound
from core.templating import templates
from storage.tables import Role
from tests.pages.driving import button, field, texts
from tests.things import add_person, make_things


@pytest.fixture
def ana(page_desk):
    return add_person(page_desk, "Ana", Role.OWNER)


@pytest.fixture
def budi(ana):
    return add_person(ana, "Budi", Role.EDITOR)


def choose(app, thing_id, action):
    next(b for b in app.get("menu_button") if thing_id in b.proto.id).set_value(action).run()
    return app


def test_no_project_invites_to_make_one_and_nothing_else_mentions_projects(open_page, page_desk):
    make_things(page_desk, "Mine")
    app = open_page("projects.py")
    assert "No projects yet" in texts(app)
    button(app, "New project").click().run()
    field(app.text_input, "Name").set_value("Spring")
    button(app, "Make it").click().run()
    assert [p.name for p in projects.list(page_desk)] == ["Spring"]


def test_on_a_desk_for_one_person_there_are_projects_but_nobody_to_share_with(open_page, page_desk):
    its = make_things(page_desk, "Mine")
    slug = datasets.get(page_desk, its.dataset).slug
    app = open_page("data/data.py", dataset=slug)
    assert not [s for s in app.selectbox if s.label in ("Seen by", "Project of this")]
    spring = projects.make(page_desk, "Spring")
    app = open_page("data/data.py", dataset=slug)
    assert not [s for s in app.selectbox if s.label == "Seen by"]
    field(app.selectbox, "Project of this").set_value(spring.id).run()
    assert datasets.get(page_desk, its.dataset).project_id == spring.id
    assert "workspace_menu" not in "".join(b.proto.id for b in app.get("menu_button"))


@pytest.mark.parametrize("page", ["data/data.py", "exports/my_exports.py", "templates/templates.py"])
def test_every_list_can_be_narrowed_to_a_project_by_its_address(open_page, page_desk, page):
    inside = make_things(page_desk, "Inside")
    make_things(page_desk, "Outside")
    spring = projects.make(page_desk, "Spring")
    for kind in ("dataset", "export", "template"):
        projects.put(page_desk, kind, getattr(inside, kind), spring.id)
    app = open_page(page)
    assert "Outside" in texts(app) + str([b.label for b in app.button])
    field(app.selectbox, "Project").set_value("Spring").run()
    shown = texts(app) + str([b.label for b in app.button])
    assert "Inside" in shown
    assert "Outside" not in shown


@pytest.mark.parametrize("page", ["data/data.py", "exports/my_exports.py", "templates/templates.py"])
def test_things_of_others_say_whose_they_are_and_can_be_left_out(page_as, ana, budi, page):
    make_things(budi, "His", shared=True)
    make_things(budi, "Hidden")
    make_things(ana, "Mine")
    app = page_as(ana, page)
    shown = texts(app) + str([b.label for b in app.button])
    assert "His" in shown
    assert "Hidden" not in shown
    assert "by Budi" in texts(app)
    pills = next(b for b in app.get("button_group") if "whose" in b.proto.id)
    pills.set_value("Mine").run()
    assert "by Budi" not in texts(app)


def test_a_project_shows_what_is_in_it_and_is_renamed_archived_and_taken_back(open_page, page_desk):
    its = make_things(page_desk, "Mine")
    spring = projects.make(page_desk, "Spring")
    projects.put(page_desk, "template", its.template, spring.id)
    projects.put(page_desk, "export", its.export, spring.id)
    app = open_page("projects.py", project=spring.id)
    assert "1 export · 1 template" in texts(app)
    assert [b.label for b in app.button if b.label.startswith("Mine")] == ["Mine export", "Mine template"]

    app = choose(open_page("projects.py"), spring.id, "Rename")
    field(app.text_input, "Name").set_value("Summer")
    button(app, "Save").click().run()
    assert projects.get(page_desk, spring.id).name == "Summer"
    app = choose(open_page("projects.py"), spring.id, "Archive")
    assert "All projects are in the archive." in texts(app)
    assert projects.list(page_desk, archived=True)


def test_a_viewer_sees_projects_and_is_told_why_they_cannot_make_one(page_as, ana):
    projects.make(ana, "Spring")
    viewer = add_person(ana, "Vera", Role.VIEWER)
    app = page_as(viewer, "projects.py")
    assert button(app, "New project").disabled
    assert "Ask Ana" in button(app, "New project").help
    assert any("Spring" in b.label for b in app.button)


def test_a_dataset_is_shared_and_kept_to_oneself_again(page_as, ana, budi):
    its = make_things(budi, "His")
    slug = datasets.get(budi, its.dataset).slug
    app = page_as(budi, "data/data.py", dataset=slug)
    field(app.selectbox, "Seen by").set_value(True).run()
    assert datasets.get(ana, its.dataset).shared
    app = page_as(budi, "data/data.py", dataset=slug)
    field(app.selectbox, "Seen by").set_value(False).run()
    with pytest.raises(NotFound):
        datasets.get(ana, its.dataset)


def test_others_see_how_a_thing_is_shared_and_only_administrators_change_it(page_as, ana, budi):
    its = make_things(ana, "Hers", shared=True)
    for role, may in ((Role.EDITOR, False), (Role.ADMIN, True)):
        members.change_role(ana, budi.account_id, role)
        app = page_as(ana.acting_as(ana.workspace_id, budi.account_id), "exports/my_exports.py", job=its.export)
        box = field(app.selectbox, "Seen by")
        assert box.disabled is not may
        if not may:
            assert "the owner of this, or an administrator" in box.help
    box.set_value(False).run()
    assert not exports.get(ana, its.export).shared


def test_sharing_a_template_of_private_data_asks_to_share_both(page_as, ana, budi):
    its = make_things(budi, "His")
    app = choose(page_as(budi, "templates/templates.py"), its.template, "Sharing and project")
    field(app.selectbox, "Seen by").set_value(True).run()
    assert "uses data that only you can see" in texts(app)
    assert "His data" in texts(app)
    with pytest.raises(NotFound):
        templates.get(ana, its.template)
    button(app, "Share both").click().run()
    assert templates.get(ana, its.template).shared
    assert datasets.get(ana, its.dataset).shared


def test_what_a_viewer_may_not_do_is_there_and_says_why(page_as, ana):
    make_things(ana, "Hers", shared=True)
    viewer = add_person(ana, "Vera", Role.VIEWER)
    for page, labels in (("data/data.py", ["Add data", "New export"]), ("templates/templates.py", ["Run"])):
        app = page_as(viewer, page)
        for label in labels:
            assert button(app, label).disabled, (page, label)
            assert "Ask Ana" in button(app, label).help
        menu = next(iter(app.get("menu_button"))).proto
        assert menu.disabled == (
            page == "data/data.py"
        )  # of a template one may see the versions, and take a file of it


def test_a_template_is_run_from_a_list_that_is_narrowed(page_as, ana):
    """What the filter is bound to in the address does not come along, and does not stop anybody from going."""
    its = make_things(ana, "Hers")
    app = page_as(ana, "templates/templates.py", whose="Mine")
    button(app, "Run").click().run()
    assert not app.exception
    assert app.title[0].value == "My exports"
    assert {job.template_id for job in exports.list(ana)[0]} >= {its.template}


def test_a_viewer_to_whom_nothing_is_shared_is_not_asked_for_data(page_as, ana):
    viewer = add_person(ana, "Vera", Role.VIEWER)
    assert "Nothing is shared with you yet" in texts(page_as(viewer, "data/data.py"))
    assert "Templates that others share" in texts(page_as(viewer, "templates/templates.py"))
    assert "Exports that others share" in texts(page_as(viewer, "exports/my_exports.py"))
    app = page_as(viewer, "builder/builder.py")
    assert "Only an editor, admin or owner may add datasets." in "".join(i.value.replace("\\", "") for i in app.info)


def test_a_viewer_may_look_at_a_shared_export_in_the_builder_but_not_run_it(page_as, ana):
    its = make_things(ana, "Hers", shared=True)
    viewer = add_person(ana, "Vera", Role.VIEWER)
    app = page_as(viewer, "builder/builder.py", template=its.template)
    assert button(app, "Run export").disabled
    assert "may run exports" in button(app, "Run export").help


def test_a_thing_in_an_archived_project_says_so_and_can_be_taken_out(open_page, page_desk):
    its = make_things(page_desk, "Mine")
    spring = projects.make(page_desk, "Spring")
    projects.put(page_desk, "dataset", its.dataset, spring.id)
    projects.archive(page_desk, spring.id)
    app = open_page("data/data.py", dataset=datasets.get(page_desk, its.dataset).slug)
    assert "Spring (archived)" in field(app.selectbox, "Project of this").options
    field(app.selectbox, "Project of this").set_value("").run()
    assert datasets.get(page_desk, its.dataset).project_id is None


def test_a_shared_thing_of_ones_own_says_that_others_see_it(page_as, ana):
    its = make_things(ana, "Hers")
    assert "Shared" not in texts(page_as(ana, "data/data.py"))
    sharing.share(ana, "dataset", its.dataset)
    assert "Shared" in texts(page_as(ana, "data/data.py"))
