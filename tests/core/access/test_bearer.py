"""Secrets of cookies, links and tokens."""

import re

from core.access import bearer


def test_no_two_secrets_are_alike_and_each_may_stand_in_an_address():
    made = {bearer.fresh() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in made)


def test_what_is_stored_of_a_secret_is_its_sha_256():
    assert bearer.hashed("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
