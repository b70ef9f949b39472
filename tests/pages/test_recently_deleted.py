"""What was deleted is listed with the days it has left, and comes back, or goes for good."""

import pytest

from core import datasets, destinations, exports, sharing
from core.engine.spec import OutputColumn
from core.keeping import bin as bin_
from core.scheduling import schedules
from core.templating import saved_sets, templates
from core.templating.saved_sets import Columns
from core.things import KINDS
from storage.tables import SetKind
from tests.pages.conftest import texts
from tests.things import add_person

NIGHTLY = {"name": "Nightly", "cadence": {"every": "day", "at": "02:30"}}


@pytest.fixture
def deleted(page_desk, team, exported, indonesians):
    """One of each kind: their ids, by kind."""
    template = templates.save(page_desk, "Weekly", "", indonesians)
    other = templates.save(page_desk, "Other", "", indonesians)
    dataset = datasets.get(page_desk, team)
    schedule = schedules.make(page_desk, other.id, schedules.checked(NIGHTLY))
    schedules.delete(page_desk, schedule.id)
    exports.delete(page_desk, exported)
    templates.delete(page_desk, template.id)
    datasets.move_to_bin(page_desk, team)
    few = saved_sets.save(page_desk, SetKind.COLUMNS, "Short", Columns(columns=(OutputColumn(column="c1"),)))
    saved_sets.delete(page_desk, few.id)
    place = destinations.make(page_desk, "Hook", "webhook", {"url": "https://example.org/in"}, {})
    destinations.delete(page_desk, place.id)
    return {
        "export": exported, "template": template.id, "dataset": dataset.id, "set": few.id, "destination": place.id,
        "schedule": schedule.id,
    }  # fmt: skip


def test_an_empty_bin_says_so(open_page):
    assert "Nothing was deleted" in texts(open_page("recently_deleted.py"))


def test_everything_deleted_is_listed_with_the_days_it_has_left(open_page, deleted):
    app = open_page("recently_deleted.py")
    said = texts(app).replace("\\", "")
    assert said.count("30 days left") == len(KINDS)
    for name in ("Team", "Weekly", "Indonesians"):
        assert f"**{name}**" in said


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_kind_comes_back_with_one_press(open_page, page_desk, deleted, kind):
    app = open_page("recently_deleted.py")
    app.button(key=f"restore_{kind}_{deleted[kind]}").click().run()
    assert not app.exception
    assert kind not in {one.kind for one in bin_.list(page_desk)}


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_kind_goes_for_good_after_a_question(open_page, page_desk, deleted, kind):
    app = open_page("recently_deleted.py")
    app.button(key=f"remove_{kind}_{deleted[kind]}").click().run()
    assert "cannot be undone" in texts(app)
    app.button(key="for_good").click().run()
    assert not app.exception
    assert kind not in {one.kind for one in bin_.list(page_desk)}


def test_the_question_names_the_schedules_that_go_with_a_template(open_page, page_desk, indonesians):
    template = templates.save(page_desk, "Weekly", "", indonesians)
    schedules.make(page_desk, template.id, schedules.checked(NIGHTLY))
    sharing.share(page_desk, "template", template.id, with_data=True)
    editor = add_person(page_desk, "Edi", "editor")
    schedules.make(editor, template.id, schedules.checked(NIGHTLY | {"name": "Secret plan"}))
    templates.delete(page_desk, template.id)
    app = open_page("recently_deleted.py")
    app.button(key=f"remove_template_{template.id}").click().run()
    said = texts(app)
    assert "This schedule goes with it: **Nightly**" in said
    assert "So does 1 schedule of somebody else." in said
    assert "Secret plan" not in said


def test_the_search_and_the_kind_narrow_the_list(open_page, deleted):
    app = open_page("recently_deleted.py")
    app.text_input(key="q").set_value("week").run()
    assert "Weekly" in texts(app)
    assert "Team" not in texts(app)
    app.text_input(key="q").set_value("zzz").run()
    assert "Nothing by that name" in texts(app)
