"""The groups of what administrators choose (core.choices), and what their values may be."""

from __future__ import annotations

import ipaddress
import re
from pathlib import PurePosixPath
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core import naming
from core.access import accounts
from core.errors import BadInput

HOST = re.compile(r"[\w.-]+|\[?[0-9a-fA-F:]+\]?")


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
    export_days: int = Field(ge=0, title="Files of exports (days)")
    bin_days: int = Field(ge=1, title="Deleted things (days)")
    upload_hours: int = Field(ge=1, title="Unfinished uploads and previews (hours)")
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


class Outside(Group):
    """What the desk may use besides the public internet, to fetch data from and to deliver files to (core.outside)."""

    NAME = "outside"
    OF_SETTINGS = True
    inside_networks: tuple[str, ...] = Field(default=(), title="Networks of your own")  # CIDR
    allowed_folders: tuple[str, ...] = Field(default=(), title="Folders of the server")  # absolute paths

    @field_validator("inside_networks", "allowed_folders", mode="before")
    @classmethod
    def _of_settings(cls, value: Any) -> Any:
        return value.split(",") if isinstance(value, str) else value

    @field_validator("inside_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_network(one, "inside_networks") for one in value if one.strip()))

    @field_validator("allowed_folders")
    @classmethod
    def _folders(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_folder(one.strip()) for one in value if one.strip()))


class Intake(Group):
    """Programs that send no token: which workspace they enter (core.access.intake)."""

    NAME = "intake"
    workspace_id: str = Field(default="", title="Workspace")  # none: they are refused
    account_id: str = Field(default="", title="Account")  # in whose name they export
    origins: tuple[str, ...] = Field(default=(), title="Websites")  # whose scripts may ask
    per_minute: int = Field(default=10, ge=1, le=10_000, title="Requests a minute of one address")

    @field_validator("origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_origin(one) for one in value if one.strip()))


def this_computer(host: str) -> bool:
    """Does this name or address mean the computer the desk runs on?"""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _origin(text: str) -> str:
    """A website as browsers write it in Origin: scheme and name, and a port that is not the usual one (RFC 6454)."""
    text = text.strip().rstrip("/").lower()
    parts = urlsplit(text)
    try:
        usual = {"http": 80, "https": 443}[parts.scheme] == parts.port
    except (KeyError, ValueError):
        parts = urlsplit("")
    if not parts.hostname or parts.username or text != f"{parts.scheme}://{parts.netloc}":
        raise BadInput(
            f"“{text[:60]}” is not the address of a website.", "Write it like https://www.example.org.", field="origins"
        )
    return f"{parts.scheme}://{parts.netloc.rpartition(':')[0] if usual else parts.netloc}"


def _folder(text: str) -> str:
    if not text.startswith("/") or len(PurePosixPath(text).parts) < 2:
        raise BadInput(
            f"“{text[:60]}” is no folder of the server.",
            "Write its whole path, such as /srv/reports.",
            field="allowed_folders",
        )
    return str(PurePosixPath(text))


def _network(text: str, field: str = "networks") -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError as wrong:
        raise BadInput(
            f"“{text.strip()[:60]}” is not a network.",
            "Write it like 192.168.1.0/24 or 2001:db8::/32.",
            field=field,
        ) from wrong
