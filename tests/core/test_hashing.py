"""A password takes a tenth of a second to hash: whoever else wants to write must not wait for it."""

import sqlite3
from contextlib import closing

import pytest
from argon2 import PasswordHasher

from core.access import accounts, invitations, recovery, sign_in, users
from core.desk import open_desk
from core.errors import BadInput, Conflict
from storage.tables import Account, Role
from tests import people
from tests.people import CALLER, OWNER, PASSWORD

ANOTHER = "a wholly different sentence"


class Watching(PasswordHasher):
    """The desk's hasher, which takes the write lock of the database for a moment each time it hashes or verifies.

    SQLite refuses it at once (timeout 0) while anybody, this thread too, is in a transaction that writes.
    """

    def __init__(self, database):
        super().__init__()
        self.database, self.hashes, self.looks = database, 0, 0

    def _somebody_else_writes(self):
        with closing(sqlite3.connect(self.database, timeout=0, isolation_level=None)) as connection:
            connection.execute("begin immediate")
            connection.execute("rollback")

    def hash(self, *args, **kwargs):
        self._somebody_else_writes()
        self.hashes += 1
        return super().hash(*args, **kwargs)

    def verify(self, *args, **kwargs):
        self._somebody_else_writes()
        self.looks += 1
        return super().verify(*args, **kwargs)


@pytest.fixture
def watching(settings, monkeypatch):
    hasher = Watching(settings.data_dir / "desk.db")
    monkeypatch.setattr(accounts, "HASHER", hasher)
    return hasher


def test_the_watch_sees_whoever_hashes_in_a_transaction_that_writes(team_desk, watching):
    with team_desk.store.writing() as session:
        assert session.get(Account, team_desk.account_id)  # a transaction begins with its first statement
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            accounts.hashed(PASSWORD)
    assert accounts.hashed(PASSWORD).startswith("$argon2id$")


def join(desk):
    secret = invitations.invite(desk, Role.EDITOR)[1].rpartition("/")[2]
    invitations.join(desk, secret, name="Zoë", email="zoe@example.org", password=PASSWORD, caller=CALLER)


def use_a_link(desk):
    secret = recovery.make_link(desk, desk.account_id).rpartition("/")[2]
    recovery.use(desk, secret, ANOTHER, CALLER)


def sign_in_with_an_old_hash(desk):
    with desk.store.writing() as session:
        account = session.get(Account, desk.account_id)
        account.password_hash = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
        session.add(account)
    sign_in.with_password(desk, OWNER, PASSWORD, CALLER)


WAYS = {
    "joining": join,
    "a link for a new password": use_a_link,
    "a changed password": lambda desk: accounts.change_password(desk, PASSWORD, ANOTHER),
    "an account made by an administrator": lambda desk: users.create(
        desk, name="Zoë", email="zoe@example.org", role=Role.EDITOR, password=PASSWORD
    ),
    "an old hash at the next sign-in": sign_in_with_an_old_hash,
}


@pytest.mark.parametrize("way", WAYS)
def test_others_can_write_while_a_password_is_hashed(team_desk, watching, way):
    WAYS[way](team_desk)
    assert watching.hashes == 1


def test_others_can_write_while_the_password_of_the_first_visit_is_hashed(settings, watching):
    desk = open_desk(settings.model_copy(update={"sign_in": "required"}))
    people.set_up(desk)
    assert watching.hashes == 1
    with pytest.raises(Conflict, match="set up already"):
        people.set_up(desk)
    assert watching.hashes == 1
    desk.store.close()


def test_what_is_refused_anyway_is_not_hashed(team_desk, watching):
    secret = invitations.invite(team_desk, Role.EDITOR, "zoe@example.org")[1].rpartition("/")[2]

    def refused(error, **given):
        wanted = {"name": "Zoë", "email": "zoe@example.org", "password": PASSWORD} | given
        with pytest.raises(error):
            invitations.join(team_desk, secret, caller=CALLER, **wanted)

    refused(BadInput, name="")
    refused(BadInput, email="no address")
    refused(BadInput, email="somebody.else@example.org")
    refused(BadInput, password="password")
    with pytest.raises(Conflict):
        users.create(team_desk, name="Ana", email=OWNER, role=Role.EDITOR, password=PASSWORD)
    assert watching.hashes == 0
