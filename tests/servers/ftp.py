"""An FTP server on loopback (pyftpdlib) that takes commands and data over TLS alone, with a certificate of its own making."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

from tests.servers import certificates
from tests.servers.ports import free_port

USER, PASSWORD = "desk", "correct horse battery"
FULL = "full"  # a folder in which nothing has room


@dataclass(frozen=True)
class Ftpd:
    port: int
    folder: Path
    certificate: Path | None


@contextmanager
def ftpd(work: Path, tls: bool = True, rename_replaces: bool = True, knows_mlsd: bool = True) -> Iterator[Ftpd]:
    """`rename_replaces` and `knows_mlsd` off: as older servers are."""
    (folder := work / "files").mkdir(parents=True)
    people = DummyAuthorizer()
    people.add_user(USER, PASSWORD, str(folder), perm="elradfmwMT")
    certificate = None

    class Handler(TLS_FTPHandler if tls else FTPHandler):  # type: ignore[misc]
        authorizer = people
        auth_failed_timeout = 0

        def ftp_STOR(self, file: str, mode: str = "w") -> object:
            if FULL in Path(file).parts:
                self.respond("552 Exceeded storage allocation.")
                return None
            return super().ftp_STOR(file, mode)

        def ftp_RNTO(self, path: str) -> object:
            if not rename_replaces and Path(path).exists():
                self.respond("553 File exists.")
                return None
            return super().ftp_RNTO(path)

    Handler.proto_cmds = {c: v for c, v in Handler.proto_cmds.items() if knows_mlsd or c != "MLSD"}
    if tls:
        certificate, key = certificates.make(work)
        Handler.certfile, Handler.keyfile = str(certificate), str(key)
        Handler.tls_control_required = Handler.tls_data_required = True
    port = free_port()
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", port), Handler, ioloop=loop)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            loop.loop(timeout=0.02, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Ftpd(port, folder, certificate)
    finally:
        stop.set()
        thread.join(10)
