"""The first visit: only whoever reads the server's log becomes the owner, once."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from core.access import accounts, setup, sign_in
from core.desk import open_desk
from core.errors import BadInput, Conflict, NotAllowed, TooMany
from storage.tables import AuditEntry
from tests.people import CALLER, OWNER, PASSWORD


@pytest.fixture
def fresh(settings):
    made = open_desk(settings.model_copy(update={"sign_in": "required"}))
    yield made
    made.store.close()


def finish(desk, code, **parts):
    given = {"name": "Ana", "email": OWNER, "password": PASSWORD, "workspace": "Team"} | parts
    return setup.finish(desk, code, **given, caller=CALLER)


def test_a_desk_without_sign_in_needs_no_set_up(desk):
    assert not setup.needed(desk)


def test_the_code_is_alike_in_every_process_and_of_use_on_this_desk_alone(fresh, tmp_path, settings):
    assert re.fullmatch(r"([a-z2-7]{4}-){2}[a-z2-7]{4}", setup.code(fresh))
    assert setup.code(open_desk(fresh.settings)) == setup.code(fresh)
    other = open_desk(settings.model_copy(update={"data_dir": tmp_path / "other", "sign_in": "required"}))
    assert setup.code(other) != setup.code(fresh)


def test_whoever_has_the_code_becomes_owner_and_administrator_of_what_was_there(fresh):
    secret = finish(fresh, f" {setup.code(fresh).upper()} ")
    acting, _ = sign_in.resume(fresh, secret, CALLER)
    assert (acting.account_id, acting.workspace_id) == (fresh.account_id, fresh.workspace_id)
    assert (acting.role, acting.administrator, acting.workspace().name) == ("owner", True, "Team")
    assert accounts.me(acting).email == OWNER
    assert not setup.needed(fresh)
    with fresh.store.reading() as session:
        noted = session.exec(select(AuditEntry).where(AuditEntry.action == "set_up")).one()
    assert noted.actor == "Ana"


def test_a_second_one_comes_too_late_even_with_the_code(fresh):
    finish(fresh, setup.code(fresh))
    with pytest.raises(Conflict, match="set up already"):
        finish(fresh, setup.code(fresh), email="eve@example.org")


@pytest.mark.parametrize("code", ["", "aaaa-bbbb-cccc", "ä"])
def test_a_wrong_code_opens_nothing(fresh, code):
    with pytest.raises(NotAllowed) as refused:
        finish(fresh, code)
    assert refused.value.field == "code"
    assert setup.needed(fresh)


def test_of_two_who_set_the_desk_up_at_the_same_moment_one_does(fresh):
    def attempt(name):
        try:
            return finish(fresh, setup.code(fresh), name=name)
        except Conflict:
            return None

    with ThreadPoolExecutor(2) as both:
        secrets = [*both.map(attempt, ("Ana", "Budi"))]
    assert secrets.count(None) == 1
    with fresh.store.reading() as session:
        assert len(session.exec(select(AuditEntry).where(AuditEntry.action == "set_up")).all()) == 1


def test_codes_cannot_be_tried_out(fresh):
    for _ in range(setup.TRIES.most):
        with pytest.raises(NotAllowed):
            finish(fresh, "aaaa-bbbb-cccc")
    with pytest.raises(TooMany):
        finish(fresh, setup.code(fresh))


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [("email", "ana", "email"), ("password", "short", "password"), ("password", "ana@example.org", "password"),
     ("name", " ", "name"), ("workspace", "", "name")],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_set_up_by_half(fresh, part, value, field):
    with pytest.raises(BadInput) as refused:
        finish(fresh, setup.code(fresh), **{part: value})
    assert refused.value.field == field
    assert setup.needed(fresh)
    assert fresh.workspace().name == "My workspace"
