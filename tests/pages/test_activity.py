"""The audit log on the screen: searched, filtered, paged, and taken along as a file."""

import re
from datetime import timedelta

import pytest

from core import audit, choices
from core.access import tokens
from pages import routes
from storage.tables import utc_now
from tests.pages.conftest import texts


@pytest.fixture
def said(open_page):
    def said(app):
        return " ".join(h.proto.body for h in app.get("html") if "desk-log" in h.proto.body)

    return said


def note(desk, action, thing, **more):
    with desk.store.writing() as session:
        audit.note(desk, session, action, thing, **more)


def test_what_was_done_is_there_with_who_did_it(open_page, said, exported):
    shown = said(open_page(routes.ACTIVITY))
    assert "<b>Owner</b> added the dataset Team" in shown
    assert "<b>Owner</b> ran the export Indonesians" in shown


def test_names_that_look_like_html_are_shown_as_they_are(open_page, page_desk, said):
    note(page_desk, "projects.made", "<b onclick=x>")
    assert "&lt;b onclick=x&gt;" in said(open_page(routes.ACTIVITY))


def test_what_was_noted_beside_is_said_in_words(open_page, page_desk, said):
    tokens.create(page_desk, "Nightly", ["*"], expires_at=utc_now() + timedelta(days=30))
    note(page_desk, "data.changed", "Team", name="The team", export="an-id-for-programs")
    note(page_desk, "exports.run", "Team", rows=1200, surprise="kept")
    shown = said(open_page(routes.ACTIVITY))
    assert re.search(r"may do: everything · until \d{4}-\d\d-\d\d, \d\d:\d\d", shown)
    assert "now called The team" in shown
    assert "1,200 rows · surprise kept" in shown
    assert "an-id-for-programs" not in shown


def test_search_kind_and_refused_only_narrow_it(open_page, page_desk, said, team):
    note(page_desk, "refused", "read the audit log", refused=True)
    app = open_page(routes.ACTIVITY)
    app.text_input(key="q").set_value("team").run()
    assert "added the dataset" in said(app)
    assert "was refused" not in said(app)
    app.text_input(key="q").set_value("").run()
    app.toggle(key="refused").set_value(True).run()
    assert "was refused: read the audit log" in said(app)
    assert "added the dataset" not in said(app)
    app.toggle(key="refused").set_value(False).run()
    app.selectbox(key="kind").set_value("Templates").run()
    assert "Nothing matches" in texts(app)


def test_a_person_is_chosen_from_those_who_did_something(open_page, page_desk, said, team):
    app = open_page(routes.ACTIVITY)
    assert app.selectbox(key="person").options == ["Owner"]
    app.selectbox(key="person").set_value(page_desk.account_id).run()
    assert "added the dataset" in said(app)


def test_a_long_log_is_paged(open_page, page_desk, said):
    for n in range(60):
        note(page_desk, "projects.made", f"Project {n}")
    app = open_page(routes.ACTIVITY)
    assert said(app).count("<li>") == 50
    assert "60 entries" in texts(app)


def test_an_administrator_of_the_installation_also_sees_what_concerns_the_whole_desk(open_page, page_desk, said, team):
    choices.choose(page_desk, choices.Retention, bin_days=7)
    app = open_page(routes.ACTIVITY)
    assert "changed the settings of the installation" not in said(app)
    app.selectbox(key="person").set_value(page_desk.account_id).run()
    app.segmented_control(key="log").set_value("The installation").run()
    assert "changed the settings of the installation" in said(app)
    assert "added the dataset" not in said(app)
    assert app.selectbox(key="person").value is None
    app.menu_button(key="take_along").click("csv").run()
    assert not app.exception
