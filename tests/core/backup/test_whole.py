"""Nothing of a workspace is forgotten by its backup: every table, and every column of it, is held or left out for a reason."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from core import destinations, feeds, projects, workspaces
from core.backup import contents
from core.engine.ingest.options import ImportOptions
from core.engine.spec import ExportSpec, Output, OutputColumn, Source
from core.scheduling import schedules
from core.templating import saved_sets, templates, versions
from core.templating.saved_sets import Columns
from storage import tables
from storage.tables import SetKind
from tests.core.backup.there_and_back import backed_up, restored

CSV = "name,n,day\nAnn,1,2026-01-05\nBob,2,2026-02-06\n"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
HELD: dict[type[SQLModel], type[contents.Row]] = {
    tables.Workspace: contents.SettingsRow,
    tables.Project: contents.ProjectRow,
    tables.Dataset: contents.DatasetRow,
    tables.DatasetVersion: contents.VersionRow,
    tables.Feed: contents.FeedRow,
    tables.Template: contents.TemplateRow,
    tables.TemplateVersion: contents.TemplateVersionRow,
    tables.ColumnMatch: contents.MatchRow,
    tables.SavedSet: contents.SetRow,
    tables.Destination: contents.DestinationRow,
    tables.Schedule: contents.ScheduleRow,
}
PEOPLE = "who belongs to a workspace is decided there, not by a file"
DONE = "what was done stays where it was done"
FOUND = "told anew from what the backup holds"
TABLES_LEFT_OUT = {
    "account": PEOPLE, "membership": PEOPLE, "invitation": PEOPLE, "sign_in": PEOPLE, "one_time_link": PEOPLE,
    "token": PEOPLE, "secret": "no secret leaves the desk", "choice": "of the installation, not of a workspace",
    "workspace_alias": "only one workspace of an installation may have it", "pin": "one person's own",
    "draft": "one person's own, and unfinished", "upload": "not a dataset yet", "template_dataset": FOUND,
    "job": DONE, "job_dataset": DONE, "job_file": DONE, "link": DONE, "link_download": DONE, "occurrence": DONE,
    "notice": DONE, "audit_entry": DONE, "counter": DONE,
}  # fmt: skip
ANYWHERE = {
    "workspace_id": "that of the workspace it goes into",
    "owner_id": "said by e-mail address",
    "deleted_at": "what lies in the bin does not go along",
    "dataset_id": "it stands within its dataset",
    "secrets": "no secret leaves the desk",
}
LEFT_OUT = {
    tables.Workspace: {
        "id": "the new one's own", "created_at": "the new one's own", "quota_mb": "the installation says how much there is",
    },
    tables.Feed: {"created_at": DONE, "refreshed_at": DONE, "error": DONE},
    tables.Template: {"last_run_at": DONE, "last_run_by": DONE},
    tables.TemplateVersion: {
        "id": "nothing refers to it", "template_id": "it stands within its template",
    },
    tables.ColumnMatch: {"template_id": "it stands within its template", "used_at": DONE},
    tables.Destination: {"tested_at": "without its secrets it has to be tested again"},
    tables.Schedule: {
        "done_until": DONE, "next_at": DONE, "failures": DONE, "paused_at": "it rests", "paused_why": "it rests",
    },
}  # fmt: skip
OTHER_IDS = {"id", "project_id", "version_id", "template_id"}  # new ones, of the same things
NAMED_BY_HAND = {(tables.Workspace, "name")}  # by whoever restores


def kept(table: type[SQLModel]) -> list[str]:
    """The columns of a table that come back as they were."""
    return [name for name in columns(table) if name in HELD[table].model_fields]


def columns(table: type[SQLModel]) -> dict[str, Any]:
    return {column.name: column for column in SQLModel.metadata.tables[named(table)].columns}


def named(table: type[SQLModel]) -> str:
    return str(table.__tablename__)


def test_every_table_is_held_by_a_backup_or_left_out_for_a_reason():
    assert {named(table) for table in HELD} | set(TABLES_LEFT_OUT) == set(SQLModel.metadata.tables)
    assert all(TABLES_LEFT_OUT.values())


def test_every_reason_is_given():
    assert all(reason for there in (ANYWHERE, *LEFT_OUT.values()) for reason in there.values())


@pytest.mark.parametrize("table", HELD, ids=named)
def test_every_column_of_a_table_is_held_or_left_out_for_a_reason(table):
    there = set(columns(table))
    left_out = {name for name in ANYWHERE if name in there} | set(LEFT_OUT.get(table, ()))
    assert set(kept(table)) | left_out == there


@pytest.fixture
def full(desk, dataset_factory):
    """A workspace with one of each, in which no column that a backup holds is as it is by itself."""
    workspaces.change(
        desk, zone="Asia/Jakarta", date_format="dmy_dot", number_format="comma", default_format="csv", keep_days=7,
        email_domains=["example.org"], delivery_domains=["example.com", "example.org"],
    )  # fmt: skip
    dataset = dataset_factory(CSV, name="People")
    project = projects.make(desk, "Spring")
    place = destinations.make(desk, "Hook", "webhook", {"url": "https://example.org/in"}, {})
    spec = ExportSpec(name="R", sources=(Source(dataset=dataset.id),), output=Output(format="csv"), keep_hours=5)
    template = templates.save(desk, "Monthly", "for Ana", spec)
    templates.update(desk, template.id, description="for Budi", tags=["month"], keep_days=3)
    versions.restore(desk, template.id, 1)
    few = Columns(columns=(OutputColumn(column="c1", label="N"),))
    kept_set = saved_sets.save(desk, SetKind.COLUMNS, "Short", few)
    plan = {
        "name": "Nightly", "cadence": {"every": "day", "at": "02:30"}, "zone": "Asia/Tokyo", "starts_at": BEGIN, "ends_at": END,
        "grace_minutes": 30, "overlap": "queue", "pause_after": 2, "refresh": "refuse", "keep_days": 4,
        "delivering": {"destinations": [place.id]},
    }  # fmt: skip
    schedule = schedules.make(desk, template.id, schedules.checked(plan))
    feeds.connect(
        desk, dataset.id, "web", {"url": "https://example.org/people.xlsx"}, on_change="refuse",
        reading=ImportOptions(sheets=("May",)),
    )  # fmt: skip
    with desk.store.writing() as session:
        session.add(tables.ColumnMatch(template_id=template.id, wanted="name", found="full name"))
        for table, id in (
            (tables.Dataset, dataset.id), (tables.Template, template.id), (tables.SavedSet, kept_set.id),
            (tables.Destination, place.id), (tables.Schedule, schedule.id),
        ):  # fmt: skip
            thing = session.get(table, id)
            thing.shared, thing.project_id = True, project.id
        session.get(tables.Schedule, schedule.id).columns = {dataset.id: [{"id": "c1", "name": "name", "kind": "text"}]}
        session.get(tables.Dataset, dataset.id).hidden = True
        session.get(tables.Dataset, dataset.id).date_column = "c3"
        session.get(tables.Project, project.id).archived_at = BEGIN
        version = session.exec(select(tables.DatasetVersion)).one()
        version.problems, version.fetched = 2, True
    return desk


def test_every_column_that_is_held_comes_back_as_it_was(full):
    _, copy = restored(full, backed_up(full))
    for table, name in [(one, name) for one in HELD for name in set(kept(one)) - OTHER_IDS]:
        said = f"{named(table)}.{name}"
        before, after = values(full, table, name), values(copy, table, name)
        if (table, name) not in NAMED_BY_HAND:
            assert after == before, said
        default = columns(table)[name].default
        by_itself: tuple[object, ...] = (
            None,
            [],
            {},
            default.arg if default is not None and default.is_scalar else None,
        )
        assert any(value not in by_itself for value in before), f"{said}: nothing shows that it is held"


def test_what_a_schedule_read_last_is_said_of_the_copies_of_its_datasets(full):
    _, copy = restored(full, backed_up(full))
    (said,) = values(copy, tables.Schedule, "columns", ids=True)
    assert list(said) == values(copy, tables.Dataset, "id", ids=True)


def test_a_restore_never_opens_what_a_workspace_has_closed(desk, stranger):
    workspaces.change(stranger, email_domains=["example.net"], delivery_domains=["example.net"])
    restored(stranger, backed_up(desk), into=None)
    assert stranger.workspace().email_domains == ["example.net"]
    assert stranger.workspace().delivery_domains == ["example.net"]


def values(desk, table, name: str, *, ids: bool = False) -> list[Any]:
    """What stands in one column of a workspace, in an order of its own; `ids`: as they are, else all alike."""
    with desk.store.reading() as session:
        if table is tables.Workspace:
            found = [session.get(table, desk.workspace_id)]
        elif table is tables.ColumnMatch:
            mine = select(table).join(tables.Template, tables.Template.id == table.template_id)
            found = session.exec(mine.where(tables.Template.workspace_id == desk.workspace_id)).all()
        else:
            found = session.exec(select(table).where(table.workspace_id == desk.workspace_id)).all()
    there = [getattr(one, name) for one in found]
    return sorted(there if ids else map(without_ids, there), key=repr)


def without_ids(value: Any) -> Any:
    """The same with every id alike: what refers to things of the workspace refers to the copies of them afterwards."""
    if isinstance(value, dict):
        return {without_ids(key): without_ids(one) for key, one in value.items()}
    if isinstance(value, list):
        return [without_ids(one) for one in value]
    return ID.sub("id", value) if isinstance(value, str) else value
