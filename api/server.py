"""Serve the app on this computer: one port, one friendly line, a prompt and clean end."""

from __future__ import annotations

import os
import signal
import socket
import sys

import uvicorn
from fastapi import FastAPI

HOST = "127.0.0.1"  # one person, one computer: nothing else can reach it
PORT = 8501  # unless the environment's PORT says otherwise
DRAIN_SECONDS = 3  # what open downloads get to finish when the desk is asked to end
MESSAGE_BYTES = 50 * 1024**2  # the largest message of a page; files never travel this way


class Friendly(uvicorn.Server):
    """Says where the desk is once it really answers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and sockets:
            _say(f"Export Desk is ready: open http://{HOST}:{sockets[0].getsockname()[1]} (end it with Ctrl+C)")


def run(app: FastAPI) -> None:
    """Serve until SIGINT or SIGTERM; a second one ends it without waiting. Exits with a sentence if the port is taken."""
    sock = _bound(os.environ.get("PORT", str(PORT)))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # a forwarded address is refused here, never believed
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_BYTES,
        ws_ping_interval=30,
        ws_ping_timeout=30,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn hands the signal on once everything has ended
    try:
        Friendly(config).run(sockets=[sock])
    except KeyboardInterrupt:
        _say("Export Desk has ended.")


def _bound(port: str) -> socket.socket:
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        sys.exit(f"PORT is “{port}”: a port is a number from 1 to 65535.")
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, int(port)))
    except OSError as trouble:
        why = (trouble.strerror or "taken").lower()
        sys.exit(
            f"Port {port} cannot be used ({why}). Is Export Desk running already? "
            f"Choose another port: make run PORT={int(port) + 1}"
        )
    sock.listen(2048)
    return sock


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
