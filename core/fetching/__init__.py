"""The ways to fetch there are. Adding one = one module, its name here, one real server in its tests."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from core.errors import BadSpec
from core.fetching.base import Method

NAMES = (
    "web",
    "s3",
    "sftp",
    "ftp",
    "folder",
    "postgresql",
    "sqlite",
)  # of their modules, in the order screens offer them


def get(name: str) -> Method[Any]:
    """The way of that name, imported when first asked for. Raises BadSpec for an unknown one, naming the known ones."""
    if name not in NAMES:
        raise BadSpec(f"Unknown way to fetch “{name}”.", f"Known ones: {', '.join(NAMES)}.", field="method")
    found: Method[Any] = import_module(f"core.fetching.{name}").METHOD
    return found


def every() -> Sequence[Method[Any]]:
    return [get(name) for name in NAMES]
