"""Workspaces: what one is called, how it shows things, and which there are for somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from core import audit, naming, storable
from core.access import installation, roles
from core.desk import Desk, check_zone, there
from core.engine.display import DATE_FORMATS
from core.engine.formats import FORMATS
from core.errors import BadInput, Conflict, NotFound
from storage import accounts, members
from storage import workspaces as rows
from storage.tables import Role, Workspace

__all__ = ["Workspace"]

ALIAS = re.compile(r"[\w.-]{1,60}")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
# How dates may look by default: those that leave nothing of the day out.
DATE_STYLES = {key: f.example for key, f in DATE_FORMATS.items() if f.with_time}
# How numbers look by default. Rounding and parting thousands are for single columns: a default must not change a value.
NUMBER_STYLES = {"plain": "1234.5", "comma": "1234,5"}
MOST_DAYS = 3650  # that files are kept by themselves
FOR_READERS = ("csv", "tsv", "html", "pdf")  # text formats people open; those for programs keep to their standards


@dataclass(frozen=True)
class Clock:
    """How times are shown on screens."""

    zone: str  # IANA name
    date_style: str = "iso"  # a key of DATE_STYLES

    @property
    def pattern(self) -> str:
        """Of a day, as Unicode writes patterns (CLDR): "d MMM yyyy", in which workbooks differ by the case of the month alone."""
        return DATE_FORMATS[self.date_style].excel.replace("m", "M")


def mine(desk: Desk) -> Sequence[tuple[Workspace, Role]]:
    """Where whoever acts belongs, by name."""
    with desk.store.reading() as session:
        return [(place, member.role) for place, member in members.workspaces(session, desk.account_id)]


def every(desk: Desk) -> Sequence[Workspace]:
    """Those of the whole installation, by name. Raises Forbidden for anybody but its administrators."""
    installation.require(desk, "see all its workspaces")
    with desk.store.reading() as session:
        return rows.every(session)


def named(desk: Desk, said: str) -> Workspace:
    """The one of the installation that is meant by an id, an alias or a name. Raises Forbidden, NotFound, BadInput where
    several have that name."""
    storable.check(said, "workspace")
    there = every(desk)
    with desk.store.reading() as session:
        alias = rows.by_alias(session, said)
    found = [place for place in there if said == place.id] or ([alias] if alias else [])
    found = found or [place for place in there if place.name.casefold() == said.casefold()]
    if len(found) > 1:
        raise BadInput(
            f"{len(found)} workspaces are called “{said}”.",
            f"Say which by its id: {', '.join(place.id for place in found)}.",
            field="workspace",
        )
    if not found:
        raise NotFound(f"There is no workspace “{said}”.", f"There are: {', '.join(place.name for place in there)}.")
    return found[0]


def make(desk: Desk, name: str, zone: str | None = None) -> Workspace:
    """A new workspace with whoever acts as its owner. Raises Forbidden for anybody but the installation's administrators."""
    installation.require(desk, "make workspaces")
    zone = zone or desk.workspace().zone
    check_zone(zone)
    with desk.store.writing() as session:
        place = rows.add(session, naming.checked(name), zone)
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
    delivery_domains: Iterable[str] | None = None,
    keep_days: int | None = None,
) -> Workspace:
    """Change what is given of the workspace; `keep_days` 0: as the installation says. Raises Forbidden, BadInput, NotFound."""
    roles.require(desk, "workspace.change")
    if zone is not None:
        check_zone(zone)
    _known("date_format", date_format, DATE_STYLES)
    _known("number_format", number_format, NUMBER_STYLES)
    _known("default_format", default_format, FORMATS)
    given = {
        "name": None if name is None else naming.checked(name),
        "zone": zone,
        "date_format": date_format,
        "number_format": number_format,
        "default_format": default_format,
        "email_domains": _domains(email_domains, "email_domains"),
        "delivery_domains": _domains(delivery_domains, "delivery_domains"),
    }
    if keep_days is not None and not 0 <= keep_days <= MOST_DAYS:
        raise BadInput(
            f"Files are kept for up to {MOST_DAYS:,} days.", "Pin those that are to stay.", field="keep_days"
        )
    changed: dict[str, Any] = {part: value for part, value in given.items() if value is not None}
    with desk.store.writing() as session:
        place = there(rows.get(session, desk.workspace_id))
        for part, value in changed.items():
            setattr(place, part, value)
        if keep_days is not None:
            changed["keep_days"] = place.keep_days = keep_days or None
        session.add(place)
        audit.note(desk, session, "workspace.changed", place, **changed)
    return place


def clock(desk: Desk) -> Clock:
    """The zone and the date style of the screens: the person's own zone where they chose one, else the workspace's."""
    with desk.store.reading() as session:
        place, account = there(rows.get(session, desk.workspace_id)), accounts.account(session, desk.account_id)
    zone = account.zone if account is not None and account.zone else place.zone
    return Clock(zone, place.date_format if place.date_format in DATE_STYLES else "iso")


def file_options(place: Workspace) -> dict[str, dict[str, Any]]:
    """Format → the options with which a new export begins there: the workspace's date and number style.

    A column's own display format, and any option chosen in the builder, goes before them.
    """
    found: dict[str, dict[str, Any]] = {}
    for name in FOR_READERS:
        usual = FORMATS[name].Options.model_fields
        wanted: dict[str, Any] = {"date_format": place.date_format, "decimal_comma": place.number_format == "comma"}
        if wanted["decimal_comma"] and name == "csv":
            wanted["delimiter"] = ";"  # a comma would stand both within and between the cells
        changed = {key: value for key, value in wanted.items() if key in usual and value != usual[key].default}
        if changed:
            found[name] = changed
    return found


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
        try:
            taken = rows.set_aliases(session, desk.workspace_id, wanted)
        except IntegrityError as quicker:  # another workspace took one in the same moment
            raise _taken(", ".join(wanted)) from quicker
        if taken:
            raise _taken(taken)
        audit.note(desk, session, "workspace.changed", rows.get(session, desk.workspace_id), aliases=wanted)
    return aliases(desk)


def _taken(alias: str) -> Conflict:
    return Conflict(f"Another workspace is called “{alias}” already.", "Choose another alias.", field="aliases")


def _known(part: str, value: str | None, known: Iterable[str]) -> None:
    if value is not None and value not in known:
        raise BadInput(f"“{value}” is not known.", f"Known: {', '.join(known)}.", field=part)


def _domains(given: Iterable[str] | None, field: str) -> list[str] | None:
    """Sorted, each once; None where none were given. Raises BadInput."""
    if given is None:
        return None
    found = {domain.strip().lower().removeprefix("@") for domain in given if domain.strip()}
    for domain in found:
        if not DOMAIN.fullmatch(domain):
            raise BadInput(f"“{domain}” is no domain.", "Write it like example.org.", field=field)
    return sorted(found)
