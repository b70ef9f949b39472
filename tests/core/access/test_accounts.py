"""People: what may be a name, an address, a password; and how one's own account is changed."""

import pytest

from core import audit
from core.access import accounts, recovery, sign_in
from core.errors import BadInput, Conflict, NotAllowed, NotFound, TooMany, WrongPassword
from tests import people
from tests.people import CALLER, OWNER, PASSWORD


@pytest.fixture
def ana(team_desk):
    return people.somebody(team_desk, OWNER)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "10 characters or more"),
        ("password123", "This password is"),
        ("aaaaaaaaaaaa", "This password is"),
        ("1234567890", "This password is"),
        ("ana@example.org", "This password is"),
        ("x" * 5000, "at most"),
    ],
)
def test_a_password_that_is_short_or_easily_guessed_is_refused_with_what_would_help(password, says):
    with pytest.raises(BadInput, match=says) as refused:
        accounts.checked_password(password, "Ana", "ana@example.org")
    assert refused.value.field == "password"
    assert refused.value.next_step


@pytest.mark.parametrize("password", [PASSWORD, "Grüße aus Übersee 27", "пароль из четырёх слов"])
def test_a_long_password_in_any_script_is_taken(password):
    assert accounts.checked_password(password) == password


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "@example.org", "a b@example.org", "ana@example.org\nBcc: eve@example.org"]
)
def test_what_cannot_be_an_address_is_refused(email):
    with pytest.raises(BadInput) as refused:
        accounts.checked_email(email)
    assert refused.value.field == "email"


def test_an_address_belongs_to_one_person_however_it_is_written(ana):
    with pytest.raises(Conflict), ana.store.writing() as session:
        accounts.create(session, ana.workspace_id, "Another Ana", OWNER.upper())


def test_one_changes_what_is_given_and_the_rest_stays(ana):
    accounts.change(ana, name="  Ana   María ", zone="Asia/Jakarta", theme="dark")
    accounts.change(ana, notify_done=False)
    me = accounts.me(ana)
    assert (me.name, me.zone, me.email) == ("Ana María", "Asia/Jakarta", OWNER)
    assert accounts.preferences(ana) == accounts.Preferences(theme="dark", notify_done=False)
    accounts.change(ana, zone="")
    assert accounts.me(ana).zone is None


@pytest.mark.parametrize("wrong", [{"name": ""}, {"zone": "Mars/Olympus"}])
def test_nonsense_changes_nothing(ana, wrong):
    with pytest.raises(BadInput):
        accounts.change(ana, **wrong)
    assert (accounts.me(ana).name, accounts.me(ana).zone) == ("Ana", None)


def test_a_new_password_signs_every_other_browser_out(ana):
    here, there = (sign_in.with_password(ana, OWNER, PASSWORD, CALLER) for _ in range(2))
    acting, row = sign_in.resume(ana, here, CALLER)
    accounts.change_password(acting, PASSWORD, "a wholly different sentence", but=row.id)
    assert sign_in.resume(ana, here, CALLER)
    with pytest.raises(NotAllowed):
        sign_in.resume(ana, there, CALLER)
    with pytest.raises(NotAllowed):
        sign_in.with_password(ana, OWNER, PASSWORD, CALLER)
    assert sign_in.with_password(ana, OWNER, "a wholly different sentence", CALLER)


def test_a_new_password_ends_the_links_for_another_one(ana):
    way = recovery.make_link(ana, ana.account_id).rpartition("/")[2]
    accounts.change_password(ana, PASSWORD, "a wholly different sentence")
    with pytest.raises(NotFound):
        recovery.look(ana, way)


def test_nobody_changes_a_password_without_the_present_one(ana):
    with pytest.raises(WrongPassword, match="not your current password"):
        accounts.change_password(ana, "guessed", "a wholly different sentence")
    assert sign_in.with_password(ana, OWNER, PASSWORD, CALLER)


def test_the_present_password_is_not_guessed_from_within_either(ana):
    for _ in range(accounts.PER_ACCOUNT.most):
        with pytest.raises(NotAllowed):
            accounts.change_password(ana, "guessed", "a wholly different sentence")
    with pytest.raises(TooMany, match="too many wrong passwords") as refused:
        accounts.change_password(ana, PASSWORD, "a wholly different sentence")
    assert 0 < refused.value.details["retry_after"] <= accounts.PER_ACCOUNT.seconds


def test_what_one_changed_of_ones_account_is_noted_and_nothing_is_where_nothing_changed(ana):
    accounts.change(ana, name="Ana Maria", theme="dark")
    accounts.change(ana, name="Ana Maria", theme="dark")
    (noted,), _ = audit.list(ana, actions=["account_changed"])
    assert noted.details == {"fields": ["name", "theme"]}


def test_the_hash_is_argon2id_and_salted():
    assert accounts.HASHER.hash("x").startswith("$argon2id$")
    assert accounts.HASHER.hash("x") != accounts.HASHER.hash("x")
