"""A file over SFTP, from a server whose key somebody has looked at once."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated

import asyncssh
from pydantic import AfterValidator, Field

from core.delivery import sftp
from core.delivery.reach import explained
from core.errors import Unfetchable
from core.fetching import base
from core.fetching.base import BLOCK, ELSEWHERE, FILE, NEWEST, Fetched, Way


class Options(base.Options):
    host: str = Field(min_length=1, title="Server", description="Such as sftp.example.org.")
    port: int = Field(default=22, ge=1, le=65535, title="Port")
    user: str = Field(min_length=1, title="User name")
    file: base.Line = Field(min_length=1, title="File", description=NEWEST)
    host_key: Annotated[str, AfterValidator(sftp.key_line)] = Field(
        default="",
        title="Key of the server",
        description="Looked at and confirmed once; another one is not trusted.",
        json_schema_extra=ELSEWHERE,
    )


class Sftp(base.Method[Options]):
    name = "sftp"
    label = "SFTP"
    icon = ":material/terminal:"
    model = Options
    secrets = sftp.METHOD.secrets
    bound = ("host", "port", "user")

    def fetch(self, options: Options, secrets: Mapping[str, str], way: Way) -> Fetched:
        with base.told():
            return asyncio.run(_fetch(options, secrets, way))

    def place(self, options: Options) -> str:
        return f"{options.host}, {options.file}"


async def _fetch(options: Options, secrets: Mapping[str, str], way: Way) -> Fetched:
    there = sftp.Options(host=options.host, port=options.port, user=options.user, folder="", host_key=options.host_key)
    with explained(options.host, options.port), sftp.told(there):
        async with sftp.connected(there, secrets, way.reach) as client:
            path = PurePosixPath(options.file)
            try:
                if base.is_pattern(path.name):
                    path = path.parent / await _newest(client, path, options.host)
                return await _read(client, path, way)
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as gone:
                raise base.missing(options.file, options.host) from gone
            except asyncssh.SFTPPermissionDenied as refused:
                raise base.forbidden(options.file, options.host) from refused


async def _newest(client: asyncssh.SFTPClient, path: PurePosixPath, host: str) -> str:
    listed = [
        (str(one.filename), float(one.attrs.mtime or 0))
        async for one in client.scandir(str(path.parent))
        if one.attrs.permissions is None or stat.S_ISREG(one.attrs.permissions)
    ]
    return base.newest(path.name, listed, host)


async def _read(client: asyncssh.SFTPClient, path: PurePosixPath, way: Way) -> Fetched:
    size = await client.getsize(str(path))
    target, got = way.scratch / FILE, 0
    async with client.open(str(path), "rb") as file:
        with target.open("wb") as out:
            while block := await file.read(BLOCK, got):
                way.took(len(block))
                out.write(bytes(block))  # type: ignore[arg-type]
                got += len(block)
    if not got:
        raise Unfetchable(f"“{path.name}” is empty.", "Look at it where it comes from.")
    if size is not None and got < size:
        raise Unfetchable(f"“{path.name}” became shorter while it was read.", "Fetch it once it is written.")
    return Fetched(target, path.name)


METHOD = Sftp()
