"""Signing in with another provider (OpenID Connect): who of this desk somebody is whom the provider vouches for.

The provider's word is taken for who they are, never for what they may do: that is what they are in a workspace here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from core import audit, naming
from core.access import accounts, installation, setup, sign_in
from core.desk import Caller, Desk
from core.errors import NotAllowed
from core.settings import Settings
from storage import accounts as rows
from storage import invitations, members
from storage import workspaces as workspaces_rows
from storage.tables import Account, Role

NAME = "single sign-on"  # what the button says unless DESK_OIDC_NAME does


@dataclass(frozen=True)
class Claims:
    """What a provider says of somebody, once its signature was checked (OpenID Connect Core, section 5.1)."""

    issuer: str
    subject: str  # never changes, and is nobody else's there
    email: str = ""
    email_verified: bool = False
    name: str = ""


def offered(settings: Settings) -> str:
    """What to call the provider on the button; "" where there is none."""
    return (settings.oidc_name or NAME) if settings.oidc_issuer and settings.oidc_client_id else ""


def sign_in_with(desk: Desk, claims: Claims, caller: Caller) -> str:
    """Sign somebody in; returns the secret for the cookie.

    They are, in this order: whoever came with the same subject before; the account with their e-mail; somebody invited
    by that e-mail; somebody new, as a viewer of every workspace that names its domain. An e-mail counts only if the provider
    has verified it, and an account's only if it was proven here too. Raises NotAllowed for anybody else.
    """
    if setup.needed(desk):
        raise NotAllowed("This desk is not set up yet.", "Set it up first, with the code in the log of the server.")
    with desk.store.writing() as session:
        account = rows.by_subject(session, _subject(claims)) or _by_email(desk, session, claims, caller)
        if account is not None and not account.disabled_at:
            return sign_in.start(desk, session, account, caller)
    sign_in.failed(desk, claims.email or claims.subject, account, caller, issuer=claims.issuer)
    raise _refused(desk, claims)


def _refused(desk: Desk, claims: Claims) -> NotAllowed:
    ask = installation.whom_to_ask(desk).removesuffix(".")
    if claims.email and not claims.email_verified:
        return NotAllowed(f"Your provider has not verified the address {claims.email}.", f"{ask} for an invitation.")
    with desk.store.reading() as session:
        account = rows.by_email(session, claims.email)
    if account is not None and not account.email_proven:
        return NotAllowed(
            f"There is an account for {claims.email}, but nobody has shown yet that the address is theirs.",
            f"Choose “Forgot password” for it first, or {ask[0].lower()}{ask[1:]} for a link for a new password.",
        )
    return NotAllowed(f"{claims.email or 'This account'} has no place on this desk.", f"{ask} for an invitation.")


def _by_email(desk: Desk, session: Session, claims: Claims, caller: Caller) -> Account | None:
    """The account of a verified address, which has come in this way from now on; a new one where somebody expects it."""
    if not (claims.email and claims.email_verified):
        return None
    account = rows.by_email(session, claims.email)
    if account is not None and (account.subject or account.disabled_at):
        return None  # somebody else at the provider has the address now, or it is another provider
    if account is not None and not account.email_proven:
        return None  # somebody may have typed another's address, to wait in that account for its owner with a password
    expected = _expected(session, claims.email, new=account is None)
    if account is None and expected:
        name = claims.name.strip() or claims.email.partition("@")[0]
        account = accounts.create(session, next(iter(expected)), name[: naming.MAX_NAME], claims.email)
        account.email_proven = True
    if account is None:
        return None
    account.subject = _subject(claims)
    session.add(account)
    for workspace_id, role in expected.items():
        if members.get(session, workspace_id, account.id) is None:
            members.add(session, workspace_id, account.id, role)
            audit.note(desk.as_account(workspace_id, account, caller), session, "members.joined")
    for invitation in invitations.for_email(session, claims.email):
        invitations.accept(session, invitation.id, account.id)
    return account


def _expected(session: Session, email: str, *, new: bool) -> dict[str, Role]:
    """Where an address is expected, and as what: by invitations first, then by the domains that workspaces name.

    The domains are for whoever is new: who has an account may have been removed from such a workspace, and stays out of it.
    """
    invited = {invitation.workspace_id: invitation.role for invitation in invitations.for_email(session, email)}
    domain = email.rpartition("@")[2].lower()
    named = {place.id: Role.VIEWER for place in workspaces_rows.naming_domain(session, domain)} if new else {}
    return invited | {place: role for place, role in named.items() if place not in invited}


def _subject(claims: Claims) -> str:
    return f"{claims.issuer} {claims.subject}"
