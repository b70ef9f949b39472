"""Invitations by mail, against a real mail server: what it is sent, and what is said where it takes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core import audit, choices, workspaces
from core.access import invitation_mail, invitations
from core.choices import Mail
from core.desk import Desk
from core.errors import BadInput, Forbidden, MailRefused, MailUnreachable, NotFound, TooMany
from storage.tables import Role
from tests.servers.ports import free_port
from tests.servers.smtp import UNKNOWN, Mailbox, smtp
from tests.things import add_person

BUDI = "budi@example.org"


@pytest.fixture
def ana(desk) -> Desk:
    """An administrator of the workspace, on a desk that knows where people reach it."""
    public = replace(desk, settings=desk.settings.model_copy(update={"public_url": "https://desk.example.org/"}))
    return add_person(public, "Ana", Role.ADMIN)


@pytest.fixture
def box(desk, tmp_path) -> Iterator[Mailbox]:
    with smtp(tmp_path, "none") as running:
        wanted = {"host": "localhost", "port": running.port, "security": "none", "sender": "desk@example.org"}
        choices.choose(desk, Mail, **wanted)
        yield running


def secret_in(letter) -> str:
    (secret,) = re.findall(r"https://desk\.example\.org/join/(\S+)", letter.get_content())
    return secret


def test_an_invitation_is_mailed_with_its_link_who_sent_it_and_what_it_is_for(ana, box):
    made = invitation_mail.invite(ana, Role.EDITOR, BUDI)
    (letter,) = box.taken
    assert str(letter["To"]) == BUDI
    assert str(letter["Subject"]) == "Ana invites you to My workspace on Export Desk"
    text = letter.get_content()
    assert "Ana invites you to the workspace “My workspace” on Export Desk, as editor." in text
    assert "within 7 days" in text
    assert f"only for {BUDI}" in text
    assert invitations.look(ana, secret_in(letter))[0].id == made.invitation.id
    assert made.path == f"/join/{secret_in(letter)}"
    assert made.sent
    assert made.trouble is None
    assert [e.action for e in audit.list(ana)[0]][:2] == ["members.invitation_mailed", "members.invited"]


def test_a_link_for_anybody_is_mailed_to_nobody(ana, box):
    made = invitation_mail.invite(ana, Role.VIEWER)
    assert (made.sent, made.trouble, box.taken) == (None, None, [])
    assert invitations.look(ana, made.path.removeprefix("/join/"))


def test_where_the_desk_does_not_know_its_own_address_nothing_is_mailed(desk, box):
    made = invitation_mail.invite(desk, Role.VIEWER, BUDI)
    assert (made.sent, made.trouble, box.taken) == (None, None, [])


def test_an_invitation_whose_mail_is_refused_is_kept_and_it_is_said_why(ana, box):
    made = invitation_mail.invite(ana, Role.EDITOR, UNKNOWN)
    assert isinstance(made.trouble, MailRefused)
    assert "No such mailbox" in made.trouble.message
    assert made.sent is None
    assert [one.email for one in invitations.list(ana)] == [UNKNOWN]
    assert invitations.look(ana, made.path.removeprefix("/join/"))
    assert "members.invitation_mailed" not in {e.action for e in audit.list(ana)[0]}


def test_sent_again_once_the_server_is_back_the_new_link_works_and_the_old_one_does_not(desk, ana, box):
    choices.choose(desk, Mail, port=free_port())
    first = invitation_mail.invite(ana, Role.EDITOR, BUDI)
    assert isinstance(first.trouble, MailUnreachable)
    choices.choose(desk, Mail, port=box.port)
    second = invitation_mail.again(ana, first.invitation.id)
    (letter,) = box.taken
    assert second.sent
    assert invitations.look(ana, secret_in(letter))[0].role == "editor"
    with pytest.raises(NotFound):
        invitations.look(ana, first.path.removeprefix("/join/"))
    (only,) = invitations.list(ana)
    assert (only.id, only.expires_at > first.invitation.expires_at) == (first.invitation.id, True)


def test_names_make_no_further_headers_and_no_further_receivers(ana, box):
    workspaces.change(ana, name="Team {link} Bcc: eve@example.org")
    invitation_mail.invite(ana, Role.VIEWER, BUDI)
    (letter,) = box.taken
    assert (letter["Bcc"], str(letter["To"])) == (None, BUDI)
    assert "“Team {link} Bcc: eve@example.org”" in letter.get_content()


def test_nobodys_letter_box_is_filled_with_invitations(ana, box):
    made = invitation_mail.invite(ana, Role.VIEWER, BUDI)
    for _ in range(invitation_mail.PER_EMAIL.most):
        made = invitation_mail.again(ana, made.invitation.id)
    assert len(box.taken) == invitation_mail.PER_EMAIL.most
    assert isinstance(made.trouble, TooMany)
    assert "send the link by hand" in made.trouble.next_step
    assert invitations.look(ana, made.path.removeprefix("/join/"))


def test_what_is_gone_or_not_allowed_any_more_is_not_sent_again(ana, box, stranger):
    made = invitation_mail.invite(ana, Role.VIEWER, BUDI)
    with pytest.raises(NotFound):
        invitation_mail.again(stranger, made.invitation.id)
    workspaces.change(ana, email_domains=["example.com"])
    with pytest.raises(BadInput, match=r"takes only addresses at example\.com"):
        invitation_mail.again(ana, made.invitation.id)
    invitations.revoke(ana, made.invitation.id)
    with pytest.raises(NotFound):
        invitation_mail.again(ana, made.invitation.id)
    assert len(box.taken) == 1


def test_who_may_not_invite_sends_nothing_again_either(desk, ana, box):
    owners = invitation_mail.invite(replace(desk, settings=ana.settings), Role.OWNER, BUDI)
    viewer = add_person(ana, "Vera", Role.VIEWER)
    for attempt in (
        lambda: invitation_mail.again(ana, owners.invitation.id),  # to make an owner takes one
        lambda: invitation_mail.again(viewer, owners.invitation.id),
        lambda: invitation_mail.invite(viewer, Role.VIEWER, "citra@example.org"),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert len(box.taken) == 1
