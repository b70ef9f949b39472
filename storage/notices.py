"""Notices: what one person is told, once for each thing it is about."""

from __future__ import annotations

from sqlmodel import Session, select

from storage.tables import Notice, NoticeKind


def tell(
    session: Session,
    workspace_id: str,
    owner_id: str,
    kind: NoticeKind,
    *,
    about: str,
    title: str,
    text: str = "",
    path: str = "",
) -> Notice | None:
    """None: they were told of this already. The caller holds the write lock, so nobody tells it in between."""
    known = select(Notice.id).where(Notice.owner_id == owner_id, Notice.kind == kind, Notice.about == about)
    if session.exec(known).first() is not None:
        return None
    notice = Notice(
        workspace_id=workspace_id, owner_id=owner_id, kind=kind, about=about, title=title, text=text, path=path
    )
    session.add(notice)
    session.flush()
    return notice
