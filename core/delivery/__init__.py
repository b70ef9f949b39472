"""The ways to deliver there are. Adding one = one module, its name here, one real server in its tests."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from core.delivery.base import Method
from core.errors import BadSpec

NAMES = ("email", "s3", "sftp", "ftp", "webhook", "folder")  # of their modules, in the order screens offer them


def get(name: str) -> Method[Any]:
    """The method of that name. Raises BadSpec for an unknown one, naming the known ones.

    It is imported when first asked for: the libraries of all of them take longer to load than the rest of the desk.
    """
    if name not in NAMES:
        raise BadSpec(f"Unknown way to deliver “{name}”.", f"Known ones: {', '.join(NAMES)}.", field="method")
    found: Method[Any] = import_module(f"core.delivery.{name}").METHOD
    return found


def every() -> Sequence[Method[Any]]:
    return [get(name) for name in NAMES]
