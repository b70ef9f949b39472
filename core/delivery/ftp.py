"""FTP, encrypted (FTPS) unless somebody insists: for the receivers that have nothing newer."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import Field

from core.delivery import base
from core.delivery.base import Arrival, Existing, Parcel, Secret, Way, line, placing, spot
from core.delivery.reach import SECONDS, Reach, explained
from core.errors import AGAIN, DeskError, Undeliverable, Unreachable

NO_ROOM = ("452", "552")  # RFC 959 section 4.2: insufficient storage, exceeded allocation
NOT_IN = ("530", "532", "331")
UNKNOWN_COMMAND = ("500", "502", "504", "550")


class Options(base.Options):
    host: str = Field(min_length=1, title="Server", description="Such as ftp.example.org.")
    port: int = Field(default=21, ge=1, le=65535, title="Port")
    user: str = Field(min_length=1, title="User name")
    folder: str = Field(default="", title="Folder", description="Empty: where the server puts whoever signs in.")
    encryption: Literal["explicit", "implicit", "none"] = Field(
        default="explicit",
        title="Encryption",
        description="None: everybody on the way can read the password and the files.",
        json_schema_extra={
            "choices": {
                "explicit": "TLS, as most servers have it",
                "implicit": "TLS from the start (often port 990)",
                "none": "None",
            }
        },
    )
    existing: Existing = "replace"


class Ftp(base.Method[Options]):
    name = "ftp"
    label = "FTP"
    icon = ":material/drive_folder_upload:"
    model = Options
    secrets = (Secret("password", "Password"),)
    bound = ("host", "port", "user", "encryption")

    def deliver(
        self, options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way
    ) -> list[Arrival]:
        with told(options), explained(options.host, options.port), connected(options, secrets, way.reach) as ftp:
            folder = _enter(ftp, options.folder)
            there = _listed(ftp)
            return [_put(ftp, options, folder, there, parcel, way) for parcel in parcels]

    def abandon(self, options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way) -> None:
        with told(options), explained(options.host, options.port), connected(options, secrets, way.reach) as ftp:
            _enter(ftp, options.folder)
            there = _listed(ftp)
            for parcel in parcels:
                if parcel.part in there:
                    ftp.delete(parcel.part)

    def place(self, options: Options) -> str:
        return f"{options.host}, folder {options.folder}" if options.folder else options.host


class _Guarded(ftplib.FTP_TLS):
    """FTP over the connection that was checked. The data goes to the same computer, on the TLS session of the commands."""

    def __init__(self, options: Options, reach: Reach) -> None:
        super().__init__(context=ssl.create_default_context(), encoding="utf-8")
        self.timeout = SECONDS
        self.host, self.port = options.host, options.port
        self.encrypted = options.encryption != "none"
        self.reach = reach
        self.sock = reach.connect(options.host, options.port)
        self.af = self.sock.family
        if options.encryption == "implicit":
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def makepasv(self) -> tuple[str, int]:
        """The server names the port, and never another computer."""
        host, port = super().makepasv()
        if not self.reach.allows(ip_address(host), port):
            raise Undeliverable(f"{self.host} sends the desk to itself.", "Ask who runs it.", field="host")
        return host, port

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        if not self.encrypted:
            return ftplib.FTP.ntransfercmd(self, cmd, rest)
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        assert isinstance(self.sock, ssl.SSLSocket)
        session = self.sock.session  # many servers take data only from whoever holds it
        return self.context.wrap_socket(conn, server_hostname=self.host, session=session), size


@contextmanager
def connected(options: Options, secrets: Mapping[str, str], reach: Reach) -> Iterator[_Guarded]:
    ftp = _Guarded(options, reach)
    try:
        if options.encryption == "explicit":
            ftp.auth()
        ftplib.FTP.login(ftp, options.user, secrets.get("password", ""))
        if ftp.encrypted:
            ftp.prot_p()
        yield ftp
        with suppress(ftplib.Error, OSError, EOFError):
            ftp.quit()
    finally:
        ftp.close()


def _enter(ftp: ftplib.FTP, folder: str) -> PurePosixPath:
    """Go there, making what is missing on the way."""
    if folder.startswith("/"):
        ftp.cwd("/")
    for name in PurePosixPath(folder).parts:
        if name == "/":
            continue
        try:
            ftp.cwd(name)
        except ftplib.error_perm:
            ftp.mkd(name)
            ftp.cwd(name)
    return PurePosixPath(ftp.pwd())


def _listed(ftp: ftplib.FTP) -> set[str]:
    """The names in the folder. Servers that know no MLSD list names alone, and some answer 550 for an empty folder."""
    try:
        return {name for name, _facts in ftp.mlsd()}
    except ftplib.error_perm:
        pass
    try:
        return {PurePosixPath(name).name for name in ftp.nlst()}
    except ftplib.error_perm as wrong:
        if not str(wrong).startswith("550"):
            raise
        return set()


def _put(ftp: _Guarded, options: Options, folder: PurePosixPath, there: set[str], parcel: Parcel, way: Way) -> Arrival:
    ftp.voidcmd("TYPE I")  # a listing leaves it at text, in which servers change line ends
    scheme = "ftps" if ftp.encrypted else "ftp"

    def is_ours(path: str) -> bool:
        return parcel.part not in there and _size(ftp, PurePosixPath(path).name) in (parcel.size, None)

    found = spot(folder, parcel, options.existing, way, lambda path: PurePosixPath(path).name in there, is_ours)
    final = PurePosixPath(found.path)
    if found.filled:
        way.sent(parcel.size)
        return Arrival(final.name, f"{scheme}://{options.host}{final}", parcel.size, parcel.size)
    start = (_size(ftp, parcel.part) or 0) if parcel.part in there else 0
    start = start if start <= parcel.size else 0
    way.sent(start)
    _store(ftp, parcel, start, way)
    arrived = _size(ftp, parcel.part)
    if arrived is not None and arrived != parcel.size:
        ftp.delete(parcel.part)
        raise Unreachable(f"{options.host} holds {arrived} of {parcel.size} bytes of “{parcel.name}”.", AGAIN)
    with placing(way, parcel, str(final)):
        _rename(ftp, parcel.part, final.name, final.name in there)
    there.add(final.name)
    return Arrival(final.name, f"{scheme}://{options.host}{final}", parcel.size, start)


def _store(ftp: _Guarded, parcel: Parcel, start: int, way: Way) -> None:
    with ftp.transfercmd(f"STOR {parcel.part}", start or None) as conn:
        for block in parcel.blocks(start):
            conn.sendall(block)
            way.sent(len(block))
        if isinstance(conn, ssl.SSLSocket):
            conn.unwrap()  # says that this is the end, and not a connection that was cut
    ftp.voidresp()


def _size(ftp: ftplib.FTP, name: str) -> int | None:
    try:
        return ftp.size(name)
    except ftplib.error_perm as wrong:
        if str(wrong)[:3] not in UNKNOWN_COMMAND:
            raise
        return None  # the server does not say


def _rename(ftp: ftplib.FTP, part: str, final: str, taken: bool) -> None:
    """Over what is there; a server that does not do that in one step gets it out of the way first."""
    try:
        ftp.rename(part, final)
    except ftplib.error_perm:
        if not taken:
            raise
        ftp.delete(final)
        ftp.rename(part, final)


@contextmanager
def told(options: Options) -> Iterator[None]:
    """What the server answers, and what its certificate says, as sentences."""
    host = options.host
    try:
        yield
    except DeskError:
        raise
    except ssl.SSLCertVerificationError as wrong:
        raise Undeliverable(
            f"The certificate of {host} is not trusted: {wrong.verify_message}.",
            "Use the name the certificate is for, or ask who runs it.",
            field="host",
        ) from wrong
    except ssl.SSLError as wrong:
        raise Undeliverable(
            f"{host} does not speak TLS in the way that was chosen.",
            "Usual are explicit encryption at port 21, implicit at port 990.",
            field="encryption",
        ) from wrong
    except EOFError as lost:
        raise Unreachable(f"{host} ended the conversation.", AGAIN) from lost
    except ftplib.Error as answer:
        raise _answered(options, answer) from answer


def _answered(options: Options, answer: Any) -> DeskError:
    host, code = options.host, str(answer)[:3]
    if code in NO_ROOM:
        return Unreachable(f"{host} has no space left.", f"Ask who runs it to make room. {AGAIN}")
    if code in NOT_IN:
        return Undeliverable(
            f"{host} did not let “{options.user}” in.",
            "Check the user name, and type the password again.",
            field="user",
        )
    said = f"{host} answered: {line(answer)}."
    if isinstance(answer, ftplib.error_temp):
        return Unreachable(said, AGAIN)
    if isinstance(answer, ftplib.error_perm):
        return Undeliverable(
            said, "Check the folder and what the user may do there, or ask who runs it.", field="folder"
        )
    return Unreachable(f"{host} does not answer as an FTP server does.", "Check the address and the port.")


METHOD = Ftp()
