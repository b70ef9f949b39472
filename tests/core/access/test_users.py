"""Everybody who has an account: found, signed out, shut out and let in again, by administrators of the installation alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import update

from core import audit, workspaces
from core.access import members, recovery, sign_in, users
from core.desk import Desk
from core.errors import BadInput, Conflict, Forbidden, NotAllowed, NotFound
from storage.tables import Role, SignIn, utc_now
from tests import people
from tests.people import CALLER, OWNER, PASSWORD
from tests.things import add_person


@pytest.fixture
def ana(team_desk) -> Desk:
    """She set the desk up: its owner and its administrator."""
    return people.somebody(team_desk, OWNER)


@pytest.fixture
def budi(ana) -> Desk:
    return people.somebody(ana, "budi@example.org")


def names(found) -> list[str]:
    return [user.account.name for user in found[0]]


def administrator(desk: Desk, account_id: str) -> Desk:
    """The same person as another administrator of the installation."""
    users.administer(desk, account_id)
    return desk.acting_as(desk.workspace_id, account_id)


def test_somebody_is_found_by_a_part_of_the_name_or_the_address_without_case(ana, budi):
    add_person(ana, "Élodie", Role.VIEWER)
    assert names(users.find(ana)) == ["Ana", "Budi", "Élodie"]
    assert names(users.find(ana, " ÉLO ")) == ["Élodie"]
    assert names(users.find(ana, "BUDI@")) == ["Budi"]
    assert names(users.find(ana, "%")) == []


def test_the_list_comes_in_pages_and_says_how_many_there_are(ana, budi):
    first, total = users.find(ana, size=1)
    second, _ = users.find(ana, page=2, size=1)
    assert ([u.account.name for u in (*first, *second)], total) == (["Ana", "Budi"], 2)


def test_closed_accounts_can_be_looked_at_alone(ana, budi):
    users.close(ana, budi.account_id)
    assert names(users.find(ana, closed=True)) == ["Budi"]
    assert names(users.find(ana, closed=False)) == ["Ana"]


def test_everybody_comes_with_every_workspace_they_belong_to(ana, budi):
    workspaces.make(administrator(ana, budi.account_id), "Field office")
    (found,), _ = users.find(ana, "budi")
    assert [(where.name, role) for where, role in found.places] == [("Field office", "owner"), ("Team", "editor")]


def test_it_is_said_when_somebody_was_last_here_and_in_how_many_browsers_they_are_signed_in(ana, budi):
    def found():
        return users.find(ana, "budi")[0][0]

    users.sign_out(ana, budi.account_id)
    people.cookie(ana, "budi@example.org")
    people.cookie(ana, "budi@example.org")
    assert found().browsers == 2
    earlier = utc_now() - timedelta(days=3)
    with ana.store.writing() as session:
        mine = SignIn.account_id == budi.account_id
        session.exec(update(SignIn).where(mine).values(seen_at=earlier, expires_at=utc_now() - timedelta(days=1)))
    assert (found().seen_at, found().browsers) == (earlier, 0)
    dewi = add_person(ana, "Dewi", Role.VIEWER)
    (never,), _ = users.find(ana, "dewi")
    assert (never.account.id, never.seen_at, never.browsers) == (dewi.account_id, None, 0)


def test_somebody_is_signed_out_of_every_browser_and_may_come_back(ana, budi):
    users.sign_out(ana, budi.account_id)
    held = [people.cookie(ana, "budi@example.org")[sign_in.COOKIE] for _ in range(2)]
    assert users.sign_out(ana, budi.account_id) == 2
    for secret in held:
        with pytest.raises(NotAllowed):
            sign_in.resume(ana, secret, CALLER)
    assert sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER)
    (noted, *_), _ = audit.list(ana, actions=["signed_out_everywhere"], of_installation=True)
    assert (noted.actor, noted.subject, noted.details) == ("Ana", "Budi", {"browsers": 2})
    assert audit.sentence(noted) == "signed Budi out of every browser"


@pytest.mark.parametrize(
    "attempt",
    [
        lambda desk, other: users.list(desk),
        lambda desk, other: users.find(desk),
        lambda desk, other: users.close(desk, other),
        lambda desk, other: users.close(desk, other, closed=False),
        lambda desk, other: users.sign_out(desk, other),
        lambda desk, other: users.administer(desk, desk.account_id),
        lambda desk, other: users.change_email(desk, other, "new@example.org"),
        lambda desk, other: users.administer(desk, other, administers=False),
    ],
)
def test_only_an_administrator_of_the_installation_may_and_the_attempt_is_noted(ana, attempt):
    owner = add_person(ana, "Olga", Role.OWNER)
    with pytest.raises(Forbidden, match="administrator of this installation") as refused:
        attempt(owner, ana.account_id)
    assert refused.value.next_step == "Ask Ana."
    (noted, *_), _ = audit.list(ana, refused=True, of_installation=True)
    assert noted.account_id == owner.account_id


@pytest.mark.parametrize(
    "attempt",
    [users.close, users.sign_out, users.administer, lambda desk, id: users.change_email(desk, id, "new@example.org")],
)
def test_an_account_that_is_not_there_is_named_so(ana, attempt):
    with pytest.raises(NotFound):
        attempt(ana, "nobody")


def test_nobody_closes_their_own_account(ana):
    with pytest.raises(Conflict, match="your own account"):
        users.close(ana, ana.account_id)
    assert sign_in.with_password(ana, OWNER, PASSWORD, CALLER)


def test_the_only_owner_of_a_workspace_where_others_work_is_not_shut_out(ana, budi):
    other = administrator(ana, budi.account_id)
    with pytest.raises(Conflict, match="Ana is the only owner of “Team”") as refused:
        users.close(other, ana.account_id)
    assert "made an owner there first" in refused.value.next_step
    members.change_role(ana, budi.account_id, Role.OWNER)
    assert users.close(other, ana.account_id).disabled_at


def test_whoever_works_alone_in_a_workspace_can_be_shut_out_of_it(ana, budi):
    alone = administrator(ana, budi.account_id)
    workspaces.make(alone, "Alone")
    assert users.close(ana, budi.account_id).disabled_at


def test_an_owner_who_was_shut_out_is_not_the_one_a_workspace_keeps(ana, budi):
    members.change_role(ana, budi.account_id, Role.OWNER)
    editor = add_person(ana, "Citra", Role.EDITOR)
    users.close(ana, budi.account_id)
    with pytest.raises(Conflict, match="Ana is the only owner"):
        members.leave(ana, editor.account_id)
    members.change_role(ana, budi.account_id, Role.EDITOR)  # one who cannot come in can be missed
    assert {m.name: m.role for m in members.list(ana)} == {"Ana": "owner", "Budi": "editor", "Citra": "editor"}


def test_no_link_is_made_for_a_closed_account(ana, budi):
    users.close(ana, budi.account_id)
    with pytest.raises(Conflict, match="The account of Budi is closed"):
        recovery.make_link(ana, budi.account_id)
    users.close(ana, budi.account_id, closed=False)
    assert recovery.make_link(ana, budi.account_id)


def test_an_administrator_makes_others_administrators_and_takes_it_back(ana, budi):
    assert administrator(ana, budi.account_id).administrator
    users.administer(ana, budi.account_id, administers=False)
    assert not budi.acting_as(budi.workspace_id, budi.account_id).administrator
    noted, _ = audit.list(ana, search="administer", of_installation=True)
    assert [audit.sentence(entry) for entry in noted] == [
        "made Budi no administrator of this installation any more", "made Budi an administrator of this installation",
    ]  # fmt: skip


def test_nobody_stops_administering_by_themselves_and_nobody_who_is_shut_out_begins(ana, budi):
    administrator(ana, budi.account_id)
    with pytest.raises(Conflict, match="your own account"):
        users.administer(ana, ana.account_id, administers=False)
    users.administer(ana, budi.account_id, administers=False)
    with pytest.raises(Conflict, match="Ana is the only administrator"):
        users.administer(ana.itself(ana.workspace_id), ana.account_id, administers=False)
    users.close(ana, budi.account_id)
    with pytest.raises(Conflict, match="The account of Budi is closed"):
        users.administer(ana, budi.account_id)


def test_somebody_signs_in_with_the_address_an_administrator_gave_them_and_no_more_with_the_old_one(ana, budi):
    link = recovery.make_link(ana, budi.account_id).rpartition("/")[2]
    users.change_email(ana, budi.account_id, " Budi.Santoso@example.org ")
    assert sign_in.with_password(ana, "budi.santoso@example.org", PASSWORD, CALLER)
    with pytest.raises(NotAllowed):
        sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER)
    with pytest.raises(NotFound):
        recovery.look(ana, link)
    (noted, *_), _ = audit.list(ana, actions=["account_email_changed"], of_installation=True)
    assert noted.details == {"before": "budi@example.org", "now": "Budi.Santoso@example.org"}
    assert audit.sentence(noted) == "changed the address Budi signs in with"


def test_nobody_gets_the_address_of_somebody_else_or_none(ana, budi):
    with pytest.raises(Conflict, match="has an account here already"):
        users.change_email(ana, budi.account_id, OWNER.upper())
    with pytest.raises(BadInput):
        users.change_email(ana, budi.account_id, "nobody")
    assert users.change_email(ana, budi.account_id, "Budi@example.org").email == "Budi@example.org"
