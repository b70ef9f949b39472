"""The list of everybody who has an account, for administrators of the installation, and what can be done there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import update

from core import audit, workspaces
from core.access import recovery, sign_in, users
from core.errors import NotAllowed
from pages import routes
from storage.tables import Account, Role, SignIn, utc_now
from tests import people
from tests.pages.driving import button, component, texts
from tests.things import add_person


@pytest.fixture
def owner(page_desk):
    """The first account of a desk: its administrator."""
    return page_desk.acting_as(page_desk.workspace_id, page_desk.account_id)


@pytest.fixture
def budi(page_desk):
    return add_person(page_desk, "Budi", Role.EDITOR)


@pytest.fixture
def accounts_as(page_as):
    return lambda who, **query: page_as(who, routes.ACCOUNTS, **query)


def changed(desk, person, **values):
    """The account of somebody, as it is from now on."""
    with desk.store.writing() as session:
        session.exec(update(Account).where(Account.id == person.account_id).values(**values))
    return person.acting_as(person.workspace_id, person.account_id)


def menu_of(app, person):
    return next(b for b in app.get("menu_button") if person.account_id in b.proto.id)


def choose(app, person, action):
    menu_of(app, person).set_value(action).run()
    return app


def toasts(app):
    return [t.value for t in app.toast]


def test_everybody_is_listed_with_every_workspace_and_role(accounts_as, owner, budi):
    workspaces.make(owner, "Field office")
    said = texts(accounts_as(owner))
    for part in ("2 accounts", "Budi", "budi@example.org", "Editor of My workspace", "(you)", "Administrator"):
        assert part in said
    assert "Owner of Field office · Owner of My workspace" in said
    assert "has not chosen a password yet" in said
    assert "last here just now · signed in with 1 browser" in said


def test_somebody_is_looked_for_and_the_search_is_part_of_the_address(accounts_as, owner, budi):
    said = texts(accounts_as(owner, q="BUDI"))
    assert "1 account" in said
    assert "Editor of My workspace" in said
    assert "Owner of" not in said
    assert "Nobody matches" in texts(accounts_as(owner, q="nobody at all"))


def test_many_accounts_come_in_pages_and_a_search_begins_at_the_first(accounts_as, owner):
    for n in range(30):
        add_person(owner, f"Guest{n:02}", Role.VIEWER)
    app = accounts_as(owner)
    assert "31 accounts" in texts(app)
    assert "Guest24" in texts(app)
    assert "Guest25" not in texts(app)
    app.session_state["accounts_page"] = 2
    app.run()
    assert "Guest25" in texts(app)
    app.text_input(key="q").set_value("guest0").run()
    assert "10 accounts" in texts(app)
    assert "Guest09" in texts(app)


def test_an_account_is_closed_after_it_was_asked_and_opened_again_at_once(accounts_as, owner, budi):
    held = people.cookie(owner, "budi@example.org")[sign_in.COOKIE]
    app = choose(accounts_as(owner), budi, "Close the account")
    assert "Budi** is signed out everywhere at once and cannot come back" in texts(app)
    assert sign_in.resume(owner, held, people.CALLER)
    button(app, "Close the account").click().run()
    assert toasts(app) == ["**Budi** is shut out."]
    assert "Closed]" in texts(app)
    with pytest.raises(NotAllowed):
        sign_in.resume(owner, held, people.CALLER)
    choose(app, budi, "Open the account again")
    assert toasts(app) == ["**Budi** can sign in again."]
    assert "Closed]" not in texts(app)
    noted, _ = audit.list(owner, actions=["account_closed", "account_opened"], of_installation=True)
    assert [entry.action for entry in noted] == ["account_opened", "account_closed"]


def test_somebody_gets_another_address_and_a_wrong_one_is_said(accounts_as, owner, budi):
    app = choose(accounts_as(owner), budi, "Change the e-mail")
    app.text_input(key="new_email").set_value("nobody")
    app.button(key="save_email").click().run()
    assert "nobody" in texts(app)
    app.text_input(key="new_email").set_value("budi.santoso@example.org")
    app.button(key="save_email").click().run()
    assert users.get(owner, budi.account_id).email == "budi.santoso@example.org"
    assert "budi.santoso@example.org" in texts(app)


def test_closing_can_be_thought_better_of(accounts_as, owner, budi):
    app = choose(accounts_as(owner), budi, "Close the account")
    button(app, "Keep it open").click().run()
    assert not users.get(owner, budi.account_id).disabled_at
    assert "cannot come back" not in texts(app)


def test_the_only_owner_of_a_workspace_is_not_shut_out_and_the_dialog_says_why(accounts_as, owner, budi):
    olga = add_person(owner, "Olga", Role.OWNER)
    place = workspaces.make(changed(owner, olga, administrator=True), "Field office")
    add_person(owner.itself(place.id), "Dewi", Role.EDITOR)
    app = choose(accounts_as(owner), olga, "Close the account")
    button(app, "Close the account").click().run()
    assert "Olga is the only owner of “Field office”, where others work too." in texts(app)
    assert not users.get(owner, olga.account_id).disabled_at


def test_somebody_is_signed_out_everywhere(accounts_as, owner, budi):
    for _ in range(2):
        people.cookie(owner, "budi@example.org")
    app = choose(accounts_as(owner), budi, "Sign out everywhere")
    assert toasts(app) == ["**Budi** was signed out of 2 browsers."]
    assert users.find(owner, "budi")[0][0].browsers == 0
    assert "Sign out everywhere" not in str(menu_of(app, budi).proto)


def test_somebody_is_made_an_administrator_after_it_was_asked_and_none_again_at_once(accounts_as, owner, budi):
    app = choose(accounts_as(owner), budi, "Make an administrator")
    assert "can then do all you can here" in texts(app)
    assert not users.get(owner, budi.account_id).administrator
    button(app, "Make an administrator").click().run()
    assert toasts(app) == ["**Budi** is an administrator now."]
    choose(app, budi, "No administrator any more")
    assert toasts(app) == ["**Budi** is no administrator any more."]
    assert not users.get(owner, budi.account_id).administrator


def test_a_link_for_a_new_password_is_made_and_shown_once(accounts_as, owner, budi):
    app = choose(accounts_as(owner), budi, "Make a link for a new password")
    button(app, "Make a link").click().run()
    path = component(app, "copy")["path"]
    assert recovery.look(owner, path.rpartition("/")[2]).id == budi.account_id


def test_of_oneself_nothing_can_be_done_here_and_it_says_where(accounts_as, owner):
    mine = menu_of(accounts_as(owner), owner)
    assert mine.proto.disabled
    assert "under My account" in mine.proto.help


def test_who_was_not_here_for_long_is_told_apart_from_who_never_chose_a_password(accounts_as, owner, budi):
    changed(owner, budi, password_hash="x")
    assert "not here for 30 days" in texts(accounts_as(owner))
    people.cookie(owner, "budi@example.org")
    with owner.store.writing() as session:
        session.exec(update(SignIn).values(seen_at=utc_now() - timedelta(days=1)))
    assert "last here yesterday" in texts(accounts_as(owner))


@pytest.mark.parametrize("role", Role)
def test_others_are_told_whom_to_ask_and_see_nobody(open_as, role):
    app = open_as("cici@example.org", routes.ACCOUNTS, role=role)
    said = texts(app)
    assert "This is for administrators" in said
    assert "Ask Ana." in said
    assert people.OWNER not in said
    assert not app.get("menu_button")


def test_on_a_desk_for_one_person_there_is_nobody_to_list(open_page):
    app = open_page(routes.ACCOUNTS)
    assert "This desk is for one person" in texts(app)
    assert not app.get("menu_button")


def test_names_of_people_and_workspaces_are_shown_as_they_are(accounts_as, owner, budi):
    workspaces.change(owner, name="[x](https://evil.example) :red[y]")
    said = "\n".join(c.value for c in accounts_as(owner).caption)
    assert "[x](" not in said
    assert r"\[x\]" in said
