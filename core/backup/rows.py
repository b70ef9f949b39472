"""Between a workspace's rows and what a backup says of them (core.backup.contents)."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from core.backup.contents import (
    Contents,
    DatasetRow,
    DestinationRow,
    FeedRow,
    MatchRow,
    ProjectRow,
    Row,
    ScheduleRow,
    SetRow,
    SettingsRow,
    TemplateRow,
    TemplateVersionRow,
    VersionRow,
)
from core.workspaces import DATE_STYLES, NUMBER_STYLES
from storage import accounts, members, uses, workspaces
from storage import backups as rows
from storage.scope import Scope
from storage.tables import (
    ColumnMatch,
    Dataset,
    DatasetVersion,
    Destination,
    Feed,
    Project,
    SavedSet,
    Schedule,
    Template,
    TemplateVersion,
    Workspace,
    utc_now,
)

RESTORED = "restored from a backup"  # why its schedules rest


def gather(session: Session, scope: Scope) -> Contents:
    """What `scope` sees of the workspace, outside the bin. Schedules of templates it does not see are left out."""
    people = rows.addresses(session)

    def said(row: type[Row], thing: Any, **more: Any) -> Any:
        own = {name: getattr(thing, name) for name in row.model_fields if hasattr(thing, name)}
        return row.model_validate(own | {"owner": people.get(thing.owner_id, "")} | more)

    datasets = []
    for one in rows.things(session, scope, Dataset):
        versions = [said(VersionRow, version) for version in rows.versions(session, one)]
        feed = rows.feed(session, one)
        if versions:  # one without was only just begun
            datasets.append(said(DatasetRow, one, versions=versions, feed=said(FeedRow, feed) if feed else None))
    templates = [
        said(
            TemplateRow,
            one,
            versions=[said(TemplateVersionRow, version) for version in rows.template_versions(session, one)],
            matches=[MatchRow.model_validate(match) for match in rows.matches(session, one)],
        )
        for one in rows.things(session, scope, Template)
    ]
    known = {template.id for template in templates}
    place = workspaces.get(session, scope.workspace_id)
    return Contents(
        settings=SettingsRow.model_validate(place),
        projects=[said(ProjectRow, one) for one in rows.projects(session, scope.workspace_id)],
        datasets=datasets,
        templates=templates,
        sets=[said(SetRow, one) for one in rows.things(session, scope, SavedSet)],
        destinations=[said(DestinationRow, one) for one in rows.things(session, scope, Destination)],
        schedules=[said(ScheduleRow, s) for s in rows.things(session, scope, Schedule) if s.template_id in known],
    )


def insert(session: Session, place: Workspace, account_id: str, contents: Contents) -> None:
    """Into an empty workspace. Things belong to whom they belonged, where they are members of it; else to `account_id`.

    Schedules rest until somebody has looked at them; destinations and feeds have no secrets any more.
    """
    _settings(place, contents.settings)
    session.add(place)

    def owned(row: Any, *left_out: str) -> dict[str, Any]:
        who = accounts.by_email(session, row.owner) if row.owner else None
        member = who is not None and not who.disabled_at and members.get(session, place.id, who.id) is not None
        kept = {name: getattr(row, name) for name in type(row).model_fields if name not in ("owner", *left_out)}
        return kept | {"workspace_id": place.id, "owner_id": who.id if who and member else account_id}

    for project in contents.projects:
        session.add(Project(**owned(project)))
    for dataset in contents.datasets:
        session.add(Dataset(**owned(dataset, "versions", "feed")))
        session.flush()
        for version in dataset.versions:
            columns = [column.model_dump(mode="json") for column in version.columns]
            session.add(DatasetVersion(**owned(version, "columns"), dataset_id=dataset.id, columns=columns))
        if dataset.feed:
            session.add(Feed(**owned(dataset.feed), dataset_id=dataset.id))
    for template in contents.templates:
        kept = Template(**owned(template, "spec", "versions", "matches"), spec=template.spec.model_dump(mode="json"))
        session.add(kept)
        session.flush()
        uses.note_template(session, kept)
        for one in template.versions:
            spec = one.spec.model_dump(mode="json")
            session.add(TemplateVersion(**owned(one, "spec"), template_id=template.id, spec=spec))
        session.add_all(ColumnMatch(template_id=template.id, **match.model_dump()) for match in template.matches)
    session.add_all(SavedSet(**owned(one)) for one in contents.sets)
    session.add_all(Destination(**owned(one)) for one in contents.destinations)
    session.flush()
    now = utc_now()
    for schedule in contents.schedules:
        rests: dict[str, Any] = {"done_until": now, "next_at": None, "paused_at": now, "paused_why": RESTORED}
        session.add(Schedule(**owned(schedule), **rests))
    session.flush()


def _settings(place: Workspace, said: SettingsRow) -> None:
    """How it shows things and whom it lets in and mails to; its name is what somebody called the workspace that it goes into.

    Where the backup names no domains, those that are there already stay: a restore never opens what somebody closed.
    """
    place.zone, place.keep_days = said.zone, said.keep_days
    if said.date_format in DATE_STYLES:
        place.date_format = said.date_format
    if said.number_format in NUMBER_STYLES:
        place.number_format = said.number_format
    place.default_format = said.default_format
    place.email_domains = said.email_domains or place.email_domains
    place.delivery_domains = said.delivery_domains or place.delivery_domains
