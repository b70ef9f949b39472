"""Who belongs where, the ways in, and what is handed over, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from core.access import members as leaving
from core.desk import Desk
from core.errors import Conflict
from core.settings import Settings
from storage import accounts, invitations, members, tokens, workspaces
from storage.files import Files
from storage.tables import Project, Role, utc_now


@pytest.fixture
def budi(place):
    with place.store.writing() as session:
        account = accounts.add(session, place.workspace_id, "budi", "Budi@example.org")
        members.add(session, place.workspace_id, account.id, Role.EDITOR)
    return account.id


def invite(place, email="", days=7):
    with place.store.writing() as session:
        return invitations.add(
            session,
            place.workspace_id,
            place.account_id,
            email=email,
            role=Role.EDITOR,
            hash=f"{email}{days}",
            expires_at=utc_now() + timedelta(days=days),
        )


def test_people_are_listed_by_name_without_case_and_only_leaders_are_asked(place, budi):
    with place.store.reading() as session:
        assert [(a.name, m.role) for a, m in members.list(session, place.workspace_id)] == [
            ("budi", "editor"),
            ("Me", "owner"),
        ]
        assert [a.name for a, _ in members.leading(session, place.workspace_id)] == ["Me"]
        assert members.owners(session, place.workspace_id) == 1


@pytest.mark.parametrize(("kept", "asked"), [("Budi@example.org", "bUDI@example.org"), ("Ünal@example.org",) * 2])
def test_an_address_finds_its_person_and_their_invitations(place, kept, asked):
    invite(place, kept)
    with place.store.writing() as session:
        made = accounts.add(session, place.workspace_id, "Somebody", kept)
    with place.store.reading() as session:
        found = accounts.by_email(session, asked)
        assert found is not None
        assert found.id == made.id
        assert len(invitations.for_email(session, asked)) == 1
        assert accounts.by_email(session, "another@example.org") is None


def test_adding_somebody_who_is_there_gives_them_the_role(place, budi):
    with place.store.writing() as session:
        members.add(session, place.workspace_id, budi, Role.OWNER)
    with place.store.reading() as session:
        assert members.owners(session, place.workspace_id) == 2
        assert len(members.list(session, place.workspace_id)) == 2


def test_an_account_that_was_disabled_is_not_asked(place, budi):
    with place.store.writing() as session:
        accounts.account(session, place.account_id).disabled_at = utc_now()
    with place.store.reading() as session:
        assert list(members.leading(session, place.workspace_id)) == []


def test_what_somebody_owns_is_counted_and_handed_over_in_one_workspace_only(place, budi):
    with place.store.writing() as session:
        elsewhere, _ = workspaces.create(session, "Elsewhere", "UTC", "Stranger")
        for workspace in (place.workspace_id, place.workspace_id, elsewhere.id):
            session.add(Project(workspace_id=workspace, owner_id=budi, name="Spring"))
    with place.store.writing() as session:
        assert members.owned(session, Project, place.workspace_id, budi) == 2
        assert members.hand_over(session, Project, place.workspace_id, budi, place.account_id) == 2
        assert members.owned(session, Project, elsewhere.id, budi) == 1


def test_an_invitation_is_accepted_once_and_not_after_its_end(place, budi):
    open_one, expired = invite(place), invite(place, days=-1)
    with place.store.writing() as session:
        assert invitations.by_hash(session, "7").id == open_one.id
        assert not invitations.accept(session, expired.id, budi)
        assert invitations.accept(session, open_one.id, budi)
        assert not invitations.accept(session, open_one.id, budi)
        assert invitations.by_hash(session, "7") is None
        assert list(invitations.list(session, place.workspace_id)) == []


def test_invitations_are_taken_back_by_address_without_case_and_by_sender(place, budi):
    his, another = invite(place, "Budi@example.org"), invite(place, "citra@example.org")
    with place.store.writing() as session:
        invitations.revoke_for(session, place.workspace_id, "BUDI@example.org")
        assert [i.id for i in invitations.list(session, place.workspace_id)] == [another.id]
        invitations.revoke_of(session, place.workspace_id, budi)
        assert len(invitations.list(session, place.workspace_id)) == 1
        invitations.revoke_of(session, place.workspace_id, place.account_id)
        assert list(invitations.list(session, place.workspace_id)) == []
        assert invitations.revoke(session, place.workspace_id, his.id) is None


def test_all_tokens_of_somebody_end_in_one_workspace(place, budi):
    with place.store.writing() as session:
        for owner, name in ((budi, "a"), (budi, "b"), (place.account_id, "c")):
            tokens.add(
                session, place.workspace_id, owner, name=name, prefix=name, hash=name, scopes=["*"], expires_at=None
            )
        tokens.revoke_of(session, place.workspace_id, budi)
        assert [t.name for t in tokens.list(session, place.workspace_id)] == ["c"]


@pytest.mark.parametrize(
    ("go", "said"),
    [("leave", "the only owner of this workspace."), ("demote", "Your own role was just changed by somebody else.")],
)
def test_of_two_owners_who_go_at_the_same_moment_one_stays(place, budi, tmp_path, go, said):
    both = (place.account_id, budi)
    for _ in range(5):  # each round is a race of its own
        with place.store.writing() as session:
            for one in both:
                members.add(session, place.workspace_id, one, Role.OWNER)
        together = Barrier(2)

        def goes(me: str, together: Barrier = together) -> str:
            desk = Desk(Settings(data_dir=tmp_path), place.store, Files(tmp_path), place.workspace_id, me)
            (other,) = {*both} - {me}
            together.wait()
            try:
                if go == "leave":
                    leaving.leave(desk, hand_to=other)
                else:
                    leaving.change_role(desk, other, Role.EDITOR)
            except Conflict as stays:
                return stays.message
            return "gone"

        with ThreadPoolExecutor(2) as threads:
            assert {words.partition(" is ")[2] or words for words in threads.map(goes, both)} == {"gone", said}
        with place.store.reading() as session:
            assert members.owners(session, place.workspace_id) == 1
