"""SFTP: files over SSH, to a server whose key somebody has looked at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated

import asyncssh
from pydantic import AfterValidator, Field

from core.delivery import base
from core.delivery.base import BLOCK, Arrival, Existing, Parcel, Secret, Way, line, placing, spot
from core.delivery.reach import SECONDS, Reach, explained
from core.errors import AGAIN, DeskError, Undeliverable, Unreachable

DEAD_AFTER = 3  # unanswered questions whether it is still there, one every SECONDS


def key_line(text: str) -> str:
    """A validator: a public key as `HostKey.line` writes it, or nothing yet. Raises ValueError for anything else."""
    try:
        return text and _line_of(asyncssh.import_public_key(text))
    except (asyncssh.KeyImportError, UnicodeError) as wrong:
        raise ValueError("this is no public key, such as “ssh-ed25519 AAAA…”") from wrong


class Options(base.Options):
    host: str = Field(min_length=1, title="Server", description="Such as sftp.example.org.")
    port: int = Field(default=22, ge=1, le=65535, title="Port")
    user: str = Field(min_length=1, title="User name")
    folder: str = Field("", title="Folder", description="Empty: where the server puts whoever signs in.")
    host_key: Annotated[str, AfterValidator(key_line)] = Field(
        "",
        title="Key of the server",
        description="Looked at and confirmed once; another one is not trusted.",
        json_schema_extra={"field": "elsewhere"},
    )
    existing: Existing = "replace"


@dataclass(frozen=True)
class HostKey:
    """The key a server shows. `line` is what `Options.host_key` holds, `fingerprint` what its owner can compare."""

    line: str  # "ssh-ed25519 AAAA…"
    fingerprint: str  # "SHA256:…"


class Sftp(base.Method[Options]):
    name = "sftp"
    label = "SFTP"
    icon = ":material/terminal:"
    model = Options
    secrets = (
        Secret("password", "Password"),
        Secret("private_key", "Private key", "In OpenSSH or PEM form, instead of a password.", long=True),
        Secret("passphrase", "Passphrase of the private key"),
    )
    bound = ("host", "port", "user")
    pinned = {"host_key": ("host", "port")}

    def deliver(
        self, options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way
    ) -> list[Arrival]:
        return asyncio.run(_deliver(options, secrets, parcels, way))

    def abandon(self, options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way) -> None:
        asyncio.run(_abandon(options, secrets, parcels, way))

    def place(self, options: Options) -> str:
        return f"{options.host}, folder {options.folder}" if options.folder else options.host


def host_key(options: Options, reach: Reach) -> HostKey:
    """The key the server shows now, for somebody to look at before it is trusted. Raises as a delivery does."""
    sock = reach.connect(options.host, options.port)
    with sock, explained(options.host, options.port), told(options):
        found = asyncio.run(asyncssh.get_server_host_key(options.host, options.port, sock=sock, config=None))
    if found is None:
        raise Undeliverable(f"{options.host} shows no key.", "Ask who runs it.", field="host")
    return HostKey(_line_of(found), found.get_fingerprint())


def _line_of(key: asyncssh.SSHKey) -> str:
    return " ".join(key.export_public_key().decode().split()[:2])


async def _abandon(options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way) -> None:
    with explained(options.host, options.port), told(options):
        async with connected(options, secrets, way.reach) as sftp:
            folder = PurePosixPath(await sftp.realpath("."), options.folder)
            for parcel in parcels:
                with suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                    await sftp.remove(str(folder / parcel.part))


async def _deliver(options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way) -> list[Arrival]:
    with explained(options.host, options.port), told(options):
        async with connected(options, secrets, way.reach) as sftp:
            folder = PurePosixPath(await sftp.realpath("."), options.folder)
            await sftp.makedirs(str(folder), exist_ok=True)
            there = {str(one.filename): one.attrs.size for one in await sftp.readdir(str(folder))}
            return [await _put(sftp, options, folder, there, parcel, way) for parcel in parcels]


async def _put(
    sftp: asyncssh.SFTPClient,
    options: Options,
    folder: PurePosixPath,
    there: dict[str, int | None],
    parcel: Parcel,
    way: Way,
) -> Arrival:
    """`there`: the size of each file in the folder, by its name."""
    part = str(folder / parcel.part)
    found = spot(
        *(folder, parcel, options.existing, way),
        taken=lambda path: PurePosixPath(path).name in there,
        ours=lambda path: parcel.part not in there and there[PurePosixPath(path).name] in (parcel.size, None),
    )
    final, name = found.path, PurePosixPath(found.path).name
    if found.filled:
        way.sent(parcel.size)
        return Arrival(name, f"sftp://{options.host}{final}", parcel.size, parcel.size)
    start = await sftp.getsize(part) or 0 if parcel.part in there else 0
    start = start if start <= parcel.size else 0
    way.sent(start)
    try:
        await _write(sftp, part, parcel, start, way)
    except asyncssh.SFTPFailure as failure:  # all that the usual version 3 of the protocol says of a full disk
        if await _is_full(sftp, folder):
            raise _full(options.host) from failure
        raise
    arrived = await sftp.getsize(part)
    if arrived != parcel.size:
        await sftp.remove(part)
        raise Unreachable(f"{options.host} holds {arrived} of {parcel.size} bytes of “{parcel.name}”.", AGAIN)
    with placing(way, parcel, final):
        await _rename(sftp, part, final)
    there[name] = parcel.size
    return Arrival(name, f"sftp://{options.host}{final}", parcel.size, start)


async def _write(sftp: asyncssh.SFTPClient, part: str, parcel: Parcel, start: int, way: Way) -> None:
    async with sftp.open(part, "r+b" if start else "wb") as file:
        at = start
        for block in parcel.blocks(start):
            await file.write(block, at)
            at += len(block)
            way.sent(len(block))
        with suppress(asyncssh.SFTPOpUnsupported):
            await file.fsync()


async def _is_full(sftp: asyncssh.SFTPClient, folder: PurePosixPath) -> bool:
    """Is there no room for another block? Servers that do not say have room."""
    try:
        disk = await sftp.statvfs(str(folder))
    except asyncssh.SFTPError:
        return False
    return int(disk.bavail) * int(disk.frsize) < BLOCK


async def _rename(sftp: asyncssh.SFTPClient, part: str, final: str) -> None:
    """Over what is there, in one step where the server can do that."""
    try:
        await sftp.posix_rename(part, final)
    except asyncssh.SFTPOpUnsupported:
        if await sftp.exists(final):
            await sftp.remove(final)
        await sftp.rename(part, final)


@asynccontextmanager
async def connected(options: Options, secrets: Mapping[str, str], reach: Reach) -> AsyncIterator[asyncssh.SFTPClient]:
    """A conversation with the server whose key was confirmed. Nothing of this computer's own SSH set-up is used."""
    if not options.host_key:
        raise Undeliverable(
            f"Nobody has confirmed the key of {options.host} yet.",
            "Look at it in the destination, compare it with what the owner of the server says, and confirm it.",
            field="host_key",
        )
    sock = reach.connect(options.host, options.port)
    try:
        async with (
            asyncssh.connect(
                options.host,
                options.port,
                sock=sock,
                config=None,
                known_hosts=([asyncssh.import_public_key(options.host_key)], [], []),
                username=options.user,
                password=secrets.get("password") or None,
                client_keys=_keys(secrets),
                agent_path=None,
                preferred_auth=("publickey", "keyboard-interactive", "password"),
                login_timeout=SECONDS,
                keepalive_interval=SECONDS,
                keepalive_count_max=DEAD_AFTER,
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            yield sftp
    finally:
        sock.close()


def _keys(secrets: Mapping[str, str]) -> list[asyncssh.SSHKey]:
    if not secrets.get("private_key"):
        return []
    try:
        return [asyncssh.import_private_key(secrets["private_key"], secrets.get("passphrase") or None)]
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as wrong:
        raise Undeliverable(
            "The private key cannot be read, or its passphrase is wrong.",
            "Paste the whole key, with its first and last line, and its passphrase.",
            field="private_key",
        ) from wrong


@contextmanager
def told(options: Options) -> Iterator[None]:
    """Failures of the library, as sentences. What the server says in its own words is cut and put on one line."""
    host = options.host
    try:
        yield
    except DeskError:
        raise
    except asyncssh.HostKeyNotVerifiable as wrong:
        raise Undeliverable(
            f"{host} shows another key than the one that was confirmed, so nothing was sent to it.",
            "Ask who runs it whether its key was changed. If so, look at the new one in the destination and confirm it.",
            field="host_key",
        ) from wrong
    except asyncssh.PermissionDenied as wrong:
        raise Undeliverable(
            f"{host} did not let “{options.user}” in.",
            "Check the user name, and type the password or paste the key again.",
            field="user",
        ) from wrong
    except asyncssh.KeyExchangeFailed as wrong:
        raise Undeliverable(
            f"{host} and this desk have no way of encryption in common.", "Ask who runs it to bring it up to date."
        ) from wrong
    except (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded) as full:
        raise _full(host) from full
    except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect) as wrong:
        raise Undeliverable(
            f"“{options.user}” may not write into {_folder(options)} of {host}.",
            "Ask who runs it, or choose another folder.",
            field="folder",
        ) from wrong
    except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost, asyncssh.DisconnectError) as lost:
        raise Unreachable(f"{host} ended the conversation: {line(lost.reason)}.", AGAIN) from lost
    except asyncssh.SFTPError as wrong:
        raise Undeliverable(
            f"{host} refused: {line(wrong.reason)}.", "Check the folder, or ask who runs it.", field="folder"
        ) from wrong


def _full(host: str) -> Unreachable:
    return Unreachable(f"{host} has no space left.", f"Ask who runs it to make room. {AGAIN}")


def _folder(options: Options) -> str:
    return f"the folder “{options.folder}”" if options.folder else "its folder"


METHOD = Sftp()
