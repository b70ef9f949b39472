"""What was deleted is listed with the days it has left, and comes back, or goes for good."""

import pytest

from core import datasets, exports
from core.keeping import bin as bin_
from core.templating import templates
from tests.pages.conftest import texts


@pytest.fixture
def deleted(page_desk, team, exported, indonesians):
    """One of each kind: their ids, by kind."""
    template = templates.save(page_desk, "Weekly", "", indonesians)
    dataset = datasets.get(page_desk, team)
    exports.delete(page_desk, exported)
    templates.delete(page_desk, template.id)
    datasets.move_to_bin(page_desk, team)
    return {"export": exported, "template": template.id, "dataset": dataset.id}


def test_an_empty_bin_says_so(open_page):
    assert "Nothing was deleted" in texts(open_page("recently_deleted.py"))


def test_everything_deleted_is_listed_with_the_days_it_has_left(open_page, deleted):
    app = open_page("recently_deleted.py")
    said = texts(app).replace("\\", "")
    assert said.count("30 days left") == 3
    for name in ("Team", "Weekly", "Indonesians"):
        assert f"**{name}**" in said


@pytest.mark.parametrize("kind", ["dataset", "template", "export"])
def test_each_kind_comes_back_with_one_press(open_page, page_desk, deleted, kind):
    app = open_page("recently_deleted.py")
    app.button(key=f"restore_{kind}_{deleted[kind]}").click().run()
    assert not app.exception
    assert kind not in {one.kind for one in bin_.list(page_desk)}


@pytest.mark.parametrize("kind", ["dataset", "template", "export"])
def test_each_kind_goes_for_good_after_a_question(open_page, page_desk, deleted, kind):
    app = open_page("recently_deleted.py")
    app.button(key=f"remove_{kind}_{deleted[kind]}").click().run()
    assert "cannot be undone" in texts(app)
    app.button(key="for_good").click().run()
    assert not app.exception
    assert kind not in {one.kind for one in bin_.list(page_desk)}


def test_the_search_and_the_kind_narrow_the_list(open_page, deleted):
    app = open_page("recently_deleted.py")
    app.text_input(key="q").set_value("week").run()
    assert "Weekly" in texts(app)
    assert "Team" not in texts(app)
    app.text_input(key="q").set_value("zzz").run()
    assert "Nothing by that name" in texts(app)
