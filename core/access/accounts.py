"""People: their name, e-mail, password, and how they like to see things."""

from __future__ import annotations

import re
import secrets
import threading
from typing import Any, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from core import audit, naming, texts
from core.access import passwords, tries
from core.access.tries import Tries
from core.desk import Desk, check_zone
from core.errors import BadInput, Conflict, NotFound, WrongPassword
from storage import accounts as rows
from storage import sign_ins
from storage.tables import Account, NoticeKind

__all__ = ["Account", "Preferences"]

MAX_EMAIL = 254  # characters (RFC 5321)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 128  # characters; longer ones only cost time to hash
WEAKEST = 2  # passwords.Strength.score: what survives an unthrottled attack online (zxcvbn)
HASHER = PasswordHasher()  # argon2id with the library's parameters (RFC 9106, low-memory profile)
HASHING = threading.BoundedSemaphore(4)  # at once: each takes 64 MB, and a crowd at the door must not take them all
PER_ACCOUNT = Tries("wrong passwords", "account", 10, 15 * 60, ", or choose “Forgot password”")
NOBODY = HASHER.hash(secrets.token_hex())  # verified where there is no account, so that both take equally long


class Preferences(BaseModel):
    """How somebody likes to see the desk."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    theme: Literal["system", "light", "dark"] = "system"
    language: str = ""  # of the screens, such as "de" or "pt_BR"; empty: as the browser asks
    notify_done: bool = True  # a notice when an export of theirs is ready
    notify_failed: bool = True
    told_here: tuple[NoticeKind, ...] = tuple(NoticeKind)  # behind the bell
    told_by_mail: tuple[NoticeKind, ...] = (
        NoticeKind.HELD,
        NoticeKind.ASKED,
    )  # what waits for them; where mail is set up
    told_by_webhook: tuple[NoticeKind, ...] = tuple(NoticeKind)  # where there is one
    webhook_url: str = ""
    webhook_secret: str = ""  # sealed (core.notifying.ways)
    toured: bool = False  # they have seen the tour, or said no to it

    @model_validator(mode="before")
    @classmethod
    def _before_there_were_ways(cls, kept: Any) -> Any:
        """Of the time when only failures were mailed."""
        if isinstance(kept, dict) and kept.get("email_failed") and "told_by_mail" not in kept:
            return kept | {"told_by_mail": (NoticeKind.FAILED, NoticeKind.HELD, NoticeKind.ASKED)}
        return kept


def me(desk: Desk) -> Account:
    """Whoever acts. Raises NotFound."""
    with desk.store.reading() as session:
        return _there(rows.account(session, desk.account_id))


def preferences(desk: Desk) -> Preferences:
    return Preferences.model_validate(me(desk).preferences)


def language(account: Account) -> str:
    """In which mail to them is written: "en", "pl"."""
    return texts.negotiated(Preferences.model_validate(account.preferences).language)


def change(desk: Desk, *, name: str | None = None, zone: str | None = None, **preferences: Any) -> Account:
    """Change what is given of one's own account; `zone` "" is the workspace's. Raises BadInput."""
    name = None if name is None else naming.checked(name)
    if zone:
        check_zone(zone)
    with desk.store.writing() as session:
        account = _there(rows.account(session, desk.account_id))
        before = _said(account)
        account.name = account.name if name is None else name
        account.zone = account.zone if zone is None else zone or None
        account.preferences = Preferences.model_validate(account.preferences | preferences).model_dump(mode="json")
        session.add(account)
        # that somebody saw the tour is no change anybody looks for
        changed = [part for part, value in _said(account).items() if value != before[part] and part != "toured"]
        if changed:
            audit.note(desk, session, "account_changed", account, fields=changed)
    return account


def change_password(desk: Desk, old: str, new: str, *, but: str | None = None) -> None:
    """A new password of one's own; every other browser (than the sign-in `but`) is signed out, links for another one end.

    Raises WrongPassword, TooMany after too many, BadInput for a weak new one, Conflict.
    """
    account = me(desk)
    if account.password_hash:
        tries.count(desk, (PER_ACCOUNT, account.email or account.id))
        if not verified(account, old):
            raise WrongPassword(
                "That is not your current password.", "Type it again, or sign out and choose “Forgot password”."
            )
    new_hash = hashed(new, account.name, account.email or "")
    with desk.store.writing() as session:
        there = _there(rows.account(session, desk.account_id, lock=True))
        if there.password_hash != account.password_hash:
            raise Conflict("Your password was just changed elsewhere.", "Sign in again with the new one.")
        there.password_hash = new_hash
        session.add(there)
        forgive(session, there)
        sign_ins.end(session, desk.account_id, but=but)
        sign_ins.end_links(session, desk.account_id)
        audit.note(desk, session, "password_changed", there)


def forgive(session: Session, account: Account) -> None:
    """Forget the wrong passwords of an account: whoever acts has shown that it is theirs."""
    tries.forget(session, PER_ACCOUNT, account.email or account.id)


def hashed(password: str, *known: str) -> str:
    """What the store keeps of a new password; `known` is what everybody knows of the person. Raises BadInput for a weak one.

    It takes a tenth of a second, so ask before the transaction: on SQLite everybody who writes would wait for it.
    """
    return _hash(checked_password(password, *known))


def rehashed(account: Account, password: str) -> str | None:
    """The same password with today's parameters, where it was hashed with weaker ones; `hashed` tells when to ask."""
    # what was good enough when it was chosen stays so
    outdated = account.password_hash is not None and HASHER.check_needs_rehash(account.password_hash)
    return _hash(password) if outdated else None


def verified(account: Account | None, password: str) -> bool:
    """Is this the account's password? Takes as long where there is no account or no password."""
    try:
        with HASHING:
            HASHER.verify((account.password_hash if account else None) or NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return account is not None and account.password_hash is not None


def _hash(password: str) -> str:
    with HASHING:
        return HASHER.hash(password)


def create(session: Session, workspace_id: str, name: str, email: str, password_hash: str | None = None) -> Account:
    """A person who lands in that workspace. `password_hash`: of `hashed`.

    Raises BadInput, Conflict for an e-mail that is known already.
    """
    email, name = checked_email(email), naming.checked(name)
    require_unknown(session, email)
    try:
        account = rows.add(session, workspace_id, name, email)
    except IntegrityError as quicker:  # somebody else with that address, in the same moment
        raise _known_already(email) from quicker
    account.password_hash = password_hash
    session.add(account)
    return account


def require_unknown(session: Session, email: str) -> None:
    """Raises Conflict for an e-mail that somebody has already."""
    if rows.by_email(session, email):
        raise _known_already(email)


def _known_already(email: str) -> Conflict:
    return Conflict(f"{email} has an account here already.", "Sign in with it.", field="email")


def checked_email(email: str) -> str:
    """Without blanks around. Raises BadInput for what cannot be an address."""
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as wrong:
        raise BadInput(
            f"“{email.strip()[:60]}” is no e-mail address.", "Write it like ana@example.org.", field="email"
        ) from wrong


def checked_password(password: str, *known: str) -> str:
    """Raises BadInput for one that is short or easily guessed; `known` is what everybody knows of the person."""
    if len(password) > LONGEST_PASSWORD:
        raise BadInput(
            f"A password has at most {LONGEST_PASSWORD} characters.", "Choose a shorter one.", field="password"
        )
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(
            f"A password has {SHORTEST_PASSWORD} characters or more.",
            "Three or four words in a row are easy to remember.",
            field="password",
        )
    guessed = {word for text in known for word in (text.lower(), *re.split(r"[\s@.]+", text.lower())) if len(word) > 3}
    found = passwords.strength(password)
    if found.score < WEAKEST or password.lower() in guessed:
        raise BadInput(
            f"This password is {found.words or 'easily guessed'}.",
            found.advice or "Add another word or two.",
            field="password",
        )
    return password


def _said(account: Account) -> dict[str, Any]:
    """What somebody says of themselves, in parts."""
    return {"name": account.name, "zone": account.zone, **Preferences.model_validate(account.preferences).model_dump()}


def _there(account: Account | None) -> Account:
    if account is None:
        raise NotFound("This account is not there any more.", "Sign in again.")
    return account
