"""Passwords: strong when generated, judged when typed."""

import re

import pytest

from core.access import passwords

SECRET = "correct horse battery staple 7"


def test_a_generated_password_is_strong_easy_to_type_and_never_the_same():
    made = {passwords.generate() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"([a-z2-9]{4}-){4}[a-z2-9]{4}", password) for password in made)
    assert not set("il1o0") & set("".join(made))
    assert {passwords.strength(password).score for password in made} == {4}


@pytest.mark.parametrize(
    ("typed", "score"), [("", 0), ("123456", 0), ("password1", 0), ("Jakarta2026", 3), (SECRET, 4)]
)
def test_strength_knows_what_people_choose(typed, score):
    assert passwords.strength(typed).score <= score
    assert (passwords.strength(typed).score == 4) == (score == 4)


def test_a_weak_password_comes_with_advice_and_a_very_long_one_is_judged_too():
    assert passwords.strength("aaaaaa").advice
    assert passwords.strength("ü" * 5000).score >= 0
