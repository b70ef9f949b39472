"""What uses a dataset: asked before it is deleted or its file replaced, so that nobody is surprised afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from core import datasets
from core.desk import Desk
from core.engine.spec import ExportSpec
from storage import datasets as datasets_rows
from storage import jobs, templates
from storage.scope import Scope
from storage.tables import Dataset, Job, JobKind, Shareable, Template


@dataclass(frozen=True)
class Users:
    """Things of one kind that use a dataset: those whoever asks may see by name, and how many more there are."""

    names: tuple[str, ...] = ()
    others: int = 0  # of other people, who keep them to themselves

    @property
    def count(self) -> int:
        return len(self.names) + self.others


@dataclass(frozen=True)
class Usage:
    templates: Users
    on_their_way: Users  # exports that wait or run

    @property
    def any(self) -> bool:
        return bool(self.templates.count or self.on_their_way.count)


def of_dataset(desk: Desk, dataset: str) -> Usage:
    """Templates whose spec names the dataset, and exports on their way that pinned one of its versions. Raises NotFound."""
    found = datasets.get(desk, dataset)
    everything = Scope(desk.workspace_id)  # also what others keep to themselves: it counts, without its name
    with desk.store.reading() as session:
        return Usage(
            templates=_users(desk, [t for t in templates.list(session, everything) if _names(t, found)]),
            on_their_way=_users(desk, _reading(session, everything, found)),
        )


def _names(template: Template, dataset: Dataset) -> bool:
    used = {source.dataset.lower() for source in ExportSpec.model_validate(template.spec).sources}
    return bool(used & {dataset.id, dataset.slug.lower()})


def _reading(session: Session, scope: Scope, dataset: Dataset) -> Sequence[Job]:
    versions = {version.id for version in datasets_rows.versions(session, scope, dataset.id)}
    active = jobs.active(session, kinds=(JobKind.EXPORT,))
    return [job for job in active if versions & set((job.resolved or {}).get("versions", {}).values())]


def _users(desk: Desk, things: Iterable[Template | Job]) -> Users:
    seen, others = [], 0
    for thing in things:
        if _visible(desk, thing):
            seen.append(thing.name)
        else:
            others += 1
    return Users(tuple(seen), others)


def _visible(desk: Desk, thing: Shareable) -> bool:
    return thing.shared or not desk.account_id or thing.owner_id == desk.account_id
