"""Who there is and where: people, workspaces, who belongs to which, and how somebody comes in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, func, text
from sqlmodel import Field, SQLModel

from storage.tables.base import Owned, UtcDateTime, json_column, new_id, text_enum, utc_now


class Role(StrEnum):
    """What somebody is in a workspace; core.access.roles says what each may do. In rising order."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"
    OWNER = "owner"


class Workspace(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    zone: str = "UTC"
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    date_format: str = "iso"  # core.workspaces.DATE_STYLES
    number_format: str = "plain"  # core.workspaces.NUMBER_STYLES
    default_format: str = "xlsx"  # engine.formats.FORMATS
    email_domains: list[str] = Field(default_factory=list, sa_type=json_column())  # empty: any
    delivery_domains: list[str] = Field(default_factory=list, sa_type=json_column())  # files are mailed to; empty: any
    keep_days: int | None = None  # exports are kept; None: as the installation says
    quota_mb: int | None = None  # its data and exports may take; None: no limit


class WorkspaceAlias(SQLModel, table=True):
    """Another name outside clients use for a workspace; unique in the installation, compared without case."""

    __tablename__ = "workspace_alias"

    alias: str = Field(primary_key=True)  # folded
    workspace_id: str = Field(foreign_key="workspace.id", index=True)


class Account(SQLModel, table=True):
    """A person. Without e-mail and password it is the one of a desk for one person, where nobody signs in."""

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id", index=True)  # where they land
    name: str
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    email: str | None = None
    email_proven: bool = False  # it is theirs: whoever invited or mailed them chose it, not they alone
    password_hash: str | None = None  # argon2id
    subject: str | None = None  # "issuer subject" of a person who signs in elsewhere (OIDC)
    administrator: bool = False  # of the installation
    zone: str | None = None  # for display; None: the workspace's
    preferences: dict[str, Any] = Field(default_factory=dict, sa_type=json_column())  # core.access.accounts.Preferences
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (
        Index("uq_account_email", func.lower(text("email")), unique=True),
        Index("uq_account_subject", "subject", unique=True),
    )


class Membership(SQLModel, table=True):
    workspace_id: str = Field(foreign_key="workspace.id", primary_key=True)
    account_id: str = Field(foreign_key="account.id", primary_key=True, index=True)
    role: Role = Field(sa_type=text_enum(Role))
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Invitation(Owned, table=True):
    """A way into a workspace for whoever holds its link; for one e-mail address only, where one is given."""

    email: str = ""
    role: Role = Field(sa_type=text_enum(Role))
    hash: str = Field(unique=True)  # SHA-256 of the secret in the link, hex
    expires_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_by: str | None = None  # account id
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignIn(SQLModel, table=True):
    """A browser in which somebody is signed in. Its secret is in the cookie alone; ending it here ends it at once."""

    __tablename__ = "sign_in"

    id: str = Field(default_factory=new_id, primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    workspace_id: str = Field(foreign_key="workspace.id")  # where they are just now
    hash: str = Field(unique=True)  # SHA-256 of the cookie's secret, hex
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    seen_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    address: str = ""
    agent: str = ""


class OneTimeLink(SQLModel, table=True):
    """A link that lets somebody choose a new password, once."""

    __tablename__ = "one_time_link"

    id: str = Field(default_factory=new_id, primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    hash: str = Field(unique=True)  # SHA-256 of the secret in the link, hex
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Project(Owned, table=True):
    name: str
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Token(Owned, table=True):
    name: str
    prefix: str  # the first characters, to tell tokens apart in a list
    hash: str = Field(unique=True)  # SHA-256 of the whole token, hex
    scopes: list[str] = Field(sa_type=json_column())
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    per_minute: int | None = None  # requests; None: no limit of its own
    per_hour: int | None = None
    per_day: int | None = None


class SecretKind(StrEnum):
    FILE_PASSWORD = "file_password"


class Secret(Owned, table=True):
    """Something the desk must be able to read again and nobody else may: sealed with a key outside the database."""

    kind: SecretKind = Field(sa_type=text_enum(SecretKind))
    sealed: str  # base64 of nonce and AES-256-GCM ciphertext, bound to workspace, id and kind
