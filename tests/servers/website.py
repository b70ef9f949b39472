"""A website on loopback that answers GET: files, redirects, and moods."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.servers import certificates
from tests.servers.receiver import RESET, Request


@dataclass(frozen=True)
class Page:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None  # so many bytes are sent, then the connection ends
    mood: str = ""


@dataclass
class Website:
    url: str
    port: int
    certificate: Path | None = None
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)


def _handler(site: Website) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, b""))
            page = site.pages.get(self.path.partition("?")[0], Page(status=404))
            if page.mood == RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            self.wfile.write(page.body[: page.cut])
            self.close_connection = page.cut is not None

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def website(folder: Path, tls: bool = False) -> Iterator[Website]:
    site = Website("", 0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    server.daemon_threads = True
    site.port = server.server_address[1]
    site.url = f"{'https' if tls else 'http'}://localhost:{site.port}"
    if tls:
        site.certificate, key = certificates.make(folder)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(site.certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
