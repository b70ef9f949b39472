"""What lies outside of the desk and may be used: computers to connect to, folders of the server."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from core import choices
from core.delivery.reach import Reach
from core.desk import Desk

PORT = 8501  # of the desk itself, unless the environment's PORT says otherwise


def reach(desk: Desk) -> Reach:
    """Which computers: those of the public internet and of the networks an administrator allowed, never the desk itself."""
    here = urlsplit(desk.settings.public_url).port
    port = os.environ.get("PORT", "")
    ports = {here, int(port) if port.isdigit() else PORT}
    return Reach(choices.outside(desk).inside_networks, frozenset(p for p in ports if p))


def folders(desk: Desk) -> tuple[str, ...]:
    """Which folders: those an administrator allowed, and none that holds the desk's own data or lies within it."""
    own = desk.files.root.resolve()
    return tuple(f for f in choices.outside(desk).allowed_folders if not _overlap(Path(f).resolve(), own))


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)
