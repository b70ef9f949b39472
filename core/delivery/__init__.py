"""The ways to deliver there are. Adding one = one module, one entry here, one real server in its tests."""

from __future__ import annotations

from typing import Any

from core.delivery import email, folder, ftp, s3, sftp, webhook
from core.delivery.base import Method
from core.errors import BadSpec

METHODS: dict[str, Method[Any]] = {
    m.name: m for m in (email.METHOD, s3.METHOD, sftp.METHOD, ftp.METHOD, webhook.METHOD, folder.METHOD)
}


def get(name: str) -> Method[Any]:
    """The method of that name. Raises BadSpec for an unknown one, naming the known ones."""
    if name not in METHODS:
        raise BadSpec(f"Unknown way to deliver “{name}”.", f"Known ones: {', '.join(METHODS)}.", field="method")
    return METHODS[name]
