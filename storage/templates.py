"""Templates: saved specs, every one of their versions, and who keeps which at hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlmodel import Session, asc, col, delete, desc, select

from storage import uses
from storage.scope import EVERYTHING, Scope, Within, narrowed, visible
from storage.store import folded
from storage.tables import Job, JobKind, JobState, Pin, Template, TemplateVersion, utc_now

UNCHANGED = -1  # days: `keep_days` stays as it is


def add(
    session: Session,
    workspace_id: str,
    owner_id: str,
    *,
    name: str,
    description: str,
    spec: dict[str, Any],
    tags: Sequence[str] = (),
    keep_days: int | None = None,
) -> Template:
    """A template with its first version."""
    template = Template(
        workspace_id=workspace_id,
        owner_id=owner_id,
        name=name,
        description=description,
        spec=spec,
        tags=[*tags],
        keep_days=keep_days,
    )
    session.add(template)
    session.flush()
    uses.note_template(session, template)
    _note_version(session, template, owner_id)
    return template


def get(session: Session, scope: Scope, template_id: str, *, lock: bool = False) -> Template | None:
    """`lock`: nobody else changes it until the transaction ends, as in every transaction that writes to SQLite."""
    query = select(Template).where(
        visible(Template, scope), Template.id == template_id, col(Template.deleted_at).is_(None)
    )
    return session.exec(query.with_for_update() if lock else query).first()


def names(session: Session, scope: Scope, template_ids: Collection[str]) -> dict[str, str]:
    """Template id → name of those that `scope` sees, outside the bin."""
    there = (visible(Template, scope), col(Template.deleted_at).is_(None), col(Template.id).in_(template_ids))
    return dict(session.exec(select(Template.id, Template.name).where(*there)).all())


def list(session: Session, scope: Scope, search: str = "", *, within: Within = EVERYTHING) -> Sequence[Template]:
    """By name, without case; `search` is part of the name."""
    query = select(Template).where(narrowed(Template, scope, within), col(Template.deleted_at).is_(None))
    if search:
        query = query.where(folded(Template.name).contains(search.lower(), autoescape=True))
    return session.exec(query.order_by(asc(folded(Template.name)), asc(Template.id))).all()


def update(
    session: Session,
    scope: Scope,
    template_id: str,
    *,
    by: str | None = None,
    name: str | None = None,
    description: str | None = None,
    spec: dict[str, Any] | None = None,
    tags: Sequence[str] | None = None,
    keep_days: int | None = UNCHANGED,
    restored_from: int | None = None,
) -> Template | None:
    """Change what is given; None leaves a part as it is. Another name, description or spec is a new version, made `by` them."""
    template = get(session, scope, template_id, lock=True)
    if template is None:
        return None
    before = (template.name, template.description, template.spec)
    template.name = template.name if name is None else name
    template.description = template.description if description is None else description
    template.spec = template.spec if spec is None else spec
    template.tags = template.tags if tags is None else [*tags]
    template.keep_days = template.keep_days if keep_days == UNCHANGED else keep_days
    template.updated_at = utc_now()
    if (template.name, template.description, template.spec) != before:
        template.version += 1
        _note_version(session, template, by or template.owner_id, restored_from)
    session.add(template)
    if spec is not None:
        uses.note_template(session, template)
    return template


def versions(session: Session, template: Template) -> Sequence[TemplateVersion]:
    """All of them, the newest first."""
    query = select(TemplateVersion).where(TemplateVersion.template_id == template.id)
    return session.exec(query.order_by(desc(TemplateVersion.number))).all()


def version(session: Session, template: Template, number: int) -> TemplateVersion | None:
    one = (TemplateVersion.template_id == template.id, TemplateVersion.number == number)
    return session.exec(select(TemplateVersion).where(*one)).first()


def mark_run(session: Session, scope: Scope, template_id: str, by: str | None = None) -> None:
    """It runs now. `by`: account id; None: by itself."""
    template = get(session, scope, template_id)
    if template is not None:
        template.last_run_at = utc_now()
        template.last_run_by = by
        session.add(template)


def last_run(session: Session, scope: Scope, template_id: str) -> Job | None:
    """Its last export that succeeded and `scope` may see."""
    made = (visible(Job, scope), Job.template_id == template_id, Job.state == JobState.SUCCEEDED)
    query = select(Job).where(*made, Job.kind == JobKind.EXPORT, col(Job.deleted_at).is_(None))
    return session.exec(query.order_by(desc(Job.created_at), desc(Job.id)).limit(1)).first()


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


def _note_version(session: Session, template: Template, by: str, restored_from: int | None = None) -> None:
    made = TemplateVersion(
        workspace_id=template.workspace_id,
        owner_id=by,
        template_id=template.id,
        number=template.version,
        name=template.name,
        description=template.description,
        spec=template.spec,
        restored_from=restored_from,
    )
    session.add(made)
    session.flush()
