"""A program that is told of files over HTTP, and has its moods: busy, slow, gone in mid-answer, moved."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.servers import certificates

RESET, SLOW, DRIP = "reset", "slow", "drip"
Mood = int | str  # the status it answers with, RESET, SLOW or DRIP


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]  # lower case
    body: bytes


@dataclass
class Receiver:
    """`moods` of the next requests, in order; after them it answers 200."""

    url: str
    port: int
    certificate: Path | None = None
    moods: list[Mood] = field(default_factory=list)
    taken: list[Request] = field(default_factory=list)
    awake: threading.Event = field(default_factory=threading.Event)  # ends what is slow


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.taken.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            mood = receiver.moods.pop(0) if receiver.moods else 200
            if mood == RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            if mood == SLOW:
                receiver.awake.wait(60)
                return
            if mood == DRIP:  # a header that never ends
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
                with suppress(OSError):
                    while not receiver.awake.wait(0.05):
                        self.wfile.write(b"x")
                return
            self.send_response(int(mood))
            if 300 <= int(mood) < 400:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            words = b"" if mood == 200 else b"Not\ntoday, \x1b[31mthanks"
            self.send_header("Content-Length", str(len(words)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(words)

        do_PUT = do_HEAD = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def receiver(folder: Path, tls: bool = False) -> Iterator[Receiver]:
    told = Receiver("", 0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(told))
    server.daemon_threads = True
    told.port = server.server_address[1]
    told.url = f"{'https' if tls else 'http'}://localhost:{told.port}"
    if tls:
        told.certificate, key = certificates.make(folder)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(told.certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.awake.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
