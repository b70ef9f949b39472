"""What a password is worth, of a person or of a file; and one that nobody guesses."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass

from zxcvbn import zxcvbn

LOOKED_AT = 72  # characters the estimate of strength reads; more cannot make it weaker
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else on paper or by telephone
GROUPS, GROUP = 5, 4  # 20 of 31 signs: 99 bits
WORDS = ("very weak", "weak", "fair", "good", "strong")


@dataclass(frozen=True)
class Strength:
    """How long a password would hold: `score` 0 (at once) to 4 (centuries), in words, and what would make it better."""

    score: int
    words: str
    advice: str


def generate() -> str:
    """A password nobody guesses and everybody can type: "k7mw-9xqa-…"."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def strength(password: str) -> Strength:
    """An estimate by zxcvbn, which knows names, dates, keyboards and the passwords people use."""
    if not password:
        return Strength(0, "", "")
    found = zxcvbn(password[:LOOKED_AT])
    score, feedback = int(found["score"]), found["feedback"]
    advice = " ".join(part for part in (feedback["warning"], *feedback["suggestions"][:1]) if part)
    guesses = math.log10(max(float(found["guesses"]), 1))
    if score < 3 and not advice:
        advice = "Add another word or two."
    return Strength(score, WORDS[score], advice if score < 4 or guesses < 10 else "")
