"""Serve the app: one port, one friendly line, a prompt and clean end. For one person on this computer, or for a team."""

from __future__ import annotations

import os
import signal
import socket
import sys

import uvicorn
from fastapi import FastAPI

from api.origins import LOOPBACK
from core.access import setup
from core.settings import Settings

HOST = "127.0.0.1"  # one person, one computer: nothing else can reach it
EVERYWHERE = "0.0.0.0"  # a team: every network this computer is on
PORT = 8501  # unless the environment's PORT says otherwise
DRAIN_SECONDS = 3  # what open downloads get to finish when the desk is asked to end
MESSAGE_BYTES = 50 * 1024**2  # the largest message of a page; files never travel this way


class Friendly(uvicorn.Server):
    """Says where the desk is once it really answers, and how to set it up while nobody has a way in."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, settings: Settings) -> None:
        super().__init__(config)
        self.app, self.settings = app, settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if not (self.started and sockets):
            return
        here = f"http://{HOST}:{sockets[0].getsockname()[1]}"
        _say(f"Export Desk is ready: open {self.settings.public_url or here} (end it with Ctrl+C)")
        desk = self.app.state.desk
        if setup.needed(desk):
            where = self.settings.public_url.rstrip("/") or here
            _say(f"Set up: open {where}/set-up and enter the code {setup.code(desk)}")


def run(app: FastAPI, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; a second one ends it without waiting. Exits with a sentence where it cannot begin."""
    sock = _bound(_host(settings), os.environ.get("PORT", str(PORT)))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # api.security believes a forwarded address only from the proxies it was told of
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_BYTES,
        ws_ping_interval=30,
        ws_ping_timeout=30,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn hands the signal on once everything has ended
    try:
        Friendly(config, app, settings).run(sockets=[sock])
    except KeyboardInterrupt:
        _say("Export Desk has ended.")


def _host(settings: Settings) -> str:
    """Where to listen. Without sign-in nowhere but on this computer."""
    if settings.sign_in == "required":
        return settings.host or EVERYWHERE
    if settings.host and settings.host not in LOOPBACK:
        sys.exit(f"DESK_HOST is “{settings.host}”, but nobody signs in here. Serve a team with: make serve")
    return settings.host or HOST


def _bound(host: str, port: str) -> socket.socket:
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        sys.exit(f"PORT is “{port}”: a port is a number from 1 to 65535.")
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, int(port)))
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
