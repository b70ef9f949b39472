"""The settings of a workspace, and what follows from them in the builder and on the screens."""

from __future__ import annotations

import pytest

from core import workspaces
from core.access import members
from pages.components import words
from storage.tables import Role
from tests.pages.driving import button, draft_of, field, texts
from tests.things import add_person, make_things


@pytest.fixture
def ana(page_desk):
    return add_person(page_desk, "Ana", Role.OWNER)


def test_what_is_saved_holds(open_page, page_desk):
    app = open_page("settings/workspace_settings.py")
    field(app.text_input, "Name").set_value("Spring office")
    field(app.selectbox, "Time zone").set_value("Asia/Jakarta")
    field(app.selectbox, "Dates").set_value("dmy_slash")
    field(app.selectbox, "Numbers in files").set_value("comma")
    field(app.selectbox, "New exports begin as").set_value("csv")
    field(app.text_area, "Also called").set_value("acme\nacme.org\n")
    button(app, "Save").click().run()
    assert not app.error
    place = page_desk.workspace()
    assert (place.name, place.zone, place.date_format, place.number_format, place.default_format) == (
        "Spring office",
        "Asia/Jakarta",
        "dmy_slash",
        "comma",
        "csv",
    )
    assert list(workspaces.aliases(page_desk)) == ["acme", "acme.org"]
    assert field(open_page("settings/workspace_settings.py").text_area, "Also called").value == "acme\nacme.org"


def test_on_a_desk_for_one_person_nobody_is_asked_who_may_be_invited(open_page):
    labels = [t.label for t in open_page("settings/workspace_settings.py").text_area]
    assert labels == ["Also called", "Only mail files to addresses at"]


def test_domains_are_for_those_who_invite(page_as, ana):
    app = page_as(ana, "settings/workspace_settings.py")
    field(app.text_area, "Only invite addresses at").set_value("@Example.org\nexample.com")
    button(app, "Save").click().run()
    assert ana.workspace().email_domains == ["example.com", "example.org"]


@pytest.mark.parametrize("called", ["", "Example ID"])
def test_what_domains_mean_for_whoever_comes_by_a_provider_is_said(page_as, ana, monkeypatch, called):
    if called:
        for name, value in {"ISSUER": "https://id.example", "CLIENT_ID": "desk", "NAME": called}.items():
            monkeypatch.setenv(f"DESK_OIDC_{name}", value)
    said = texts(page_as(ana, "settings/workspace_settings.py"))
    assert f"Whoever signs in with {called or 'another provider (OpenID Connect)'} and has no account here yet" in said
    assert "Whoever you remove stays out until somebody invites them again" in said


def test_what_is_wrong_is_said_and_nothing_is_half_saved(page_as, ana):
    app = page_as(ana, "settings/workspace_settings.py")
    field(app.text_input, "Name").set_value("Other")
    field(app.text_area, "Only invite addresses at").set_value("not a domain")
    button(app, "Save").click().run()
    assert "is no domain" in app.error[0].value.replace("\\", "")
    assert ana.workspace().name == "My workspace"
    assert field(app.text_input, "Name").value == "Other"


@pytest.mark.parametrize("role", Role)
def test_only_administrators_change_settings_and_everybody_may_read_them(page_as, ana, role):
    app = page_as(add_person(ana, "Me", role), "settings/workspace_settings.py")
    may = role in (Role.ADMIN, Role.OWNER)
    assert button(app, "Save").disabled is not may
    assert field(app.text_input, "Name").value == "My workspace"
    assert field(app.text_input, "Name").disabled is not may
    assert bool(app.info) is not may


def test_a_new_export_begins_with_the_format_and_the_styles_of_the_workspace(open_page, page_desk, team):
    workspaces.change(page_desk, default_format="csv", date_format="dmy_dot", number_format="comma")
    app = open_page("builder/builder.py", dataset=team)
    draft = draft_of(app, page_desk)
    assert draft["format"] == "csv"
    assert draft["options"]["csv"] == {"date_format": "dmy_dot", "decimal_comma": True, "delimiter": ";"}
    assert "json" not in draft["options"]


def test_an_export_that_is_there_keeps_what_it_said(open_page, page_desk, exported):
    workspaces.change(page_desk, default_format="json", date_format="dmy_dot")
    draft = draft_of(open_page("builder/builder.py", job=exported), page_desk)
    assert (draft["format"], draft["options"]) == ("csv", {})


def test_dates_on_screens_follow_the_workspace(page_as, ana):
    make_things(ana, "Hers")
    workspaces.change(ana, date_format="dmy_slash")
    since = workspaces.clock(ana)
    app = page_as(ana, "people/people.py")
    joined = members.list(ana)[0].since
    assert f"since {words.day(joined, since)}" in texts(app)
    assert words.day(joined, since) == joined.strftime("%d/%m/%Y")
