"""Browsers somebody is signed in in, and links for new passwords, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from storage import sign_ins
from storage.tables import SignIn, utc_now


@pytest.fixture
def begin(place):
    def made(hash, days=1.0):
        with place.store.writing() as session:
            return sign_ins.add(
                session, place.account_id, place.workspace_id, hash=hash, expires_at=utc_now() + timedelta(days=days),
                address="192.0.2.7", agent="tests",
            )  # fmt: skip

    return made


def hashes(session, place):
    return {one.hash for one in sign_ins.of_account(session, place.account_id)}


def test_a_sign_in_holds_until_it_ends_or_expires(place, begin):
    held, ended = begin("held"), begin("ended")
    begin("expired", days=-0.001)
    with place.store.writing() as session:
        assert sign_ins.end(session, place.account_id, ended.id) == 1
        assert sign_ins.end(session, place.account_id, ended.id) == 0
        assert sign_ins.by_hash(session, "held").id == held.id
        assert sign_ins.by_hash(session, "ended") is sign_ins.by_hash(session, "expired") is None
        assert hashes(session, place) == {"held"}


def test_all_end_or_all_but_one_and_nobody_elses(place, begin):
    here = begin("here")
    begin("there")
    with place.store.writing() as session:
        assert sign_ins.end(session, "somebody else") == 0
        assert sign_ins.end(session, place.account_id, but=here.id) == 1
        assert hashes(session, place) == {"here"}
        assert sign_ins.end(session, place.account_id) == 1
        assert hashes(session, place) == set()


def test_the_last_used_comes_first(place, begin):
    first, second = begin("first"), begin("second")
    with place.store.writing() as session:
        for one, minutes in ((first, 5), (second, 9)):
            session.get(SignIn, one.id).seen_at = utc_now() - timedelta(minutes=minutes)
        assert [one.hash for one in sign_ins.of_account(session, place.account_id)] == ["first", "second"]
        sign_ins.touch(session, second.id)
    with place.store.reading() as session:
        assert [one.hash for one in sign_ins.of_account(session, place.account_id)] == ["second", "first"]


def test_what_is_long_over_is_forgotten(place, begin):
    begin("old", days=-40)
    begin("open")
    ended = begin("just ended")
    with place.store.writing() as session:
        sign_ins.end(session, place.account_id, ended.id)
        sign_ins.remove_expired(session, utc_now() - timedelta(days=30))
        assert set(session.exec(select(SignIn.hash))) == {"open", "just ended"}


def test_a_link_works_once_and_a_new_one_takes_its_place(place):
    until = utc_now() + timedelta(hours=1)
    with place.store.writing() as session:
        sign_ins.add_link(session, place.account_id, "first", until)
        second = sign_ins.add_link(session, place.account_id, "second", until)
        assert sign_ins.link(session, "first") is None
        assert sign_ins.link(session, "second").id == second.id
        assert sign_ins.use_link(session, second.id)
        assert not sign_ins.use_link(session, second.id)
        assert sign_ins.link(session, "second") is None
        sign_ins.add_link(session, place.account_id, "late", utc_now() - timedelta(seconds=1))
        assert sign_ins.link(session, "late") is None
