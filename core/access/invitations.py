"""Invitations: a link that lets somebody into a workspace, once, with the role it names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session

from core import audit, naming
from core.access import accounts, bearer, members, roles, sign_in
from core.desk import Caller, Desk
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from storage import accounts as accounts_rows
from storage import invitations as rows
from storage import members as members_rows
from storage import workspaces as workspaces_rows
from storage.tables import Account, Invitation, Role, Workspace, utc_now

__all__ = ["Invitation"]

DAYS = 7  # how long the link works


def invite(desk: Desk, role: Role, email: str = "") -> tuple[Invitation, str]:
    """A new invitation and the path of its link, which is shown this once. With `email`, only that address may use it,
    and an earlier invitation of that address ends.

    Raises Forbidden, BadInput for an address outside the domains the workspace allows, Conflict for a member.
    """
    roles.require(desk, "members.manage")
    if role == Role.OWNER:
        roles.require(desk, "members.owners")
    if email:
        email = accounts.checked_email(email)
        _allowed(desk.workspace(), email)
        if email.lower() in {member.email.lower() for member in members.list(desk)}:
            raise Conflict(f"{email} is in this workspace already.", "Change the role in the list.", field="email")
    secret = bearer.fresh()
    with desk.store.writing() as session:
        roles.still(desk, session)
        if email:
            rows.revoke_for(session, desk.workspace_id, email)
        made = rows.add(
            session,
            desk.workspace_id,
            desk.account_id,
            email=email,
            role=role,
            hash=bearer.hashed(secret),
            expires_at=utc_now() + timedelta(days=DAYS),
        )
        audit.note(desk, session, "members.invited", email or "whoever has the link", role=role)
    return made, f"/join/{secret}"


def renew(desk: Desk, invitation_id: str) -> tuple[Invitation, str]:
    """Another link for an invitation nobody has used, for as long as a new one; the link before it ends.

    Raises Forbidden, NotFound, BadInput for an address that the workspace does not allow any more.
    """
    roles.require(desk, "members.manage")
    with desk.store.reading() as session:
        found = rows.open_one(session, desk.workspace_id, invitation_id)
    if found is None:
        raise _gone()
    if found.role == Role.OWNER:
        roles.require(desk, "members.owners")
    if found.email:
        _allowed(desk.workspace(), found.email)
    secret = bearer.fresh()
    with desk.store.writing() as session:
        roles.still(desk, session)
        made = rows.renew(
            session,
            desk.workspace_id,
            invitation_id,
            hash=bearer.hashed(secret),
            expires_at=utc_now() + timedelta(days=DAYS),
        )
        if made is None:
            raise _gone()
        audit.note(desk, session, "members.invited_again", made.email or "whoever has the link", role=made.role)
    return made, f"/join/{secret}"


def list(desk: Desk) -> Sequence[Invitation]:
    """Those that still work, newest first. Raises Forbidden."""
    roles.require(desk, "members.manage")
    with desk.store.reading() as session:
        return rows.list(session, desk.workspace_id)


def revoke(desk: Desk, invitation_id: str) -> None:
    """Raises NotFound, also for one that was accepted."""
    roles.require(desk, "members.manage")
    with desk.store.writing() as session:
        found = rows.revoke(session, desk.workspace_id, invitation_id)
        if found is None:
            raise _gone()
        audit.note(desk, session, "members.invitation_revoked", found.email or "whoever has the link")


def look(desk: Desk, secret: str) -> tuple[Invitation, Workspace]:
    """What a link invites to. Raises NotFound for one that does not work any more."""
    with desk.store.reading() as session:
        found = rows.by_hash(session, bearer.hashed(secret))
        place = workspaces_rows.get(session, found.workspace_id) if found else None
    if found is None or place is None:
        raise NotFound("This invitation does not work any more.", "Ask whoever sent it for a new one.")
    return found, place


def join(desk: Desk, secret: str, *, name: str, email: str, password: str, caller: Caller) -> str:
    """Make an account, put it into the workspace and sign it in; returns the secret for the cookie. Whoever has an account
    with that address comes in with its password: they may belong to no workspace any more, and could not sign in first.

    Raises NotFound, BadInput (another address than the one invited, a weak password), TooMany, Conflict for a member, and
    for a known address with another password.
    """
    found, place = look(desk, secret)
    name, email = naming.checked(name), accounts.checked_email(email)
    _meant_for(found, place, email)
    with desk.store.reading() as session:
        known = accounts_rows.by_email(session, email)
    if known is not None:
        return _join_with_password(desk, found, place, email, password, caller)
    password_hash = accounts.hashed(password, name, email)
    with desk.store.writing() as session:
        account = accounts.create(session, place.id, name, email, password_hash)
        account.email_proven = bool(found.email)  # by whoever invited them; by a link for anybody they only say so
        if not rows.accept(session, found.id, account.id):
            raise Conflict("This invitation was just used.", "Ask for a new one.")
        members_rows.add(session, place.id, account.id, found.role)
        cookie = sign_in.start(desk, session, account, caller)
        audit.note(desk.as_account(place.id, account, caller), session, "members.joined")
    return cookie


def join_as(desk: Desk, secret: str, account: Account) -> None:
    """Somebody who is signed in already joins one more workspace. The link of a workspace they are in stays unused.

    Raises NotFound, BadInput (another address than the one invited), Conflict for a member.
    """
    found, place = look(desk, secret)
    _meant_for(found, place, account.email or "")
    with desk.store.writing() as session:
        _take(desk, session, found, place, account, desk.caller)


def _join_with_password(
    desk: Desk, found: Invitation, place: Workspace, email: str, password: str, caller: Caller
) -> str:
    try:
        return sign_in.with_password(
            desk, email, password, caller, first=lambda session, who: _take(desk, session, found, place, who, caller)
        )
    except NotAllowed as wrong:
        raise Conflict(
            f"{email} has an account here already.", "Type the password of that account.", field="password"
        ) from wrong


def _take(desk: Desk, session: Session, found: Invitation, place: Workspace, account: Account, caller: Caller) -> None:
    """Somebody who has an account uses an invitation."""
    if members_rows.get(session, place.id, account.id) is not None:
        raise Conflict(f"You are in {place.name} already.", "Choose it in the list of your workspaces.")
    if not rows.accept(session, found.id, account.id):
        raise Conflict("This invitation was just used.", "Ask for a new one.")
    members_rows.add(session, place.id, account.id, found.role)
    audit.note(desk.as_account(place.id, account, caller), session, "members.joined")


def _gone() -> NotFound:
    return NotFound("This invitation is not there any more.", "It was used, or taken back.")


def _meant_for(found: Invitation, place: Workspace, email: str) -> None:
    if found.email and found.email.lower() != email.lower():
        raise BadInput("This invitation is for another e-mail address.", f"Use {found.email}.", field="email")
    _allowed(place, email)


def _allowed(place: Workspace, email: str) -> None:
    domains = [domain.lower() for domain in place.email_domains]
    if domains and email.rpartition("@")[2].lower() not in domains:
        raise BadInput(
            f"{place.name} takes only addresses at {', '.join(domains)}.", "Use another address.", field="email"
        )
