"""A file over FTP, encrypted (FTPS) unless somebody insists."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field

from core.delivery import ftp
from core.delivery.reach import explained
from core.errors import AGAIN, Unanswered
from core.fetching import base
from core.fetching.base import BLOCK, NEWEST, Fetched, Way


class Options(base.Options):
    host: str = Field(min_length=1, title="Server", description="Such as ftp.example.org.")
    port: int = Field(default=21, ge=1, le=65535, title="Port")
    user: base.Line = Field(min_length=1, title="User name")
    file: base.Line = Field(min_length=1, title="File", description=NEWEST)
    encryption: Literal["explicit", "implicit", "none"] = Field(
        default="explicit",
        title="Encryption",
        description="None: everybody on the way can read the password and the files.",
    )


class Ftp(base.Method[Options]):
    name = "ftp"
    label = "FTP"
    icon = ":material/dns:"
    model = Options
    secrets = ftp.METHOD.secrets
    bound = ("host", "port", "user", "encryption")

    def fetch(self, options: Options, secrets: Mapping[str, str], way: Way) -> Fetched:
        there = ftp.Options(host=options.host, port=options.port, user=options.user, encryption=options.encryption)
        with (
            base.told(),
            ftp.told(there),
            explained(options.host, options.port),
            ftp.connected(there, secrets, way.reach) as server,
        ):
            path = PurePosixPath(options.file)
            try:
                if path.parent != PurePosixPath("."):
                    server.cwd(str(path.parent))
                name = (
                    base.newest(path.name, _listed(server), options.host) if base.is_pattern(path.name) else path.name
                )
                server.voidcmd("TYPE I")
                return way.receive(name, _blocks(server, name))
            except ftplib.error_perm as answer:
                if str(answer).startswith("550"):
                    raise base.missing(options.file, options.host) from answer
                raise

    def place(self, options: Options) -> str:
        return f"{options.host}, {options.file}"


def _listed(server: ftplib.FTP) -> Iterator[tuple[str, float]]:
    """Names with when they were changed (RFC 3659, 3: YYYYMMDDHHMMSS). Servers that know no MLSD say that of each file."""
    try:
        for name, facts in server.mlsd(facts=["type", "modify"]):
            if facts.get("type", "file") == "file":
                yield name, _moment(facts.get("modify", ""))
        return
    except ftplib.error_perm:
        pass
    for listed in server.nlst():
        name = PurePosixPath(listed).name
        changed = ""
        with suppress(ftplib.error_perm):
            changed = server.voidcmd(f"MDTM {name}").partition(" ")[2]
        yield name, _moment(changed)


def _moment(said: str) -> float:
    with suppress(ValueError):
        return float(said.strip())  # greater is later, and that is all that is asked
    return 0.0


def _blocks(server: ftplib.FTP, name: str) -> Iterator[bytes]:
    size = None
    with suppress(ftplib.error_perm):
        size = server.size(name)
    got = 0
    with server.transfercmd(f"RETR {name}") as conn:
        while block := _received(conn):
            got += len(block)
            yield block
        if isinstance(conn, ssl.SSLSocket):
            with suppress(OSError):
                conn.unwrap()
    server.voidresp()
    if size is not None and got < size:
        raise Unanswered(f"Only {got:,} of {size:,} bytes of “{name}” arrived.", AGAIN)


def _received(conn: socket.socket) -> bytes:
    return conn.recv(BLOCK)


METHOD = Ftp()
