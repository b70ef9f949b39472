"""Workspaces: what one is called, how it shows things, and which there are for somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from core import accounts, audit, roles
from core.desk import Desk, check_zone
from core.engine.display import DATE_FORMATS, NUMBER_FORMATS
from core.engine.formats import FORMATS
from core.errors import BadInput, Conflict, Forbidden
from storage import accounts as rows
from storage import members
from storage.tables import Role, Workspace

__all__ = ["Workspace"]

ALIAS = re.compile(r"[\w.-]{1,60}")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
PLAIN = "plain"  # numbers as they are stored


def mine(desk: Desk) -> Sequence[tuple[Workspace, Role]]:
    """Where whoever acts belongs, by name."""
    with desk.store.reading() as session:
        return [(place, member.role) for place, member in members.workspaces(session, desk.account_id)]


def make(desk: Desk, name: str, zone: str | None = None) -> Workspace:
    """A new workspace with whoever acts as its owner. Raises Forbidden for anybody but the installation's administrator."""
    if not desk.administrator:
        raise Forbidden("Only an administrator of this installation makes workspaces.", roles.whom_to_ask(desk))
    zone = zone or desk.workspace().zone
    check_zone(zone)
    with desk.store.writing() as session:
        place = rows.add_workspace(session, accounts.checked_name(name), zone)
        members.add(session, place.id, desk.account_id, Role.OWNER)
        audit.note(desk, session, "workspace.made", place)
    return place


def change(
    desk: Desk,
    *,
    name: str | None = None,
    zone: str | None = None,
    date_format: str | None = None,
    number_format: str | None = None,
    default_format: str | None = None,
    email_domains: Iterable[str] | None = None,
) -> Workspace:
    """Change what is given of the workspace. Raises Forbidden, BadInput."""
    roles.require(desk, "workspace.change")
    if zone is not None:
        check_zone(zone)
    _known("date_format", date_format, DATE_FORMATS)
    _known("number_format", number_format, (PLAIN, *NUMBER_FORMATS))
    _known("default_format", default_format, FORMATS)
    domains = None if email_domains is None else sorted({_domain(domain) for domain in email_domains if domain.strip()})
    given = {
        "name": None if name is None else accounts.checked_name(name),
        "zone": zone,
        "date_format": date_format,
        "number_format": number_format,
        "default_format": default_format,
        "email_domains": domains,
    }
    changed: dict[str, Any] = {part: value for part, value in given.items() if value is not None}
    with desk.store.writing() as session:
        place = rows.get(session, desk.workspace_id)
        assert place is not None
        for part, value in changed.items():
            setattr(place, part, value)
        session.add(place)
        audit.note(desk, session, "workspace.changed", place, **changed)
    return place


def aliases(desk: Desk) -> Sequence[str]:
    """Other names that outside clients use for the workspace."""
    with desk.store.reading() as session:
        return rows.aliases(session, desk.workspace_id)


def set_aliases(desk: Desk, names: Iterable[str]) -> Sequence[str]:
    """Replace them. Raises Forbidden, BadInput, Conflict for one that another workspace has."""
    roles.require(desk, "workspace.change")
    wanted = [name.strip() for name in names if name.strip()]
    for name in wanted:
        if not ALIAS.fullmatch(name):
            raise BadInput(
                f"“{name}” cannot be an alias.", "Use letters, digits, dots, hyphens and underscores.", field="aliases"
            )
    with desk.store.writing() as session:
        taken = rows.set_aliases(session, desk.workspace_id, wanted)
        if taken:
            raise Conflict(f"Another workspace is called “{taken}” already.", "Choose another alias.", field="aliases")
        audit.note(desk, session, "workspace.changed", desk.workspace(), aliases=wanted)
    return aliases(desk)


def _known(part: str, value: str | None, known: Iterable[str]) -> None:
    if value is not None and value not in known:
        raise BadInput(f"“{value}” is not known.", f"Known: {', '.join(known)}.", field=part)


def _domain(domain: str) -> str:
    domain = domain.strip().lower().removeprefix("@")
    if not DOMAIN.fullmatch(domain):
        raise BadInput(f"“{domain}” is no domain.", "Write it like example.org.", field="email_domains")
    return domain
