"""Templates: saved specs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, asc, col, delete, select

from storage import uses
from storage.scope import EVERYTHING, Scope, Within, narrowed, visible
from storage.store import folded
from storage.tables import Pin, Template, utc_now


def add(
    session: Session, workspace_id: str, owner_id: str, *, name: str, description: str, spec: dict[str, Any]
) -> Template:
    template = Template(workspace_id=workspace_id, owner_id=owner_id, name=name, description=description, spec=spec)
    session.add(template)
    session.flush()
    uses.note_template(session, template)
    return template


def get(session: Session, scope: Scope, template_id: str) -> Template | None:
    return session.exec(
        select(Template).where(visible(Template, scope), Template.id == template_id, col(Template.deleted_at).is_(None))
    ).first()


def list(session: Session, scope: Scope, search: str = "", *, within: Within = EVERYTHING) -> Sequence[Template]:
    """By name, without case."""
    query = select(Template).where(narrowed(Template, scope, within), col(Template.deleted_at).is_(None))
    if search:
        query = query.where(folded(Template.name).contains(search.lower(), autoescape=True))
    return session.exec(query.order_by(asc(folded(Template.name)), asc(Template.id))).all()


def update(
    session: Session,
    scope: Scope,
    template_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    spec: dict[str, Any] | None = None,
) -> Template | None:
    """Change what is given; None leaves a part as it is."""
    template = get(session, scope, template_id)
    if template is not None:
        template.name = template.name if name is None else name
        template.description = template.description if description is None else description
        template.spec = template.spec if spec is None else spec
        template.updated_at = utc_now()
        session.add(template)
        if spec is not None:
            uses.note_template(session, template)
    return template


def mark_run(session: Session, scope: Scope, template_id: str) -> None:
    template = get(session, scope, template_id)
    if template is not None:
        template.last_run_at = utc_now()
        session.add(template)


def pin(session: Session, account_id: str, template_id: str) -> None:
    """Keep it at hand for one person; once is enough."""
    session.merge(Pin(account_id=account_id, template_id=template_id))


def unpin(session: Session, account_id: str, template_id: str) -> None:
    session.exec(delete(Pin).where(col(Pin.account_id) == account_id, col(Pin.template_id) == template_id))


def pinned(session: Session, scope: Scope, account_id: str) -> Sequence[Template]:
    """What this person pinned and can still see, by name."""
    query = select(Template).join(Pin, col(Pin.template_id) == col(Template.id))
    mine = query.where(Pin.account_id == account_id, visible(Template, scope), col(Template.deleted_at).is_(None))
    return session.exec(mine.order_by(asc(folded(Template.name)), asc(Template.id))).all()
