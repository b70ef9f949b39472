"""The Desk: what every function of the house takes first. Which store, which files, in whose name."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import BadInput, NotAllowed, NotFound
from core.settings import Settings
from storage import accounts, members, workspaces
from storage.files import Files
from storage.scope import Scope
from storage.store import Store
from storage.tables import Account, Role, Workspace

WORKSPACE, OWNER = "My workspace", "Owner"


@dataclass(frozen=True)
class Caller:
    """Who speaks, and from where, as the audit log keeps it."""

    name: str = ""
    address: str = ""
    agent: str = ""  # what they speak with: a browser, a program


@dataclass(frozen=True)
class Desk:
    """One installation, seen by one account of one workspace, with the role it has there (core.access.roles)."""

    settings: Settings
    store: Store
    files: Files
    workspace_id: str  # "" for none: of_installation
    account_id: str  # "" for the desk itself
    role: Role = Role.OWNER
    administrator: bool = True  # of the installation
    caller: Caller = Caller()
    sign_in_id: str = ""  # of the browser they use; "" where nobody signs in, and for tokens

    @property
    def scope(self) -> Scope:
        """Whose rows may be seen."""
        return Scope(self.workspace_id, self.account_id or None)

    def acting_as(self, workspace_id: str, account_id: str, caller: Caller | None = None) -> Desk:
        """The same installation in somebody else's name. Raises NotAllowed when they do not, or no longer, belong there."""
        with self.store.reading() as session:
            account = accounts.account(session, account_id)
            member = members.get(session, workspace_id, account_id)
        if account is None or member is None or account.disabled_at:
            raise NotAllowed("You do not belong to this workspace any more.", "Ask whoever runs it, or sign in again.")
        said = replace(caller or self.caller, name=caller.name if caller and caller.name else account.name)
        return replace(
            self,
            workspace_id=workspace_id,
            account_id=account_id,
            role=member.role,
            administrator=account.administrator,
            caller=said,
        )

    def as_account(self, workspace_id: str, account: Account | None, caller: Caller) -> Desk:
        """As an account sees it, for the audit log, within a transaction that may have made the account; None: nobody."""
        said = replace(caller, name=account.name if account else "")
        return replace(self, workspace_id=workspace_id, account_id=account.id if account else "", caller=said)

    def itself(self, workspace_id: str) -> Desk:
        """The desk's own work in a workspace: it sees everything there."""
        return replace(self, workspace_id=workspace_id, account_id="", role=Role.OWNER, caller=Caller("Export Desk"))

    def of_installation(self) -> Desk:
        """The same person in no workspace: for what concerns the whole desk, in the audit log."""
        return replace(self, workspace_id="")

    def workspace(self) -> Workspace:
        """The workspace's row: its name and its zone. Raises NotFound when it is gone."""
        with self.store.reading() as session:
            return there(workspaces.get(session, self.workspace_id))


def there(workspace: Workspace | None) -> Workspace:
    """Raises NotFound for one that is gone."""
    if workspace is None:
        raise NotFound("This workspace is not there any more.", "Sign in again.")
    return workspace


def open_desk(settings: Settings | None = None) -> Desk:
    """Open an installation and make what is missing: folders, tables, the first workspace and its owner.

    Any number of processes may do so at once. Raises BadInput when DESK_ZONE names no time zone.
    """
    settings = settings or Settings()
    zone = settings.zone or server_zone()
    check_zone(zone)
    files = Files(settings.data_dir.absolute())
    files.prepare()
    store = Store(settings.database)
    with store.alone() as session:
        found = workspaces.first(session) or workspaces.create(session, WORKSPACE, zone, OWNER)
        workspace, account = found
    return Desk(settings, store, files, workspace.id, account.id, caller=Caller(account.name))


def check_zone(zone: str) -> None:
    """Raises BadInput unless `zone` is an IANA time zone."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise BadInput(
            f"“{zone}” is not a time zone.", "Use a name such as Europe/Berlin or Asia/Jakarta.", field="zone"
        ) from problem


def server_zone() -> str:
    """The IANA name of the zone this computer keeps, "UTC" where it does not say."""
    localtime = Path("/etc/localtime")
    stated = Path("/etc/timezone")
    candidates = [
        os.environ.get("TZ", "").lstrip(":"),
        str(localtime.resolve()).rpartition("zoneinfo/")[2] if localtime.is_symlink() else "",
        stated.read_text().strip() if stated.is_file() else "",
    ]
    for name in candidates:
        try:
            if name and ZoneInfo(name):
                return name
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return "UTC"
