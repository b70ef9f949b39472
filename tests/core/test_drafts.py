"""Drafts are kept whole, replaced whole, and belong to their workspace."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from core import drafts
from core.desk import Desk
from core.errors import NotFound
from storage import workspaces
from storage.tables import Draft, utc_now
from tests.people import somebody

ID = "3f0f6f3e-0000-4000-8000-000000000001"


def test_a_draft_comes_back_as_it_was_kept_last(desk: Desk) -> None:
    drafts.keep(desk, ID, {"dataset": "a", "limit": 5})
    drafts.keep(desk, ID, {"dataset": "a"})

    assert drafts.get(desk, ID) == {"dataset": "a"}


def test_a_draft_of_another_workspace_is_neither_seen_nor_written_over(desk: Desk) -> None:
    drafts.keep(desk, ID, {"dataset": "a"})
    with desk.store.writing() as session:
        workspace, account = workspaces.create(session, "Another", "UTC", "Somebody")
    other = desk.acting_as(workspace.id, account.id)

    with pytest.raises(NotFound):
        drafts.get(other, ID)
    with pytest.raises(NotFound):
        drafts.keep(other, ID, {"dataset": "b"})
    drafts.discard(other, ID)
    assert drafts.get(desk, ID) == {"dataset": "a"}


def test_an_unknown_draft_says_what_to_do(desk: Desk) -> None:
    with pytest.raises(NotFound) as missing:
        drafts.get(desk, ID)

    assert missing.value.next_step


def test_the_latest_draft_is_the_one_written_last(desk: Desk) -> None:
    assert drafts.latest(desk) is None
    other = ID[:-1] + "2"
    drafts.keep(desk, ID, {"dataset": "a"})
    drafts.keep(desk, other, {"dataset": "b"})
    drafts.keep(desk, ID, {"dataset": "c"})

    latest = drafts.latest(desk)

    assert latest is not None
    assert latest.id == ID


def test_the_sweep_removes_drafts_nobody_touched(desk: Desk) -> None:
    other = ID[:-1] + "2"
    drafts.keep(desk, ID, {"dataset": "a"})
    drafts.keep(desk, other, {"dataset": "b"})
    with desk.store.writing() as session:
        old = session.get(Draft, ID)
        assert old is not None
        old.updated_at = utc_now() - timedelta(days=desk.settings.bin_days + 1)
        session.add(old)

    assert drafts.sweep(desk) == 1
    assert drafts.get(desk, other) == {"dataset": "b"}
    with pytest.raises(NotFound):
        drafts.get(desk, ID)


def test_a_colleague_neither_reads_nor_writes_a_draft_that_is_not_theirs(desk: Desk) -> None:
    drafts.keep(desk, ID, {"dataset": "a"})
    colleague = somebody(desk, "budi@example.org")

    with pytest.raises(NotFound):
        drafts.get(colleague, ID)
    with pytest.raises(NotFound):
        drafts.keep(colleague, ID, {"dataset": "b"})
    drafts.discard(colleague, ID)
    assert drafts.get(desk, ID) == {"dataset": "a"}


def test_old_drafts_of_every_workspace_are_swept(desk: Desk, stranger: Desk) -> None:
    drafts.keep(desk, ID, {})
    drafts.keep(stranger, ID.replace("0001", "0002"), {})
    with desk.store.writing() as session:
        for draft in session.exec(select(Draft)):
            draft.updated_at = utc_now() - timedelta(days=60)
    assert drafts.sweep(desk) == 2
