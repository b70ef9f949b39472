"""Signing in and out: what a browser holds, for how long, and what ends it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from core import workspaces
from core.access import accounts, bearer, invitations, members, sign_in
from core.desk import Caller, open_desk
from core.errors import NotAllowed, NotFound, TooMany
from storage import accounts as rows
from storage import workspaces as workspaces_rows
from storage.tables import Account, AuditEntry, Role, SignIn, utc_now
from tests import people
from tests.people import CALLER, OWNER, PASSWORD


@pytest.fixture
def ana(team_desk):
    return people.somebody(team_desk, OWNER)


@pytest.fixture
def budi(ana):
    return people.somebody(ana, "budi@example.org")


@pytest.fixture
def stranger_account(ana):
    with ana.store.writing() as session:
        _, account = workspaces_rows.create(session, "Elsewhere", "UTC", "Stranger")
        account.email = "stranger@example.org"
    return account


def entries(desk, action):
    with desk.store.reading() as session:
        return session.exec(select(AuditEntry).where(AuditEntry.action == action)).all()


def test_the_secret_of_a_sign_in_leads_back_to_the_person(ana):
    secret = sign_in.with_password(ana, " Ana@Example.org ", PASSWORD, CALLER)
    acting, row = sign_in.resume(ana, secret, CALLER)
    assert (acting.account_id, acting.caller.name, row.address) == (ana.account_id, "Ana", CALLER.address)


def test_every_sign_in_has_a_secret_of_its_own_and_the_store_holds_only_its_hash(ana):
    one, other = (sign_in.with_password(ana, OWNER, PASSWORD, CALLER) for _ in range(2))
    assert one != other
    assert len(one) >= 43  # 32 bytes
    with ana.store.reading() as session:
        kept = {row.hash for row in session.exec(select(SignIn)).all()}
    assert {bearer.hashed(one), bearer.hashed(other)} <= kept
    assert not {one, other} & kept


@pytest.mark.parametrize("email", [OWNER, "nobody@example.org", "", "no address"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(ana, email):
    with pytest.raises(NotAllowed) as refused:
        sign_in.with_password(ana, email, "not the password", CALLER)
    assert refused.value.message == "This e-mail and password do not belong together."
    assert entries(ana, "sign_in_failed")[-1].subject == email


def test_an_account_is_closed_after_ten_wrong_passwords_even_to_the_right_one(ana, budi):
    for _ in range(accounts.PER_ACCOUNT.most):
        with pytest.raises(NotAllowed):
            sign_in.with_password(ana, OWNER, "wrong", CALLER)
    with pytest.raises(TooMany, match="too many wrong passwords") as refused:
        sign_in.with_password(ana, OWNER.upper(), PASSWORD, CALLER)
    assert "Wait" in refused.value.next_step
    assert sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER)  # nobody else is


def test_a_crowd_at_once_gets_no_more_tries_than_one_after_the_other(ana):
    def attempt(_):
        try:
            sign_in.with_password(ana, OWNER, "wrong", CALLER)
        except (NotAllowed, TooMany) as refused:
            return type(refused)

    with ThreadPoolExecutor(16) as crowd:
        answers = Counter(crowd.map(attempt, range(24)))
    assert answers == {NotAllowed: accounts.PER_ACCOUNT.most, TooMany: 24 - accounts.PER_ACCOUNT.most}


@pytest.mark.parametrize("meanwhile", ["changed", "closed"])
def test_what_happens_to_the_account_while_its_password_is_looked_at_counts(ana, monkeypatch, meanwhile):
    look = accounts.verified

    def slowly(account, password):
        found = look(account, password)
        with ana.store.writing() as session:
            there = rows.account(session, account.id)
            if meanwhile == "changed":
                there.password_hash = accounts.hashed("a wholly different sentence")
            there.disabled_at = utc_now() if meanwhile == "closed" else None
        return found

    monkeypatch.setattr(accounts, "verified", slowly)
    with pytest.raises(NotAllowed, match="do not belong together"):
        sign_in.with_password(ana, OWNER, PASSWORD, CALLER)
    with ana.store.reading() as session:
        there = rows.by_email(session, OWNER)
    assert look(there, PASSWORD) == (meanwhile == "closed")  # the new one was not written over


def test_a_wrong_password_is_in_the_log_of_where_its_account_lands(ana, stranger_account):
    with pytest.raises(NotAllowed):
        sign_in.with_password(ana, stranger_account.email, "wrong", CALLER)
    assert [entry.workspace_id for entry in entries(ana, "sign_in_failed")] == [stranger_account.workspace_id]


def test_an_address_that_tries_everybody_is_closed(ana, monkeypatch):
    monkeypatch.setattr(sign_in, "PER_ADDRESS", replace(sign_in.PER_ADDRESS, most=3))
    for n in range(3):
        with pytest.raises(NotAllowed):
            sign_in.with_password(ana, f"person{n}@example.org", "wrong", CALLER)
    with pytest.raises(TooMany):
        sign_in.with_password(ana, OWNER, PASSWORD, CALLER)
    assert sign_in.with_password(ana, OWNER, PASSWORD, Caller(address="198.51.100.9"))


def test_right_passwords_are_not_counted(ana, monkeypatch):
    monkeypatch.setattr(sign_in, "PER_ACCOUNT", replace(accounts.PER_ACCOUNT, most=2))
    monkeypatch.setattr(sign_in, "PER_ADDRESS", replace(sign_in.PER_ADDRESS, most=2))
    for _ in range(4):
        assert sign_in.with_password(ana, OWNER, PASSWORD, CALLER)


@pytest.mark.parametrize("secret", [None, "", "x", "a" * 43])
def test_what_was_never_handed_out_opens_nothing(ana, secret):
    with pytest.raises(NotAllowed, match="signed out"):
        sign_in.resume(ana, secret, CALLER)


def test_signing_out_ends_this_browser_alone(ana):
    here, there = (sign_in.with_password(ana, OWNER, PASSWORD, CALLER) for _ in range(2))
    acting, row = sign_in.resume(ana, here, CALLER)
    sign_in.end(acting, row.id)
    with pytest.raises(NotAllowed):
        sign_in.resume(ana, here, CALLER)
    assert sign_in.resume(ana, there, CALLER)


def test_signing_out_everywhere_may_keep_this_browser(ana):
    secrets = [sign_in.with_password(ana, OWNER, PASSWORD, CALLER) for _ in range(3)]
    acting, row = sign_in.resume(ana, secrets[0], CALLER)
    sign_in.end_everywhere(acting, but=row.id)
    assert [one.id for one in sign_in.open_ones(acting)] == [row.id]
    sign_in.end_everywhere(acting)
    assert not sign_in.open_ones(acting)


def test_nobody_ends_the_sign_in_of_somebody_else(ana, budi):
    secret = sign_in.with_password(ana, OWNER, PASSWORD, CALLER)
    _, row = sign_in.resume(ana, secret, CALLER)
    sign_in.end(budi, row.id)
    assert sign_in.resume(ana, secret, CALLER)


def test_a_sign_in_ends_by_itself_after_the_days_of_the_setting(ana):
    secret = sign_in.with_password(ana, OWNER, PASSWORD, CALLER)
    with ana.store.writing() as session:
        row = session.exec(select(SignIn).where(SignIn.hash == bearer.hashed(secret))).one()
        left = row.expires_at - utc_now()
        assert timedelta(days=13, hours=23) < left <= timedelta(days=14)
        row.expires_at = utc_now() - timedelta(seconds=1)
        session.add(row)
    with pytest.raises(NotAllowed):
        sign_in.resume(ana, secret, CALLER)


def test_a_disabled_account_neither_signs_in_nor_goes_on(ana, budi):
    secret = sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER)
    with ana.store.writing() as session:
        account = session.get(Account, budi.account_id)
        account.disabled_at = utc_now()
        session.add(account)
    with pytest.raises(NotAllowed):
        sign_in.resume(ana, secret, CALLER)
    with pytest.raises(NotAllowed):
        sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER)


def test_whoever_is_removed_from_a_workspace_goes_on_where_else_they_belong_or_nowhere(ana, budi):
    secret = sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER)
    elsewhere = workspaces.make(ana, "Elsewhere")
    there = replace(ana, workspace_id=elsewhere.id)
    with ana.store.writing() as session:
        from storage import members as rows

        rows.add(session, there.workspace_id, budi.account_id, "viewer")
    members.remove(ana, budi.account_id, ana.account_id)
    acting, _ = sign_in.resume(ana, secret, CALLER)
    assert (acting.workspace_id, acting.role) == (elsewhere.id, "viewer")
    members.remove(ana.acting_as(elsewhere.id, ana.account_id), budi.account_id, ana.account_id)
    with pytest.raises(NotAllowed):
        sign_in.resume(ana, secret, CALLER)


@pytest.mark.parametrize("proven", [True, False])
def test_who_belongs_nowhere_any_more_comes_back_where_their_proven_address_is_invited(ana, budi, proven):
    with ana.store.writing() as session:
        rows.account(session, budi.account_id).email_proven = proven
    members.remove(ana, budi.account_id, hand_to=ana.account_id)
    invitations.invite(ana, Role.VIEWER, "BUDI@example.org")
    if not proven:
        with pytest.raises(NotAllowed):
            sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER)
        assert len(invitations.list(ana)) == 1
        return
    acting, _ = sign_in.resume(ana, sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER), CALLER)
    assert (acting.workspace_id, acting.role) == (ana.workspace_id, "viewer")
    assert not invitations.list(ana)


def test_a_browser_moves_only_to_a_workspace_of_its_person(ana, budi):
    mine = workspaces.make(ana, "Finance")
    secret = sign_in.with_password(ana, OWNER, PASSWORD, CALLER)
    acting, row = sign_in.resume(ana, secret, CALLER)
    sign_in.switch(acting, row, mine.id)
    assert sign_in.resume(ana, secret, CALLER)[0].workspace_id == mine.id
    his = sign_in.resume(ana, sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER), CALLER)
    with pytest.raises(NotFound):
        sign_in.switch(*his, mine.id)


def test_over_https_only_the_cookie_counts_that_no_neighbour_can_set():
    both = {sign_in.COOKIE: "planted", sign_in.SECURE_COOKIE: "own"}
    assert sign_in.secret_of(both, secure=True) == "own"
    assert sign_in.secret_of({sign_in.COOKIE: "planted"}, secure=True) is None
    assert sign_in.secret_of(both) == "own"
    assert sign_in.secret_of({sign_in.COOKIE: "plain"}, secure=False) == "plain"


def test_an_old_hash_is_made_anew_at_the_next_sign_in_even_of_a_password_that_is_weak_by_now(ana, monkeypatch):
    from argon2 import PasswordHasher

    with ana.store.writing() as session:
        account = session.get(Account, ana.account_id)
        account.password_hash = PasswordHasher(time_cost=1, memory_cost=8192).hash("password")
        session.add(account)
    assert sign_in.with_password(ana, OWNER, "password", CALLER)
    me = accounts.me(ana)
    assert not accounts.HASHER.check_needs_rehash(me.password_hash)
    assert accounts.verified(me, "password")


def test_signing_in_and_out_is_in_the_audit_log(ana):
    acting, row = sign_in.resume(ana, sign_in.with_password(ana, OWNER, PASSWORD, CALLER), CALLER)
    sign_in.end(acting, row.id)
    came, went = entries(ana, "signed_in")[-1], entries(ana, "signed_out")[-1]
    assert (came.actor, came.address, came.agent) == ("Ana", CALLER.address, CALLER.agent)
    assert went.actor == "Ana"


def test_on_one_persons_own_computer_nothing_is_asked(desk):
    assert not sign_in.required(desk)
    assert not sign_in.required(open_desk(desk.settings))
