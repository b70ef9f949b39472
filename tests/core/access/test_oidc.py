"""Whom a provider's word lets in, and whom it does not any more. The protocol itself: tests/api/test_oidc.py."""

from __future__ import annotations

import pytest

from core import workspaces
from core.access import invitations, members, oidc, sign_in, users
from core.access.oidc import Claims
from core.desk import Desk
from core.errors import NotAllowed
from storage.tables import Role
from tests import people
from tests.people import CALLER, OWNER, PASSWORD

DEWI = Claims("https://id.example", "dewi", "dewi@team.example", email_verified=True, name="Dewi")


@pytest.fixture
def ana(team_desk) -> Desk:
    """The owner of a workspace that names a domain."""
    ana = people.somebody(team_desk, OWNER)
    workspaces.change(ana, email_domains=["team.example"])
    return ana


def enter(desk: Desk) -> Desk:
    return sign_in.resume(desk, oidc.sign_in_with(desk, DEWI, CALLER), CALLER)[0]


def test_somebody_new_with_an_address_at_a_named_domain_comes_in_as_a_viewer(ana):
    assert (enter(ana).workspace_id, enter(ana).role) == (ana.workspace_id, "viewer")


def test_whoever_was_removed_stays_out_though_the_domain_is_named_until_somebody_invites_them(ana):
    dewi = enter(ana)
    members.remove(ana, dewi.account_id, hand_to=ana.account_id)
    with pytest.raises(NotAllowed, match="You belong to no workspace here any more"):
        enter(ana)
    invitations.invite(ana, Role.EDITOR, DEWI.email)
    back = enter(ana)
    assert (back.account_id, back.role) == (dewi.account_id, "editor")


def test_who_had_a_password_and_was_removed_does_not_come_back_by_the_provider_either(ana):
    _, path = invitations.invite(ana, Role.EDITOR, DEWI.email)
    secret = path.rpartition("/")[2]
    invitations.join(ana, secret, name="Dewi", email=DEWI.email, password=PASSWORD, caller=CALLER)
    (dewi,) = [member for member in members.list(ana) if member.name == "Dewi"]
    members.remove(ana, dewi.account_id, hand_to=ana.account_id)
    with pytest.raises(NotAllowed, match="You belong to no workspace here any more"):
        enter(ana)


def test_a_closed_account_does_not_come_in_whatever_the_provider_says(ana):
    users.close(ana, enter(ana).account_id)
    invitations.invite(ana, Role.EDITOR, "other@team.example")
    with pytest.raises(NotAllowed):
        enter(ana)
