"""What administrators choose on the screen: mail, limits, retention, storage, access.

A choice wins over the environment variable of the same name (core.settings), and that over its default. One row of the store
holds a group's chosen values; every process reads the rows again after FRESH_SECONDS, so a choice needs no restart.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeVar
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy.exc import SQLAlchemyError

from core import accounts, audit, installation, naming, sealing
from core.desk import Desk
from core.errors import BadInput, DeskError, Forbidden, Trouble
from storage import choices as rows
from storage.store import Store

FRESH_SECONDS = 2.0
SEAL = ("choice", "mail")  # what the password of the mail server is bound to
HOST = re.compile(r"[\w.-]+|\[?[0-9a-fA-F:]+\]?")
CHANGE = "change the settings of this installation"

Origin = Literal["chosen", "environment", "default"]
log = logging.getLogger("desk.choices")


class Group(BaseModel):
    """Values that are chosen together."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    NAME: ClassVar[str]
    OF_SETTINGS: ClassVar[bool] = False  # its fields bear the names of settings, which hold until one is chosen


class Mail(Group):
    """The server that takes mail from this desk."""

    NAME = "mail"
    host: str = Field(default="", title="Mail server", max_length=253)
    port: int = Field(default=587, ge=1, le=65535, title="Port")
    security: Literal["starttls", "tls", "none"] = Field(default="starttls", title="Encryption")
    user: str = Field(default="", title="User name", max_length=320)
    password: str = Field(default="", title="Password")  # sealed
    sender: str = Field(default="", title="Sender’s address")
    sender_name: str = Field(default="Export Desk", title="Sender’s name", max_length=120)

    @field_validator("host")
    @classmethod
    def _host(cls, value: str) -> str:
        value = value.strip()
        if value and not HOST.fullmatch(value):
            raise BadInput(
                f"“{value[:60]}” is not the name of a server.", "Write it like smtp.example.org.", field="host"
            )
        return value

    @field_validator("sender")
    @classmethod
    def _sender(cls, value: str) -> str:
        try:
            return accounts.checked_email(value) if value.strip() else ""
        except BadInput as wrong:
            raise BadInput(wrong.message, wrong.next_step, field="sender") from wrong

    @field_validator("sender_name")
    @classmethod
    def _sender_name(cls, value: str) -> str:
        return naming.checked(value) if value.strip() else ""


class Limits(Group):
    """What jobs and uploads may use; jobs that run keep those they began with."""

    NAME = "limits"
    OF_SETTINGS = True
    job_memory_mb: int = Field(ge=64, title="Memory of one job (MB)")
    job_seconds: int = Field(ge=0, title="Time of one job (seconds)")
    max_rows: int = Field(ge=0, title="Rows of one export")
    max_upload_mb: int = Field(ge=1, title="Size of one upload (MB)")
    workers: int = Field(ge=1, le=256, title="Jobs at once")


class Retention(Group):
    """How long things are kept."""

    NAME = "retention"
    OF_SETTINGS = True
    bin_days: int = Field(ge=1, title="Deleted things (days)")
    upload_hours: int = Field(ge=1, title="Unfinished uploads and looks at files (hours)")
    audit_days: int = Field(ge=0, title="Audit log (days)")


class Storage(Group):
    """The disk of the data folder."""

    NAME = "storage"
    OF_SETTINGS = True
    low_disk_mb: int = Field(ge=0, title="Warn below (MB free)")


class Access(Group):
    """From where the desk may be reached."""

    NAME = "access"
    networks: tuple[str, ...] = Field(default=(), title="Allowed networks")  # CIDR; none: any

    @field_validator("networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_network(one) for one in value if one.strip()))

    def allows(self, address: str) -> bool:
        """May this address reach the desk? This computer always may, so that nobody locks themselves out."""
        if not self.networks:
            return True
        try:
            caller = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(caller, ipaddress.IPv6Address) and caller.ipv4_mapped:
            caller = caller.ipv4_mapped
        return caller.is_loopback or any(caller in ipaddress.ip_network(network) for network in self.networks)


G = TypeVar("G", bound=Group)
Stored = dict[str, tuple[Any, datetime]]
_read: WeakKeyDictionary[Store, tuple[float, Stored]] = WeakKeyDictionary()


def mail(desk: Desk) -> Mail:
    return of(desk, Mail)


def limits(desk: Desk) -> Limits:
    return of(desk, Limits)


def retention(desk: Desk) -> Retention:
    return of(desk, Retention)


def storage(desk: Desk) -> Storage:
    return of(desk, Storage)


def access(desk: Desk) -> Access:
    return of(desk, Access)


def refusal(desk: Desk, address: str) -> DeskError | None:
    """Why a request from this address is not heard, or None. Asked before anything else reads the request."""
    try:
        if access(desk).allows(address):
            return None
    except SQLAlchemyError:
        return Trouble("The store cannot be read at the moment.", "Try again in a minute.")
    return Forbidden("This desk does not answer to your network.", "Ask whoever runs it to allow your address.")


def of(desk: Desk, kind: type[G]) -> G:
    """The values that hold now. Raises SQLAlchemyError only where the store was never read before."""
    given, chosen = _given(desk, kind), _chosen(desk, kind)
    try:
        return kind.model_validate(given | chosen)
    except (ValidationError, BadInput) as wrong:  # chosen in a version of the desk that had other bounds
        log.warning(
            "what was chosen of %s does not hold any more, the installation's own values do: %s", kind.NAME, wrong
        )
        return kind.model_validate(given)


def origins(desk: Desk, kind: type[Group]) -> dict[str, Origin]:
    """Where each value comes from."""
    chosen = _chosen(desk, kind)
    given = desk.settings.model_fields_set if kind.OF_SETTINGS else set()
    return {
        name: "chosen" if name in chosen else "environment" if name in given else "default"
        for name in kind.model_fields
    }


def without(desk: Desk, kind: type[Group]) -> dict[str, Any]:
    """What would hold if nothing had been chosen."""
    return kind.model_validate(_given(desk, kind)).model_dump()


def choose(desk: Desk, kind: type[G], **values: Any) -> G:
    """Choose some values of a group; None takes a choice back. Returns the group as it holds from now on.

    Raises Forbidden, and BadInput naming the field. The password of the mail server is given in clear and sealed here; it
    belongs to the server and user it was given for, and is forgotten when one of them changes without it.
    """
    installation.require(desk, CHANGE)
    assert values.keys() <= kind.model_fields.keys()
    with desk.store.writing() as session:
        before = (rows.get(session, kind.NAME) or ({}, None))[0]
        wanted: dict[str, Any] = {name: value for name, value in (before | values).items() if value is not None}
        if kind is Mail:
            _seal(desk, before, wanted, values)
        made = _checked(desk, kind, wanted)
        kept = {name: value for name, value in made.model_dump(mode="json").items() if name in wanted}
        changed = sorted(name for name in kind.model_fields if kept.get(name) != before.get(name))
        if changed:
            rows.set(session, kind.NAME, kept)
            audit.note(desk, session, "installation.changed", kind.NAME, fields=changed)
    _read.pop(desk.store, None)
    return made


def _seal(desk: Desk, before: dict[str, Any], wanted: dict[str, Any], values: dict[str, Any]) -> None:
    moved = any(wanted.get(part) != before.get(part) for part in ("host", "user"))
    if values.get("password"):
        wanted["password"] = sealing.seal(desk, values["password"], *SEAL)
    elif moved or "password" in values:
        wanted.pop("password", None)


def _checked(desk: Desk, kind: type[G], chosen: dict[str, Any]) -> G:
    try:
        made = kind.model_validate(_given(desk, kind) | chosen)
    except ValidationError as wrong:
        raise _sentence(kind, wrong) from wrong
    if isinstance(made, Mail) and made.user and made.security == "none" and not this_computer(made.host):
        raise BadInput(
            "A user name and its password are never sent without encryption.",
            "Choose STARTTLS or TLS, or leave the user name empty.",
            field="security",
        )
    if isinstance(made, Access) and desk.caller.address and not made.allows(desk.caller.address):
        raise BadInput(
            f"Your own address, {desk.caller.address}, is in none of these networks: you would lock yourself out.",
            "Add a network that holds it.",
            field="networks",
        )
    return made


def _sentence(kind: type[Group], wrong: ValidationError) -> BadInput:
    """The first thing that is wrong, in a sentence."""
    first = wrong.errors()[0]
    name, told = str(first["loc"][0]), first.get("ctx", {})
    bounds = {"ge": "at least", "le": "at most", "max_length": "at most so many characters:"}
    why = next((f"{words} {told[key]:,}" for key, words in bounds.items() if key in told), "another kind of value")
    return BadInput(f"{kind.model_fields[name].title}: this has to be {why}.", "Change it and save again.", field=name)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError as wrong:
        raise BadInput(
            f"“{text.strip()[:60]}” is not a network.",
            "Write it like 192.168.1.0/24 or 2001:db8::/32.",
            field="networks",
        ) from wrong


def this_computer(host: str) -> bool:
    """Does this name or address mean the computer the desk runs on?"""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _given(desk: Desk, kind: type[Group]) -> dict[str, Any]:
    """What Settings says of this group."""
    return {name: getattr(desk.settings, name) for name in kind.model_fields} if kind.OF_SETTINGS else {}


def _chosen(desk: Desk, kind: type[Group]) -> dict[str, Any]:
    return dict(_stored(desk).get(kind.NAME, ({},))[0])


def _stored(desk: Desk) -> Stored:
    """The rows, at most FRESH_SECONDS old; older ones while the store does not answer."""
    read_at, stored = _read.get(desk.store, (None, {}))
    if read_at is not None and time.monotonic() - read_at < FRESH_SECONDS:
        return stored
    try:
        with desk.store.reading() as session:
            stored = rows.all(session)
    except SQLAlchemyError as problem:
        if read_at is None:
            raise
        log.warning("the store did not answer, what was chosen before still holds: %s", problem)
    _read[desk.store] = time.monotonic(), stored
    return stored
