"""What columns of templates were found to be called in other files, as people confirmed it. Names are folded by whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlmodel import Session, asc, desc, select

from storage.tables import ColumnMatch, utc_now


def known(session: Session, template_id: str) -> Mapping[str, list[str]]:
    """Wanted name → the names it was found under, the last used first."""
    query = select(ColumnMatch).where(ColumnMatch.template_id == template_id)
    found: dict[str, list[str]] = {}
    for one in session.exec(query.order_by(desc(ColumnMatch.used_at), asc(ColumnMatch.found))).all():
        found.setdefault(one.wanted, []).append(one.found)
    return found


def remember(session: Session, template_id: str, pairs: Iterable[tuple[str, str]]) -> None:
    """(wanted, found) of a run: new ones are kept, others were used again."""
    now = utc_now()
    for wanted, found in {*pairs}:
        session.merge(ColumnMatch(template_id=template_id, wanted=wanted, found=found, used_at=now))
