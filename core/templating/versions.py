"""Versions of a template: who saved which when, what each changed, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import datasets
from core.access import roles
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import Conflict, NotFound
from core.templating import templates
from core.templating.changes import changes
from storage import accounts
from storage import templates as rows
from storage.tables import Template, TemplateVersion


@dataclass(frozen=True)
class Version:
    """One version as it was saved. `changed`: sentences, what is other than in the version before; of the first, nothing."""

    number: int  # from 1
    name: str
    description: str
    spec: ExportSpec
    at: datetime
    by: str  # name of whoever saved it
    changed: tuple[str, ...]
    restored_from: int | None  # number of the version it brought back
    current: bool


def list(desk: Desk, template_id: str) -> Sequence[Version]:
    """The newest first. Raises NotFound, Forbidden."""
    template = templates.get(desk, template_id)
    with desk.store.reading() as session:
        found = rows.versions(session, template)
        ids = {one.owner_id for one in found}
        people = {one: account.name for one in ids if (account := accounts.account(session, one))}
    before: Sequence[TemplateVersion | None] = [*found[1:], None]
    return [
        Version(
            number=one.number,
            name=one.name,
            description=one.description,
            spec=ExportSpec.model_validate(one.spec),
            at=one.created_at,
            by=people.get(one.owner_id, ""),
            changed=_changed(desk, earlier, one),
            restored_from=one.restored_from,
            current=one.number == template.version,
        )
        for one, earlier in zip(found, before, strict=True)
    ]


def restore(desk: Desk, template_id: str, number: int) -> Template:
    """Bring a version back, as a new version. Raises NotFound, Forbidden, and Conflict where it is the current one.

    It comes back as it was saved, also where its data has changed since: running it says what is missing.
    """
    template = templates.get(desk, template_id)
    roles.require(desk, "templates.change", template)
    if number == template.version:
        raise Conflict(f"Version {number} is the current one.", "Choose an earlier version.", field="number")
    with desk.store.writing() as session:
        found = rows.version(session, template, number)
        if found is None:
            raise NotFound("This template has no such version.", "Choose one from its history.", field="number")
        return templates.change(
            desk,
            session,
            template_id,
            name=found.name,
            description=found.description,
            spec=ExportSpec.model_validate(found.spec),
            restored_from=number,
        )


def unsaved(desk: Desk, template: Template, spec: ExportSpec) -> tuple[str, ...]:
    """What a spec has that the template has not: empty where saving it would change nothing."""
    kept = ExportSpec.model_validate(template.spec)
    return changes(_with_names(desk, kept), _with_names(desk, spec))


def _with_names(desk: Desk, spec: ExportSpec) -> ExportSpec:
    """The spec with its datasets called as people call them, as far as whoever acts sees them."""
    sources = []
    for source in spec.sources:
        try:
            sources.append(source.model_copy(update={"dataset": datasets.get(desk, source.dataset).name}))
        except NotFound:
            sources.append(source)
    return spec.model_copy(update={"sources": tuple(sources)})


def _changed(desk: Desk, before: TemplateVersion | None, after: TemplateVersion) -> tuple[str, ...]:
    if before is None:
        return ()
    said = []
    if before.name != after.name:
        said.append(f"It is called “{after.name}” instead of “{before.name}”.")
    if before.description != after.description:
        said.append("Its description is another one." if after.description else "Its description is gone.")
    old, new = (_with_names(desk, ExportSpec.model_validate(one.spec)) for one in (before, after))
    return (*said, *changes(old, new))
