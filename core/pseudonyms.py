"""The key of a workspace's pseudonyms (engine.protection): in the memory of the processes that need it, in no row and no file."""

from __future__ import annotations

import hashlib
import hmac

from core.desk import Desk
from core.engine.protection import PSEUDONYM
from core.engine.spec import ExportSpec

KEY = "pseudonyms"  # the name of its file in keys/


def key(desk: Desk, workspace_id: str) -> str:
    """64 hex digits: always the same for a workspace, of no use in another."""
    return hmac.new(desk.files.secret(KEY), workspace_id.encode(), hashlib.sha256).hexdigest()


def wanted(spec: ExportSpec) -> bool:
    """Does a column of this export become pseudonyms?"""
    return any(column.format == PSEUDONYM for source in spec.sources for column in source.columns)
