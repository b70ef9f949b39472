"""My account: what one changes about oneself, and where one is signed in. (In a browser: tests/e2e/test_account.py.)"""

from __future__ import annotations

import pytest

from core import choices, exports, workspaces
from core.access import accounts, sign_in
from core.choices import Mail
from core.desk import Caller
from core.work import inline
from storage import accounts as rows
from tests import people
from tests.pages.driving import button, component, field, texts


@pytest.fixture(autouse=True)
def _chosen_beside_the_page_holds_at_once(monkeypatch):
    monkeypatch.setattr(choices, "FRESH_SECONDS", 0.0)


def test_a_name_and_a_zone_are_saved_and_times_follow(open_page, page_desk):
    page = open_page("people/account.py")
    field(page.text_input, "Name").set_value("  Ana   Lee ")
    field(page.selectbox, "Time zone").set_value("Asia/Jakarta")
    button(page, "Save").click().run()
    assert accounts.me(page_desk).name == "Ana Lee"
    assert workspaces.clock(page_desk).zone == "Asia/Jakarta"
    field(page.selectbox, "Time zone").set_value("")
    button(page, "Save").click().run()
    assert accounts.me(page_desk).zone is None


def test_a_name_of_nothing_is_refused_in_a_sentence(open_page, page_desk):
    page = open_page("people/account.py")
    field(page.text_input, "Name").set_value("   ")
    button(page, "Save").click().run()
    assert "A name has 1 to 120 characters" in texts(page)


def test_the_chosen_look_is_kept_and_told_to_the_browser(open_page, page_desk):
    page = open_page("people/account.py")
    assert component(page, "theme") == {"theme": "system", "language": "en"}
    field(page.button_group, "Light or dark").set_value("dark").run()
    assert accounts.preferences(page_desk).theme == "dark"
    assert component(page, "theme") == {"theme": "dark", "language": "en"}


def test_notices_are_switched_at_once(open_page, page_desk):
    page = open_page("people/account.py")
    field(page.toggle, "An export of mine is ready").set_value(False).run()
    kept = accounts.preferences(page_desk)
    assert (kept.notify_done, kept.notify_failed) == (False, True)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_notice_that_was_switched_off_stays_away(open_page, page_desk, indonesians, wanted):
    accounts.change(page_desk, notify_done=wanted)
    page = open_page("people/account.py")
    exports.start(page_desk, indonesians)
    inline.run_queued(page_desk)
    page.run()
    assert [t.value for t in page.toast if "Indonesians" in t.value] == (
        ["**Indonesians** is ready: 50 rows."] if wanted else []
    )


def why_not(page):
    """What stands beside the words above the choices."""
    return next(caption for caption in page.caption if caption.value == "By e-mail").proto.help


def test_notices_by_mail_need_an_address_and_a_mail_server(open_page, page_desk):
    page = open_page("people/account.py")
    assert field(page.button_group, "By e-mail").disabled
    assert why_not(page) == "You have no e-mail address here."
    with page_desk.store.writing() as session:
        rows.account(session, page_desk.account_id).email = "ana@example.org"
    page.run()
    assert "cannot send mail yet" in why_not(page)
    choices.choose(page_desk, Mail, host="mail.example.org", sender="desk@example.org")
    page.run()
    assert not field(page.button_group, "By e-mail").disabled


def test_one_person_on_their_own_computer_sees_no_password_and_no_browsers(open_page):
    page = open_page("people/account.py")
    assert "Password" not in texts(page)
    assert "signed in" not in texts(page)


def test_a_password_is_changed_and_a_wrong_one_told(open_as, page_desk):
    page = open_as("budi@example.org", "people/account.py")
    assert button(page, "Change password").help == "Type your current password and a new one."
    field(page.text_input, "Current password").set_value("wrong")
    field(page.text_input, "New password").set_value("seven quiet green harbours").run()
    assert "Strong" in "".join(str(e.proto.body) for e in page.get("html"))
    button(page, "Change password").click().run()
    assert "That is not your current password." in texts(page)
    field(page.text_input, "Current password").set_value(people.PASSWORD).run()
    button(page, "Change password").click().run()
    assert field(page.text_input, "New password").value == ""
    assert sign_in.with_password(page_desk, "budi@example.org", "seven quiet green harbours", people.CALLER)


def test_a_weak_password_is_refused_with_advice(open_as):
    page = open_as("budi@example.org", "people/account.py")
    field(page.text_input, "Current password").set_value(people.PASSWORD)
    field(page.text_input, "New password").set_value("password123").run()
    button(page, "Change password").click().run()
    assert "This password is very weak." in texts(page)


def test_each_browser_is_listed_and_signed_out_by_itself(open_as, page_desk):
    page = open_as("budi@example.org", "people/account.py")
    budi = people.somebody(people.somebody(page_desk, people.OWNER), "budi@example.org")
    for agent in ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0", "Mozilla/5.0 (iPhone) Safari/604.1"):
        sign_in.with_password(page_desk, "budi@example.org", people.PASSWORD, Caller("", "192.0.2.9", agent))
    page.run()
    said = texts(page)
    assert "Firefox on Windows" in said
    assert "Safari on iPhone" in said
    before = len(sign_in.open_ones(budi))
    button(page, "Sign out").click().run()
    assert len(sign_in.open_ones(budi)) == before - 1
    button(page, "Sign out everywhere else").click().run()
    assert len(sign_in.open_ones(budi)) == 1
    assert button(page, "Sign out everywhere else").help == "You are signed in nowhere else."
