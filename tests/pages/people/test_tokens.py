"""The Tokens page: what is there, a new one shown once, and revoking."""

from datetime import timedelta

import pytest

from core.access import tokens
from core.errors import NotAllowed
from storage.tables import Token, utc_now
from tests.pages.driving import button, field, texts


@pytest.fixture
def page(open_page):
    return open_page("people/tokens.py")


def new(page, name="nightly"):
    """The dialog, with a name in it."""
    button(page, "New token").click().run()
    field(page.text_input, "Name").set_value(name).run()
    return page


def shown(page):
    """The secret the dialog shows."""
    return next(word for code in page.code for word in code.value.replace('"', " ").split() if word.startswith("exd_"))


def test_without_tokens_the_page_invites_to_make_one(page):
    assert "No tokens yet" in texts(page)
    assert not button(page, "New token").disabled


def test_a_token_says_in_plain_words_what_it_may_do_and_how_it_stands(open_page, page_desk):
    tokens.create(page_desk, "every*thing", ["*"], per_minute=60, per_day=5000)
    soon, secret = tokens.create(page_desk, "soon", ["jobs:read", "jobs:write"], utc_now() + timedelta(days=3))
    tokens.authenticate(page_desk, secret, "jobs:read")
    gone, _ = tokens.create(page_desk, "gone", ["templates:read"], utc_now() + timedelta(days=3))
    with page_desk.store.writing() as session:
        row = session.get(Token, gone.id)
        row.expires_at = utc_now() - timedelta(minutes=5)
        session.add(row)
    said = texts(open_page("people/tokens.py"))
    assert "every*thing" in said
    assert "not used yet · never expires · 60 requests a minute · 5,000 requests a day" in said
    assert "See exports and download their files · Start, cancel and delete exports" in said
    assert "last used just now · until" in said
    assert "Expires soon" in said
    assert "Expired" in said
    assert f"`{soon.prefix}…`" in said
    assert secret not in said


def test_a_new_token_is_shown_once_and_works(page, page_desk):
    new(page)
    button(page, "Make token").click().run()
    secret = shown(page)
    acting, token = tokens.authenticate(page_desk, secret, "templates:write")
    assert (token.name, token.scopes, acting.account_id) == ("nightly", ["*"], page_desk.account_id)
    assert 89 <= (token.expires_at - utc_now()).days <= 90
    button(page, "Done").click().run()
    assert "made_token" not in page.session_state
    assert secret not in texts(page)
    assert "nightly" in texts(page)


def test_scopes_limits_and_expiry_are_chosen(page, page_desk):
    new(page)
    field(page.button_group, "It may do").set_value("Only what I choose").run()
    assert button(page, "Make token").disabled
    field(page.checkbox, "See templates").check()
    field(page.checkbox, "Start, cancel and delete exports").check()
    field(page.button_group, "It expires").set_value(0)
    field(page.number_input, "Requests a minute").set_value(30)
    field(page.number_input, "Requests a day").set_value(1000).run()
    button(page, "Make token").click().run()
    _, token = tokens.authenticate(page_desk, shown(page), "templates:read")
    assert token.scopes == ["jobs:write", "templates:read"]
    assert (token.per_minute, token.per_hour, token.per_day, token.expires_at) == (30, None, 1000, None)


def test_without_a_name_the_button_says_why_it_waits(page):
    button(page, "New token").click().run()
    waiting = button(page, "Make token")
    assert waiting.disabled
    assert waiting.help == "Give it a name first."


def test_revoking_asks_first_and_then_holds_at_once(open_page, page_desk):
    token, secret = tokens.create(page_desk, "nightly", ["*"])
    page = open_page("people/tokens.py")
    page.button(key=f"revoke_{token.id}").click().run()
    assert "are refused from now on" in texts(page)
    button(page, "Keep it").click().run()
    tokens.authenticate(page_desk, secret, "jobs:read")
    page.button(key=f"revoke_{token.id}").click().run()
    page.button(key="revoke_token").click().run()
    with pytest.raises(NotAllowed):
        tokens.authenticate(page_desk, secret, "jobs:read")
    assert "No tokens yet" in texts(page)
