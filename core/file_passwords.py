"""Passwords of files. A spec names one by its id; the password itself is sealed in the store and shown to nobody again."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from core import sealing
from core.access import roles
from core.desk import Desk
from core.engine.packaging import check_password
from core.errors import NotFound
from storage import secrets as rows
from storage.tables import SecretKind, utc_now

SPARED = timedelta(days=1)  # a password may be kept before the draft or export that names it


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
