"""Notices: what people are told of what went on without them, in the desk and, where they asked for it, by mail and webhook.

Told once for each thing it is about, however many processes tell it. Whoever tells writes in the transaction of what it tells.
"""

from __future__ import annotations

from sqlmodel import Session

from core.desk import Desk
from storage import members
from storage import notices as rows
from storage.tables import Notice, NoticeKind

__all__ = ["Notice", "NoticeKind"]


def tell(
    session: Session,
    desk_or_workspace_id: Desk | str,
    account_id: str,
    kind: NoticeKind,
    *,
    about: str,
    title: str,
    text: str = "",
    path: str = "",
) -> Notice | None:
    """Tell one person something, once for each `about` ("job <id>"); `path`: where on the desk it leads.

    The session is a writing one. None: they were told already, or nobody is there to be told (the desk itself, somebody who
    left the workspace).
    """
    place = desk_or_workspace_id if isinstance(desk_or_workspace_id, str) else desk_or_workspace_id.workspace_id
    if not account_id or members.get(session, place, account_id) is None:
        return None
    return rows.tell(session, place, account_id, kind, about=about, title=title, text=text, path=path)
