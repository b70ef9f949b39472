"""Every setting, read from the environment (prefix DESK_) once at start. docs/settings.md lists them; a test compares."""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How this installation runs. Sizes are in MB of 1024², times in seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="DESK_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        default=Path("data"), description="Folder of everything the desk keeps: database, datasets, files, keys."
    )
    database_url: str = Field(default="", description="SQLAlchemy URL of the store; empty: SQLite in the data folder.")
    zone: str = Field(default="", description="IANA time zone of a new workspace; empty: the server's own.")
    parts: str = Field(default="web,api,work", description="Which parts this process runs, by comma: web, api, work.")
    workers: int = Field(default=os.cpu_count() or 1, ge=1, description="Jobs that run at once; the rest queue.")
    lease_seconds: float = Field(
        default=30.0, ge=0.5, description="A job whose supervisor is silent this long is taken over."
    )
    drain_seconds: float = Field(
        default=60.0, ge=0, description="How long running jobs may finish when the supervisor is asked to stop."
    )
    attempts: int = Field(
        default=3, ge=1, description="How often a job is tried before a passing problem becomes its failure."
    )
    job_memory_mb: int = Field(
        default=2048, ge=64, description="Memory one job may use; past it the job fails and says so."
    )
    job_seconds: int = Field(default=0, ge=0, description="Time one job may take; 0: no limit.")
    max_rows: int = Field(
        default=0, ge=0, description="Rows one export may hold; 0: no limit. Exceeding it fails, never cuts."
    )
    max_upload_mb: int = Field(default=20_480, ge=1, description="Largest file that may be uploaded.")
    upload_hours: int = Field(default=24, ge=1, description="Hours an unfinished or unused upload is kept.")
    link_hours: int = Field(
        default=24, ge=1, description="Hours a copied download link works unless another expiry is chosen."
    )
    export_days: int = Field(
        default=30,
        ge=0,
        description="Days the files of an export are kept unless it, its schedule, its template or its workspace says "
        "otherwise; 0: for good.",
    )
    bin_days: int = Field(default=30, ge=1, description="Days a deleted thing stays restorable.")
    audit_days: int = Field(default=365, ge=0, description="Days the audit log is kept; 0: for good.")
    low_disk_mb: int = Field(
        default=2048,
        ge=0,
        description="Free space on the data folder's disk below which everybody is warned and nothing begins.",
    )
    sign_in: Literal["off", "required"] = Field(
        default="off", description="off: one person on this computer, nothing is asked. required: everybody signs in."
    )
    session_days: int = Field(default=14, ge=1, description="Days after which somebody has to sign in again.")
    public_url: str = Field(
        default="", description="Address people reach the desk at, for absolute links; empty: relative links."
    )
    host: str = Field(
        default="",
        description="Address to listen on; empty: 127.0.0.1 without sign-in, 0.0.0.0 (every network) with it.",
    )
    hosts: str = Field(
        default="", description="Further names the desk answers to, by comma, beside the one of DESK_PUBLIC_URL."
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks, by comma, of proxies whose X-Forwarded-For and -Proto are believed.",
    )
    oidc_issuer: str = Field(
        default="", description="OpenID Connect provider people may sign in with, by its issuer address; empty: none."
    )
    oidc_client_id: str = Field(default="", description="What that provider calls this desk.")
    oidc_client_secret: str = Field(default="", repr=False, description="The secret it gave this desk.")
    oidc_name: str = Field(default="", description="What the button calls the provider; empty: single sign-on.")

    inside_networks: str = Field(
        default="",
        description="Networks of your own, by comma, that the desk may connect to for fetching and delivering; empty: none.",
    )
    allowed_folders: str = Field(
        default="", description="Folders of the server, by comma, that data may be fetched from and files put into."
    )

    @field_validator("trusted_proxies", "inside_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        for proxy in listed(value):
            ip_network(proxy)  # a ValueError names what is no address
        return value

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("an address begins with https:// or http:// and has no question mark")
        return value

    @property
    def database(self) -> str:
        """The store's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'desk.db').absolute()}"

    def environment(self) -> dict[str, str]:
        """These settings as environment variables, for a process of ours that is started from another folder."""
        values = self.model_dump() | {"data_dir": self.data_dir.absolute()}
        return {f"DESK_{name.upper()}": str(value) for name, value in values.items()}


def listed(value: str) -> list[str]:
    """The parts of a setting that is given by comma."""
    return [part for part in (part.strip() for part in value.split(",")) if part]
