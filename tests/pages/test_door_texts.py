"""The pages before signing in speak the language of whoever stands there: the account's, or what their browser asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from fastapi import FastAPI
from starlette.testclient import TestClient

from api import door, security
from api.door import languages
from core import texts
from core.access import accounts, invitations, recovery
from core.desk import Desk, open_desk
from core.settings import Settings
from storage.tables import Role
from tests import people

WORDS = {
    "Sign in": "Zaloguj się",
    "Sign out": "Wyloguj się",
    "Templates": "Szablony",
    "Join {workspace}": "Dołącz do {workspace}",
    "You are signed in as {name}.": "Jesteś tu jako {name}.",
    "viewer": "widz",
    "Your role will be {role}: {about}.": "Masz być: {role} ({about}).",
    "For {name}. Every browser in which you are signed in is signed out.": "Dla {kogo}.",
    "Choose a new password": "Wybierz <nowe> hasło",
    "This was not sent from a page of this desk.": "To nie z tej strony.",
}
POLISH = {"Accept-Language": "fi, pl-PL;q=0.9, en;q=0.5"}


@pytest.fixture
def polish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A language that has just been begun: most texts are not translated yet."""
    catalog = Catalog(locale="pl")
    for text, translation in WORDS.items():
        catalog.add(text, translation)
    catalog.add(("{n} character or more.", "{n} characters or more."), ("{n} znak.", "{n} znaki.", "{n} znaków."))
    file = tmp_path / "pl" / "LC_MESSAGES" / "desk.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as out:
        write_po(out, catalog)
    monkeypatch.setattr(texts, "LOCALES", tmp_path)


@pytest.fixture
def ana(page_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk the screens open by themselves, set up for people to sign in to."""
    monkeypatch.setenv("DESK_SIGN_IN", "required")
    return people.set_up(open_desk(Settings()))


@pytest.fixture
def visit(ana: Desk) -> Callable[..., TestClient]:
    """`visit()`: a browser before this desk's door; `visit("budi@example.org")`: one in which Budi is signed in."""
    app = FastAPI()
    app.state.desk = ana
    security.install(app, ana.settings)
    door.install(app, ana.settings)

    def browser(email: str = "") -> TestClient:
        held = people.cookie(ana, email) if email else {}
        return TestClient(app, "http://127.0.0.1", cookies=held, headers={"Origin": "http://127.0.0.1"})

    return browser


def test_the_door_and_a_screen_say_what_is_translated_and_the_rest_in_english(polish, visit, ana, page_as):
    door = visit().get("/sign-in", headers=POLISH).text
    assert "<h1>Zaloguj się</h1>" in door
    assert "Forgot password?" in door
    accounts.change(ana, language="pl")
    app = page_as(ana, "templates/templates.py")
    assert app.title[0].value == "Szablony"
    assert "No templates yet" in [box.value for box in app.header]


@pytest.mark.parametrize(
    ("asked", "spoken", "heading"),
    [("pl", "pl", "Zaloguj się"), ("en-GB, pl;q=0.9", "en", "Sign in"), ("ja", "en", "Sign in"), ("", "en", "Sign in")],
)
def test_a_page_says_in_which_language_it_is(polish, visit, asked, spoken, heading):
    page = visit().get("/sign-in", headers={"Accept-Language": asked}).text
    assert f'<html lang="{spoken}" dir="ltr">' in page
    assert f"<h1>{heading}</h1>" in page


def test_whom_the_desk_knows_reads_what_they_chose_whatever_the_browser_asks_for(polish, visit, ana):
    budi = people.somebody(ana, "budi@example.org")
    accounts.change(budi, language="pl")
    browser = visit("budi@example.org")
    assert "<h1>Wyloguj się</h1>" in browser.get("/sign-out", headers={"Accept-Language": "en"}).text
    joining = browser.get(invitations.invite(ana, Role.VIEWER)[1]).text
    assert "<h1>Dołącz do Team</h1>" in joining
    assert "Jesteś tu jako <strong>Budi</strong> (budi@example.org)." in joining
    assert "Masz być: widz (looks at what is shared and downloads it)." in joining
    assert "<h1>Wybierz &lt;nowe&gt; hasło</h1>" in visit().get(recovery.make_link(ana, budi.account_id)).text


def test_a_name_with_markup_in_it_stays_a_name(polish, visit, ana):
    accounts.change(ana, name="<b>Ana</b> & {co}")
    page = visit(people.OWNER).get(invitations.invite(ana, Role.VIEWER)[1], headers=POLISH).text
    assert "Jesteś tu jako <strong>&lt;b&gt;Ana&lt;/b&gt; &amp; {co}</strong>" in page


def test_a_translation_with_other_slots_is_not_used_and_a_number_gets_its_form(polish, visit, ana):
    page = visit().get(recovery.make_link(ana, ana.account_id), headers=POLISH).text
    assert "For Ana. Every browser" in page
    assert "10 znaków. Three or four words" in page


def test_what_went_wrong_is_said_in_the_language_too(polish, visit):
    foreign = visit().post("/sign-in", data={"email": "x"}, headers=POLISH | {"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert "To nie z tej strony." in foreign.text
    assert "Open the desk in a tab of its own and try again." in foreign.text


def test_pages_in_a_script_from_right_to_left_say_so(tmp_path, monkeypatch, visit):
    file = tmp_path / "ar" / "LC_MESSAGES" / "desk.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as out:
        write_po(out, Catalog(locale="ar"))
    monkeypatch.setattr(texts, "LOCALES", tmp_path)
    assert '<html lang="ar" dir="rtl">' in visit().get("/sign-in", headers={"Accept-Language": "ar-EG"}).text


@pytest.mark.parametrize(
    ("header", "languages_asked"),
    [
        ("de-AT,de;q=0.9,en;q=0.1", ["de-AT", "de", "en"]),
        ("en;q=0.5, id", ["id", "en"]),
        ("*, id;q=0, pt-BR ; q=0.7", ["pt-BR"]),
        ("../../etc, <b>, de;q=2, de;q=", []),
        ("", []),
    ],
)
def test_what_a_browser_asks_for_is_read_with_its_weights(header, languages_asked):
    assert languages.asked(header) == languages_asked


def test_a_header_of_a_hundred_thousand_languages_is_not_read_to_its_end():
    assert len(languages.asked(",".join(["de"] * 100_000))) == languages.MAX_ASKED
