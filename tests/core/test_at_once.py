"""Two people at the same moment, on both databases: what may be only once is once, whoever is quicker.

SQLite lets one write at a time; PostgreSQL lets everybody, so what is asked before it is changed has to be held.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import create_engine, make_url, text

from core import projects, workspaces
from core.access import invitations, members, recovery, setup, users
from core.desk import open_desk
from core.errors import Conflict, DeskError
from core.settings import Settings
from storage import accounts as accounts_rows
from storage import members as members_rows
from storage.tables import Account, Role, new_id
from tests.people import CALLER, OWNER, PASSWORD
from tests.servers.postgres import postgres
from tests.things import add_person

TIMES = 3  # two at once are not always quite at once


@pytest.fixture(scope="module")
def cluster():
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow_real)])
def database(request):
    """The URL of an empty one; "": SQLite in the data folder."""
    if request.param == "sqlite":
        return ""
    name = f"desk_{new_id().replace('-', '')}"
    url = make_url(request.getfixturevalue("cluster"))
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"create database {name}"))
    return url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def fresh(database, tmp_path):
    opened = open_desk(Settings(data_dir=tmp_path / "data", database_url=database, zone="UTC", sign_in="required"))
    yield opened
    opened.store.close()


def at_once(*attempts):
    """What each came to: the name of its error, or "" where it worked."""
    ready = Barrier(len(attempts))

    def one(attempt):
        ready.wait()
        try:
            attempt()
        except DeskError as error:
            return type(error).__name__
        return ""

    with ThreadPoolExecutor(len(attempts)) as crowd:
        return Counter(crowd.map(one, attempts))


def test_a_desk_is_set_up_once(fresh):
    def finish(name):
        setup.finish(
            fresh, setup.code(fresh), name=name, email=OWNER, password=PASSWORD, workspace="Team", caller=CALLER
        )

    assert at_once(*[lambda name=name: finish(name) for name in ("Ana", "Budi", "Citra")]) == {"": 1, "Conflict": 2}


def test_of_two_owners_who_both_go_one_stays(fresh):
    other, heir = add_person(fresh, "Budi", Role.OWNER), add_person(fresh, "Citra", Role.EDITOR)
    for turn in range(TIMES):
        demoted = at_once(
            lambda: members.change_role(fresh, other.account_id, Role.EDITOR),
            lambda: members.change_role(other, fresh.account_id, Role.EDITOR),
        )
        assert demoted == {"": 1, "Conflict": 1}, turn
        with fresh.store.writing() as session:
            assert members_rows.owners(session, fresh.workspace_id) == 1
            for one in (fresh, other):
                members_rows.add(session, fresh.workspace_id, one.account_id, Role.OWNER)
    left = at_once(lambda: members.leave(fresh, heir.account_id), lambda: members.leave(other, heir.account_id))
    assert left == {"": 1, "Conflict": 1}


def test_of_two_administrators_who_shut_each_other_out_one_stays(fresh):
    other = add_person(fresh, "Budi", Role.OWNER)
    with fresh.store.writing() as session:
        accounts_rows.account(session, other.account_id).administrator = True
    other = other.acting_as(other.workspace_id, other.account_id)
    for turn in range(TIMES):
        closed = at_once(lambda: users.close(fresh, other.account_id), lambda: users.close(other, fresh.account_id))
        assert closed == {"": 1, "Conflict": 1}, turn
        with fresh.store.writing() as session:
            (left,) = accounts_rows.administrators(session)
            for one in (fresh, other):
                accounts_rows.account(session, one.account_id).disabled_at = None
        assert left.id in (fresh.account_id, other.account_id)


def test_nobody_who_just_became_an_owner_is_touched_by_an_administrator(fresh, monkeypatch):
    admin, editor = add_person(fresh, "Ana", Role.ADMIN), add_person(fresh, "Budi", Role.EDITOR)
    ask = members._owners_are_for_owners

    def asked_too_early(desk, account_id, role=None):
        seen = ask(desk, account_id, role)
        with fresh.store.writing() as session:
            members_rows.add(session, fresh.workspace_id, account_id, Role.OWNER)
        return seen

    monkeypatch.setattr(members, "_owners_are_for_owners", asked_too_early)
    for attempt in (
        lambda: members.change_role(admin, editor.account_id, Role.VIEWER),
        lambda: members.remove(admin, editor.account_id, admin.account_id),
        lambda: members.hand_over(admin, editor.account_id, admin.account_id),
    ):
        with fresh.store.writing() as session:
            members_rows.add(session, fresh.workspace_id, editor.account_id, Role.EDITOR)
        with pytest.raises(Conflict, match="was just changed"):
            attempt()


@pytest.mark.parametrize("turn", range(TIMES))
def test_one_name_is_one_project_one_address_one_person_one_alias_one_workspace(fresh, turn):
    assert at_once(*[lambda: projects.make(fresh, "Spring")] * 3) == {"": 1, "Conflict": 2}

    def join(path):
        secret = path.rpartition("/")[2]
        return lambda: invitations.join(
            fresh, secret, name="Zoë", email="zoe@example.org", password=PASSWORD, caller=CALLER
        )

    ways_in = [invitations.invite(fresh, Role.EDITOR)[1] for _ in range(2)]
    assert at_once(*map(join, ways_in)) == {"": 1, "Conflict": 1}

    there = fresh.acting_as(workspaces.make(fresh, "Elsewhere").id, fresh.account_id)
    named = at_once(
        lambda: workspaces.set_aliases(fresh, ["acme"]),
        lambda: workspaces.set_aliases(there, ["ACME"]),
    )
    assert named == {"": 1, "Conflict": 1}


def test_whoever_became_less_in_the_meantime_changes_nobody_any_more(fresh):
    admin, editor = add_person(fresh, "Ana", Role.ADMIN), add_person(fresh, "Budi", Role.EDITOR)
    attempts = (
        lambda: members.change_role(admin, editor.account_id, Role.VIEWER),
        lambda: members.remove(admin, editor.account_id, fresh.account_id),
        lambda: members.hand_over(admin, editor.account_id, fresh.account_id),
        lambda: invitations.invite(admin, Role.ADMIN, "accomplice@example.org"),
    )  # `admin` was asked what they may do before the others write
    members.change_role(fresh, admin.account_id, Role.EDITOR)
    for attempt in attempts:
        with pytest.raises(Conflict, match="Your own role was just changed"):
            attempt()
    members.remove(fresh, admin.account_id, fresh.account_id)
    for attempt in attempts:
        with pytest.raises(Conflict, match="Your own role was just changed"):
            attempt()
    assert invitations.list(fresh) == []
    assert [(one.name, one.role) for one in members.list(fresh)] == [("Budi", Role.EDITOR), ("Owner", Role.OWNER)]


def test_an_administrator_who_is_demoted_and_demotes_at_once_is_one_or_the_other(fresh):
    admin, editor = add_person(fresh, "Ana", Role.ADMIN), add_person(fresh, "Budi", Role.EDITOR)
    for turn in range(TIMES):
        met = at_once(
            lambda: members.change_role(fresh, admin.account_id, Role.VIEWER),
            lambda: members.change_role(admin, editor.account_id, Role.VIEWER),
        )
        roles = {one.name: one.role for one in members.list(fresh)}
        assert roles["Ana"] == Role.VIEWER
        assert met == ({"": 2} if roles["Budi"] == Role.VIEWER else {"": 1, "Conflict": 1}), turn
        with fresh.store.writing() as session:
            members_rows.add(session, fresh.workspace_id, admin.account_id, Role.ADMIN)
            members_rows.add(session, fresh.workspace_id, editor.account_id, Role.EDITOR)


def test_whoever_was_just_made_no_administrator_gives_nothing_away_any_more(fresh):
    ana, budi = add_person(fresh, "Ana", Role.ADMIN), add_person(fresh, "Budi", Role.EDITOR)
    users.administer(fresh, ana.account_id)
    ana = fresh.acting_as(fresh.workspace_id, ana.account_id)  # was asked what she may do before the others write
    attempts = (
        lambda: users.administer(ana, budi.account_id),
        lambda: users.close(ana, budi.account_id),
        lambda: users.create(ana, name="Eve", email="eve@example.org", role=Role.EDITOR, administrator=True),
        lambda: recovery.make_link(ana, budi.account_id),
    )
    users.administer(fresh, ana.account_id, False)
    for attempt in attempts:
        with pytest.raises(Conflict, match="no administrator of this installation any more"):
            attempt()
    assert [user.account.name for user in users.list(fresh) if user.account.administrator] == ["Owner"]


def test_of_two_administrators_who_unmake_each_other_one_stays(fresh):
    other = add_person(fresh, "Ana", Role.ADMIN)
    for turn in range(TIMES):
        users.administer(fresh, other.account_id)
        met = at_once(
            lambda: users.administer(fresh, other.account_id, False),
            lambda: users.administer(replace(other, administrator=True), fresh.account_id, False),
        )
        assert met == {"": 1, "Conflict": 1}, turn
        with fresh.store.writing() as session:
            session.get_one(Account, fresh.account_id).administrator = True
            session.get_one(Account, other.account_id).administrator = False
