"""Whose rows a question may see: those of a workspace, less what other people there keep to themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col

from storage.tables import Owned, Shareable


@dataclass(frozen=True)
class Scope:
    """Every storage function of things that can be shared takes one, so none can forget to ask."""

    workspace_id: str
    account_id: str | None = None  # None: the desk's own work, which sees everything of the workspace


@dataclass(frozen=True)
class Within:
    """What part of what one may see a list shows. None: all."""

    project_id: str | None = None
    whose: Literal["mine", "others"] | None = None


EVERYTHING = Within()


def visible(table: type[Shareable], scope: Scope) -> ColumnElement[bool]:
    """The condition for rows of `table` that `scope` may see: one's own, and those that are shared."""
    within = col(table.workspace_id) == scope.workspace_id
    if scope.account_id is None:
        return within
    return and_(within, or_(col(table.owner_id) == scope.account_id, col(table.shared).is_(True)))


def narrowed(table: type[Shareable], scope: Scope, within: Within) -> ColumnElement[bool]:
    """`visible`, of one project only, or only one's own or that of others."""
    conditions = [visible(table, scope)]
    if within.project_id is not None:
        conditions.append(col(table.project_id) == within.project_id)
    if within.whose == "mine":
        conditions.append(col(table.owner_id) == scope.account_id)
    elif within.whose == "others":
        conditions.append(col(table.owner_id) != scope.account_id)
    return and_(*conditions)


def own(table: type[Owned], scope: Scope) -> ColumnElement[bool]:
    """The condition for rows that are never shared (uploads, drafts): one's own alone."""
    within = col(table.workspace_id) == scope.workspace_id
    return within if scope.account_id is None else and_(within, col(table.owner_id) == scope.account_id)
