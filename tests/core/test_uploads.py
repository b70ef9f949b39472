"""Uploads: chunks at exact offsets, nothing lost on the way, and a sentence for what does not fit."""

import io
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from itsdangerous import TimestampSigner

from core import uploads
from core.access import accounts, sign_in
from core.errors import BadFile, BadInput, Conflict, DiskFull, LimitReached, NotAllowed, NotFound
from tests.people import CALLER, OWNER, PASSWORD, somebody


def test_a_file_grows_chunk_by_chunk(desk):
    upload = uploads.begin(desk, "orders.csv", 10)
    assert uploads.append(desk, upload.id, 0, b"12345") == 5
    assert uploads.get(desk, upload.id).received == 5
    assert uploads.append(desk, upload.id, 5, iter([b"67", b"890"])) == 10
    assert uploads.path(desk, upload.id).read_bytes() == b"1234567890"
    assert uploads.whole(desk, upload.id).size == 10


def test_a_chunk_at_the_wrong_place_says_where_to_go_on(desk):
    upload = uploads.begin(desk, "orders.csv", 10)
    uploads.append(desk, upload.id, 0, b"12345")
    for offset in (0, 4, 6, 10):
        with pytest.raises(Conflict) as refused:
            uploads.append(desk, upload.id, offset, b"xx")
        assert refused.value.details == {"received": 5}
    assert uploads.path(desk, upload.id).read_bytes() == b"12345"


def test_what_arrived_before_the_connection_broke_is_kept(desk):
    upload = uploads.begin(desk, "orders.csv", 10)

    def breaking():
        yield b"1234"
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        uploads.append(desk, upload.id, 0, breaking())
    assert uploads.get(desk, upload.id).received == 4
    assert uploads.append(desk, upload.id, 4, b"567890") == 10


def test_bytes_a_dying_server_wrote_beyond_the_row_are_written_again(desk):
    upload = uploads.begin(desk, "orders.csv", 10)
    uploads.append(desk, upload.id, 0, b"12345")
    with uploads.path(desk, upload.id).open("ab") as file:
        file.write(b"garbage that no row knows of")
    uploads.append(desk, upload.id, 5, b"67890")
    assert uploads.path(desk, upload.id).read_bytes() == b"1234567890"


def test_two_senders_cannot_interleave(desk):
    upload = uploads.begin(desk, "orders.csv", 10)

    def meanwhile():
        yield b"12"
        with pytest.raises(Conflict, match="being written"):
            uploads.append(desk, upload.id, 0, b"xx")
        yield b"34"

    assert uploads.append(desk, upload.id, 0, meanwhile()) == 4
    assert uploads.path(desk, upload.id).read_bytes() == b"1234"


def test_more_bytes_than_announced_are_refused(desk):
    upload = uploads.begin(desk, "orders.csv", 3)
    with pytest.raises(BadInput, match="More arrived than the 3 bytes"):
        uploads.append(desk, upload.id, 0, b"1234")


def test_an_upload_that_is_not_whole_cannot_be_used(desk):
    upload = uploads.begin(desk, "orders.csv", 10)
    uploads.append(desk, upload.id, 0, b"12345")
    with pytest.raises(Conflict, match="5 of 10 bytes"):
        uploads.whole(desk, upload.id)


def test_an_empty_file_and_a_nameless_one_are_refused(desk):
    with pytest.raises(BadFile, match="empty"):
        uploads.begin(desk, "orders.csv", 0)
    with pytest.raises(BadInput, match="no name"):
        uploads.begin(desk, " \n ", 5)
    with pytest.raises(BadFile, match="empty"):
        uploads.store(desk, "orders.csv", b"")


def test_a_file_beyond_the_limit_is_refused_before_a_byte_is_sent(desk):
    with pytest.raises(LimitReached, match="larger than the"):
        uploads.begin(desk, "orders.csv", desk.settings.max_upload_mb * 1024**2 + 1)


def test_a_file_that_does_not_fit_the_disk_is_refused_before_a_byte_is_sent(desk):
    size = desk.files.free_bytes() + 1
    roomy = desk.settings.model_copy(update={"max_upload_mb": size})
    with pytest.raises(DiskFull, match="no room"):
        uploads.begin(type(desk)(roomy, desk.store, desk.files, desk.workspace_id, desk.account_id), "orders.csv", size)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("C:\\Users\\me\\orders.csv", "orders.csv"), ("../../etc/passwd", "passwd"), ("é\x00t\né.csv", "été.csv")],
)
def test_only_the_files_own_name_is_kept(desk, sent, kept):
    assert uploads.begin(desk, sent, 1).name == kept


def test_a_long_name_keeps_its_ending(desk):
    name = uploads.begin(desk, "x" * 400 + ".csv", 1).name
    assert len(name) == uploads.MAX_NAME
    assert name.endswith(".csv")


def test_a_whole_file_is_stored_from_a_stream_of_unknown_size(desk):
    assert uploads.store(desk, "a.csv", io.BytesIO(b"a,b\n1,2\n")).size == 8
    stored = uploads.store(desk, "b.csv", (bytes([n]) for n in range(100)))
    assert uploads.path(desk, stored.id).read_bytes() == bytes(range(100))
    assert uploads.whole(desk, stored.id).received == 100


def test_a_stream_that_breaks_leaves_nothing_behind(desk):
    def breaking():
        yield b"1234"
        raise ConnectionResetError("gone")

    before = set(os.listdir(desk.files.uploads))
    with pytest.raises(ConnectionResetError):
        uploads.store(desk, "a.csv", breaking())
    assert set(os.listdir(desk.files.uploads)) == before


def test_cancelling_removes_row_and_bytes_and_may_be_repeated(desk):
    upload = uploads.begin(desk, "orders.csv", 10)
    uploads.cancel(desk, upload.id)
    uploads.cancel(desk, upload.id)
    assert not uploads.path(desk, upload.id).exists()
    with pytest.raises(NotFound):
        uploads.get(desk, upload.id)


def test_nobody_reaches_another_workspaces_upload(desk, stranger):
    upload = uploads.begin(desk, "orders.csv", 10)
    for attempt in (
        lambda: uploads.get(stranger, upload.id),
        lambda: uploads.append(stranger, upload.id, 0, b"x"),
        lambda: uploads.whole(stranger, upload.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    uploads.cancel(stranger, upload.id)
    assert uploads.path(desk, upload.id).exists()


def test_a_ticket_says_whose_upload_it_is(desk, stranger):
    acting = uploads.from_ticket(desk, uploads.ticket(stranger))
    assert (acting.workspace_id, acting.account_id) == (stranger.workspace_id, stranger.account_id)


def test_a_ticket_that_was_changed_is_refused(desk):
    ticket = uploads.ticket(desk)
    changed = ticket[:-5] + ("A" if ticket[-5] != "A" else "B") + ticket[-4:]
    for wrong in ("", "x", changed, "A" + ticket, ticket.replace(".", "")):
        with pytest.raises(NotAllowed):
            uploads.from_ticket(desk, wrong)


def test_a_ticket_expires(desk, monkeypatch):
    ticket = uploads.ticket(desk)
    now = TimestampSigner.get_timestamp
    later = int(timedelta(seconds=uploads.TICKET_SECONDS + 2).total_seconds())
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) + later)
    with pytest.raises(NotAllowed, match="open too long"):
        uploads.from_ticket(desk, ticket)


def test_a_ticket_ends_with_the_sign_in_it_came_from(team_desk):
    def come_in():
        return sign_in.resume(team_desk, sign_in.with_password(team_desk, OWNER, PASSWORD, CALLER), CALLER)[0]

    here, there = come_in(), come_in()
    tickets = {desk.sign_in_id: uploads.ticket(desk) for desk in (here, there)}
    assert uploads.from_ticket(team_desk, tickets[here.sign_in_id]) == replace(here, caller=team_desk.caller)
    sign_in.end(here, here.sign_in_id)
    with pytest.raises(NotAllowed, match="You are signed out"):
        uploads.from_ticket(team_desk, tickets[here.sign_in_id])
    assert uploads.from_ticket(team_desk, tickets[there.sign_in_id])
    accounts.change_password(team_desk, PASSWORD, "a wholly different sentence")
    with pytest.raises(NotAllowed, match="You are signed out"):
        uploads.from_ticket(team_desk, tickets[there.sign_in_id])


def test_where_people_sign_in_a_ticket_of_no_sign_in_opens_nothing(team_desk):
    with pytest.raises(NotAllowed, match="You are signed out"):
        uploads.from_ticket(team_desk, uploads.ticket(team_desk))


def test_the_signing_key_is_readable_by_its_owner_alone(desk):
    uploads.ticket(desk)
    keys = [*(desk.files.root / "keys").iterdir()]
    assert [oct(k.stat().st_mode & 0o777) for k in keys] == ["0o600"]


def test_a_colleague_does_not_reach_an_upload_that_is_on_its_way(desk):
    upload = uploads.begin(desk, "orders.csv", 3)
    colleague = somebody(desk, "budi@example.org")
    for reach in (lambda: uploads.get(colleague, upload.id), lambda: uploads.append(colleague, upload.id, 0, b"a,b")):
        with pytest.raises(NotFound):
            reach()
    uploads.cancel(colleague, upload.id)
    assert uploads.append(desk, upload.id, 0, b"a,b") == 3
