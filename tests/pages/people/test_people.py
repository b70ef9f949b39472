"""The list of people as each role sees it, and what may be done there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core import choices
from core.access import accounts, invitations, members, tokens
from core.access.recovery import look
from core.choices import Mail
from core.errors import NotFound
from storage.tables import Role
from tests.pages.driving import button, component, read, texts
from tests.servers.smtp import UNKNOWN, Mailbox, smtp
from tests.things import add_person, make_things


@pytest.fixture
def ana(page_desk):
    return add_person(page_desk, "Ana", Role.OWNER)


@pytest.fixture
def budi(ana):
    return add_person(ana, "Budi", Role.EDITOR)


def role_of(app, name):
    return next(s for s in app.selectbox if s.label == f"Role of {name}")


def more(app, person):
    return next(b for b in app.get("menu_button") if person.account_id in b.proto.id)


def choose(app, person, action):
    next(b for b in app.get("menu_button") if person.account_id in b.proto.id).set_value(action).run()
    return app


@pytest.mark.parametrize("role", Role)
def test_everybody_sees_who_is_there_and_only_administrators_may_change_it(page_as, ana, budi, role):
    me = add_person(ana, "Me", role)
    app = page_as(me, "people/people.py")
    for name in ("Ana", "Budi", "Me", "(you)", "budi@example.org"):
        assert name in texts(app)
    may = role in (Role.ADMIN, Role.OWNER)
    assert button(app, "Invite").disabled is not may
    assert role_of(app, "Budi").disabled is not may
    assert role_of(app, "Me").disabled
    assert role_of(app, "Ana").disabled is (role != Role.OWNER)
    if not may:
        assert button(app, "Invite").help.startswith("Only an admin or owner may invite people")
        assert "Ask Ana or Owner." in button(app, "Invite").help


def test_a_role_changes_at_once(page_as, ana, budi):
    app = page_as(ana, "people/people.py")
    role_of(app, "Budi").set_value(Role.VIEWER).run()
    assert {m.name: m.role for m in members.list(ana)}["Budi"] == "viewer"
    assert [t.value for t in app.toast] == ["**Budi** is now viewer."]


def test_the_last_owner_stays_one_and_the_choice_goes_back(page_as, page_desk, ana):
    first = page_desk.acting_as(page_desk.workspace_id, page_desk.account_id)
    members.change_role(first, ana.account_id, Role.ADMIN)
    members.change_role(first, ana.account_id, Role.OWNER)
    members.change_role(ana, page_desk.account_id, Role.ADMIN)
    admin = page_desk.acting_as(page_desk.workspace_id, page_desk.account_id)
    app = page_as(admin, "people/people.py")
    assert role_of(app, "Ana").disabled  # an administrator does not touch owners
    assert Role.OWNER not in role_of(app, "Owner").options


def test_an_invitation_is_made_shown_once_and_taken_back(page_as, ana):
    app = page_as(ana, "people/people.py")
    button(app, "Invite").click().run()
    app.radio(key="invite_role").set_value(Role.VIEWER)
    app.text_input(key="invite_email").set_value("citra@example.org").run()
    button(app, "Make a link").click().run()
    path = component(app, "copy")["path"]
    found, _ = invitations.look(ana, path.removeprefix("/join/"))
    assert (found.role, found.email) == ("viewer", "citra@example.org")
    app = page_as(ana, "people/people.py")
    assert "citra@example.org" in texts(app)
    button(app, "Take back").click().run()
    with pytest.raises(NotFound):
        invitations.look(ana, path.removeprefix("/join/"))


@pytest.fixture
def box(page_desk, monkeypatch, tmp_path) -> Iterator[Mailbox]:
    """A mail server that is set up, on a desk that knows its address."""
    monkeypatch.setenv("DESK_PUBLIC_URL", "https://desk.example.org")
    with smtp(tmp_path, "none") as running:
        wanted = {"host": "localhost", "port": running.port, "security": "none", "sender": "desk@example.org"}
        choices.choose(page_desk, Mail, **wanted)
        yield running


def invite(app, email):
    button(app, "Invite").click().run()
    app.text_input(key="invite_email").set_value(email).run()
    app.button(key="make_invitation").click().run()
    return app


def test_an_invitation_goes_to_its_address_and_its_link_is_shown_all_the_same(page_as, ana, box):
    app = invite(page_as(ana, "people/people.py"), "citra@example.org")
    assert "sent to citra@example.org" in read(app.success[0].value)
    (letter,) = box.taken
    path = component(app, "copy")["path"]
    assert f"https://desk.example.org{path}" in letter.get_content().splitlines()
    assert "Ana invites you" in str(letter["Subject"])


def test_an_invitation_that_could_not_be_mailed_is_kept_and_goes_out_when_it_is_sent_again(page_as, ana, box):
    app = invite(page_as(ana, "people/people.py"), UNKNOWN)
    assert "localhost takes no mail for" in texts(app)
    assert "The invitation is there all the same: send this link yourself." in texts(app)
    first = component(app, "copy")["path"]
    assert invitations.look(ana, first.removeprefix("/join/"))[0].email == UNKNOWN
    invitations.revoke(ana, invitations.list(ana)[0].id)
    waiting, earlier = invitations.invite(ana, Role.EDITOR, "citra@example.org")
    app = page_as(ana, "people/people.py")
    button(app, "Send again").click().run()
    assert "sent to citra@example.org" in read(app.success[0].value)
    path = component(app, "copy")["path"].removeprefix("/join/")
    assert invitations.look(ana, path)[0].id == waiting.id
    assert path in box.taken[-1].get_content()
    with pytest.raises(NotFound):
        invitations.look(ana, earlier.removeprefix("/join/"))


def test_without_mail_a_new_link_is_made_and_the_one_before_it_ends(page_as, ana):
    _, earlier = invitations.invite(ana, Role.EDITOR, "citra@example.org")
    app = page_as(ana, "people/people.py")
    button(app, "New link").click().run()
    assert "The link before it does not work any more." in texts(app)
    assert invitations.look(ana, component(app, "copy")["path"].removeprefix("/join/"))
    with pytest.raises(NotFound):
        invitations.look(ana, earlier.removeprefix("/join/"))


def test_where_the_desk_does_not_know_its_address_it_is_said_that_nothing_is_mailed(page_as, ana, box, monkeypatch):
    monkeypatch.delenv("DESK_PUBLIC_URL")
    app = page_as(ana, "people/people.py")
    button(app, "Invite").click().run()
    assert "Nothing is mailed" in texts(app)
    assert "DESK_PUBLIC_URL" in texts(app)


def test_an_administrator_does_not_send_the_invitation_of_an_owner_again(page_as, ana):
    invitations.invite(ana, Role.OWNER, "citra@example.org")
    app = page_as(add_person(ana, "Dao", Role.ADMIN), "people/people.py")
    assert button(app, "New link").disabled
    assert "Only an owner" in button(app, "New link").help


def test_what_is_wrong_with_an_invitation_is_said_and_what_was_typed_stays(page_as, ana):
    app = page_as(ana, "people/people.py")
    button(app, "Invite").click().run()
    app.text_input(key="invite_email").set_value("nobody").run()
    button(app, "Make a link").click().run()
    assert "is no e-mail address" in app.error[0].value.replace("\\", "")
    assert app.text_input(key="invite_email").value == "nobody"


def test_only_an_owner_may_invite_owners(page_as, ana):
    admin = add_person(ana, "Dao", Role.ADMIN)
    app = page_as(admin, "people/people.py")
    button(app, "Invite").click().run()
    assert app.radio(key="invite_role").options == ["Viewer", "Editor", "Admin"]


def test_whoever_is_removed_hands_over_first(page_as, ana, budi):
    its = make_things(budi, "Budi")
    secret = tokens.create(budi, "Reports", ["*"])[0]
    app = choose(page_as(ana, "people/people.py"), budi, "Remove from this workspace")
    assert "They own 1 dataset, 2 exports, 1 template, 1 saved set, 1 schedule and 1 destination here." in texts(app)
    assert app.selectbox(key=f"heir_{budi.account_id}").value == ana.account_id
    button(app, "Remove").click().run()
    assert "Budi" not in members.names(ana).values()
    assert its.dataset
    assert secret.id not in {t.id for t in tokens.list(ana)}


def test_somebody_leaves_and_their_page_ends(page_as, ana, budi):
    make_things(budi, "Budi")
    app = choose(page_as(budi, "people/people.py"), budi, "Leave this workspace")
    assert button(app, "Leave").disabled
    app.selectbox(key=f"heir_{budi.account_id}").set_value(ana.account_id).run()
    button(app, "Leave").click().run()
    assert "Budi" not in members.names(ana).values()
    assert "You are signed out" in texts(app)


def test_who_owns_nothing_leaves_without_naming_anybody_and_has_nothing_to_hand_over(page_as, ana, budi):
    app = choose(page_as(budi, "people/people.py"), budi, "Hand over what you own")
    assert button(app, "Hand over").help == "There is nothing to hand over."
    app = choose(page_as(budi, "people/people.py"), budi, "Leave this workspace")
    assert "You own nothing here." in texts(app)
    assert "Who takes it over" not in [box.label for box in app.selectbox]
    button(app, "Leave").click().run()
    assert "Budi" not in members.names(ana).values()


def test_things_are_handed_over_from_the_list(page_as, ana, budi):
    make_things(budi, "Budi")
    app = choose(page_as(budi, "people/people.py"), budi, "Hand over what you own")
    app.selectbox(key=f"heir_{budi.account_id}").set_value(ana.account_id).run()
    button(app, "Hand over").click().run()
    assert members.owned(ana, budi.account_id)["datasets"] == 0


def test_an_administrator_of_the_installation_makes_a_link_for_a_new_password(page_as, page_desk, ana, budi):
    administrator = page_desk.acting_as(page_desk.workspace_id, page_desk.account_id)
    app = choose(page_as(administrator, "people/people.py"), budi, "Make a link for a new password")
    button(app, "Make a link").click().run()
    path = component(app, "copy")["path"]
    assert look(ana, path.rpartition("/")[2]).id == budi.account_id
    assert "Make a link for a new password" not in str(more(page_as(ana, "people/people.py"), budi).proto)


def test_on_a_desk_for_one_person_nobody_is_listed(open_page):
    app = open_page("people/people.py")
    assert "This desk is for one person" in texts(app)
    assert not app.button


def test_names_are_shown_as_they_are(page_as, ana, budi):
    accounts.change(budi, name="**Budi** :red[x]")
    assert "**Budi** :red[x]" in texts(page_as(ana, "people/people.py"))


@pytest.mark.parametrize(
    "page",
    [
        "people/people.py",
        "projects.py",
        "people/tokens.py",
        "activity.py",
        "data/data.py",
        "home.py",
        "templates/templates.py",
    ],
)
def test_the_name_of_whom_to_ask_is_text_and_never_a_link_a_picture_or_a_colour(page_as, page_desk, page):
    hostile = "[Ana](https://evil.example) ![i](https://evil.example/i) www.evil.example :red[x] <b>"
    accounts.change(page_desk.acting_as(page_desk.workspace_id, page_desk.account_id), name=hostile)
    app = page_as(add_person(page_desk, "Vera", Role.VIEWER), page)
    boxes = (app.button, app.selectbox, app.caption, app.title, app.get("menu_button"))
    read = [
        str(text) for kind in boxes for box in kind for text in (box.proto.help, getattr(box.proto, "body", "")) if text
    ]
    naming = [text for text in read if "Ask" in text and "evil" in text]
    assert naming
    for text in naming:
        for live in ("[Ana]", "![i]", "https://", "www.evil", ":red[", "<b>"):
            assert live not in text
