"""Passwords of files. A spec names one by its id; the password itself is sealed in the store and shown to nobody again."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session
from zxcvbn import zxcvbn

from core import roles, sealing
from core.desk import Desk
from core.engine.packaging import check_password
from core.errors import NotFound
from storage import secrets as rows
from storage.tables import SecretKind, utc_now

LOOKED_AT = 72  # characters the estimate of strength reads; more cannot make it weaker
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else on paper or by telephone
GROUPS, GROUP = 5, 4  # 20 of 31 signs: 99 bits
SPARED = timedelta(days=1)  # a password may be kept before the draft or export that names it
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


def keep(desk: Desk, password: str) -> str:
    """Seal a password and store it; its id goes into `packaging.password` of a spec. Raises Forbidden, BadInput."""
    roles.require(desk, "exports.run")
    check_password(password)
    with desk.store.writing() as session:
        secret = rows.add(session, desk.workspace_id, desk.account_id, SecretKind.FILE_PASSWORD)
        secret.sealed = sealing.seal(desk, password, desk.workspace_id, secret.id, SecretKind.FILE_PASSWORD)
    return secret.id


def check(desk: Desk, password_id: str | None) -> None:
    """Raises NotFound unless that password is kept in this workspace; None is no password."""
    if password_id is not None:
        with desk.store.reading() as session:
            _sealed(session, desk.workspace_id, password_id)


def opened(desk: Desk, session: Session, workspace_id: str, password_id: str) -> str:
    """The password itself, for the process that locks a file with it: never for a screen. Raises NotFound."""
    sealed = _sealed(session, workspace_id, password_id)
    return sealing.unseal(desk, sealed, workspace_id, password_id, SecretKind.FILE_PASSWORD)


def sweep(desk: Desk) -> int:
    """Forget passwords that nothing names any more, of every workspace. Returns how many."""
    with desk.store.writing() as session:
        return rows.forget_file_passwords(session, utc_now() - SPARED)


def _sealed(session: Session, workspace_id: str, password_id: str) -> str:
    secret = rows.get(session, workspace_id, password_id)
    if secret is None or secret.kind != SecretKind.FILE_PASSWORD:
        raise NotFound("The password of this export is no longer kept.", "Set a password again.")
    return secret.sealed
