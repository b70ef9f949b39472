"""The page one comes to: a newcomer's three ways in, then what to go on with, what failed, what is at hand and ready."""

import pytest

from core import drafts, exports, home
from core.access import accounts
from core.engine.spec import ExportSpec, Limits
from core.templating import templates
from core.work import inline
from tests.pages.conftest import texts
from tests.pages.driving import address, button


@pytest.fixture
def failed(page_desk, indonesians):
    job = exports.start(page_desk, indonesians.model_copy(update={"limits": Limits(rows=2)}))
    inline.run_queued(page_desk)
    return job.id


def test_a_newcomer_is_shown_three_ways_to_begin_and_one_big_button(open_page):
    app = open_page("home.py")
    assert [b.label for b in app.button] == ["New export", "Upload a file", "Try it", "Take the tour"]
    assert app.button(key="new_export").proto.type == "primary"


def test_the_tour_goes_forth_and_back_and_is_remembered(open_page, page_desk):
    app = open_page("home.py")
    app.button(key="begin_tour").click().run()
    assert "1 of 5" in texts(app)
    assert accounts.preferences(page_desk).toured
    app.button(key="tour_next").click().run()
    app.button(key="tour_next").click().run()
    app.button(key="tour_back").click().run()
    assert "2 of 5" in texts(app)


def test_what_was_left_is_gone_on_with_or_discarded(open_page, page_desk, builder):
    app = open_page("home.py")
    assert "The export you left" in texts(app)
    app.button(key="go_on").click().run()
    assert address(app) == drafts.latest(page_desk).id
    again = open_page("home.py")
    again.button(key="discard_draft").click().run()
    assert drafts.latest(page_desk) is None
    assert "The export you left" not in texts(again)


def test_an_export_whose_file_was_made_is_not_left_until_it_is_changed(open_page, page_desk, builder):
    button(builder, "Run export").click().run()
    inline.run_queued(page_desk)
    builder.run()
    assert "The export you left" not in texts(open_page("home.py"))
    builder.text_input(key=next(box.key for box in builder.text_input if box.label == "File name")).set_value(
        "Other"
    ).run()
    assert "The export you left" in texts(open_page("home.py"))


def test_what_failed_says_why_and_offers_to_try_again(open_page, page_desk, failed):
    app = open_page("home.py")
    assert "Did not work" in texts(app)
    assert "at most 2 are allowed" in texts(app)
    app.button(key=f"retry_{failed}").click().run()
    assert exports.get(page_desk, failed).state == "queued"
    assert "Did not work" not in texts(app)


def test_an_old_failure_is_no_news(page_desk, failed):
    from datetime import timedelta

    from storage.tables import Job, utc_now

    with page_desk.store.writing() as session:
        row = session.get(Job, failed)
        row.finished_at = utc_now() - timedelta(days=home.FAILED_DAYS + 1)
        session.add(row)
    assert not home.of(page_desk).failed


def test_a_pinned_template_is_run_from_home_and_unpinned(open_page, page_desk, indonesians):
    saved = templates.save(page_desk, "Weekly", "", indonesians)
    app = open_page("templates/templates.py")
    button(app, "Pin to home").click().run()
    app = open_page("home.py")
    assert "**Weekly**" in texts(app)
    app.button(key=f"run_{saved.id}").click().run()
    assert exports.list(page_desk)[0][0].template_id == saved.id
    app = open_page("home.py")
    app.button(key=f"pin_{saved.id}").click().run()
    assert list(templates.pinned(page_desk)) == []


def test_a_deleted_template_leaves_home_and_comes_back_pinned(page_desk, indonesians):
    saved = templates.save(page_desk, "Weekly", "", indonesians)
    for _ in range(2):
        templates.pin(page_desk, saved.id)
    templates.delete(page_desk, saved.id)
    assert list(templates.pinned(page_desk)) == []
    templates.restore(page_desk, saved.id)
    assert [t.id for t in templates.pinned(page_desk)] == [saved.id]


def test_recent_exports_are_there_with_their_files(open_page, exported):
    app = open_page("home.py")
    assert "**Indonesians**" in texts(app)
    assert app.get("link_button")


@pytest.mark.parametrize("name", ["dataset", "template", "job"])
def test_links_of_the_time_when_the_builder_was_here_still_open_it(
    page_desk, team, exported, indonesians: ExportSpec, name
):
    from streamlit.testing.v1 import AppTest

    from tests.pages.conftest import ROOT

    wanted = {"dataset": team, "job": exported, "template": templates.save(page_desk, "Weekly", "", indonesians).id}
    app = AppTest.from_file(str(ROOT / "pages" / "navigation.py"), default_timeout=20)
    app.query_params[name] = wanted[name]
    app.run()
    assert not app.exception, app.exception[0].value
    assert "Your export" in texts(app)
    assert app.query_params["draft"]
