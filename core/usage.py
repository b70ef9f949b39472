"""What uses a dataset: asked before it is deleted or its file replaced, so that nobody is surprised afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core import datasets
from core.desk import Desk
from core.templating import templates
from storage import uses


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
    schedules: Users  # that run one of those templates
    on_their_way: Users  # exports that wait or run

    @property
    def any(self) -> bool:
        return bool(self.templates.count or self.schedules.count or self.on_their_way.count)


def of_dataset(desk: Desk, dataset: str) -> Usage:
    """Templates whose spec names the dataset, and exports on their way that pinned one of its versions. Raises NotFound.

    Also what others keep to themselves: it counts, without its name.
    """
    found = datasets.get(desk, dataset)
    with desk.store.reading() as session:
        return Usage(
            templates=_users(desk, uses.templates(session, found)),
            schedules=_users(desk, uses.schedules(session, found)),
            on_their_way=_users(desk, uses.exports_on_their_way(session, found)),
        )


def of_template(desk: Desk, template_id: str) -> Users:
    """Schedules that run the template, those of others too. Raises NotFound."""
    found = templates.get(desk, template_id)
    with desk.store.reading() as session:
        return _users(desk, uses.schedules_of_template(session, found.id))


def _users(desk: Desk, found: Sequence[uses.User]) -> Users:
    seen = tuple(one.name for one in found if one.shared or not desk.account_id or one.owner_id == desk.account_id)
    return Users(seen, len(found) - len(seen))
