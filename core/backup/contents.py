"""What a backup holds of a workspace, as values: everything it is made of but people, passwords, keys and finished files.

Its ids are those of the workspace it was made of; whoever restores gives new ones (`renewed`), wherever an id is said.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from core import delivery, fetching, storable
from core.desk import check_zone
from core.engine import formats
from core.engine.ingest.options import ImportOptions
from core.engine.spec import Delivering, ExportSpec, Group
from core.engine.values import Column
from core.scheduling.cadence import CADENCE
from core.templating.saved_sets import Columns
from core.workspaces import DOMAIN
from storage.tables import SetKind

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]
Text = Annotated[str, Field(max_length=2000)]
Domain = Annotated[str, Field(max_length=253, pattern=f"^{DOMAIN.pattern}$")]
Json = dict[str, Any]
COLUMNS = TypeAdapter(dict[str, list[Column]])


class Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class Thing(Row):
    id: Id
    owner: Text = ""  # e-mail address; "": whoever restores
    name: Text
    shared: bool
    project_id: Id | None = None
    created_at: AwareDatetime


class ProjectRow(Row):
    id: Id
    owner: Text = ""
    name: Text
    archived_at: AwareDatetime | None = None
    created_at: AwareDatetime


class VersionRow(Row):
    id: Id
    owner: Text = ""
    number: int = Field(ge=1)
    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    columns: list[Column]
    date_column: Text | None = None
    understood: Json
    profile: list[Json]
    problems: int = Field(ge=0)
    source_name: Text
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", max_length=64)]
    fetched: bool = False
    created_at: AwareDatetime


class FeedRow(Row):
    """Where a dataset is fetched from, without its secrets."""

    owner: Text = ""
    method: Text
    options: Json
    reading: Json = {}
    on_change: Literal["warn", "refuse"] = "warn"


class DatasetRow(Thing):
    slug: Text
    version_id: Id
    date_column: Text | None = None
    hidden: bool
    updated_at: AwareDatetime
    versions: list[VersionRow] = Field(min_length=1)
    feed: FeedRow | None = None


class TemplateVersionRow(Row):
    owner: Text = ""
    number: int = Field(ge=1)
    name: Text
    description: Text
    spec: ExportSpec
    restored_from: int | None = None
    created_at: AwareDatetime


class MatchRow(Row):
    wanted: Text
    found: Text


class TemplateRow(Thing):
    description: Text
    spec: ExportSpec
    tags: list[Text]
    version: int
    keep_days: int | None = Field(default=None, ge=1)
    updated_at: AwareDatetime
    versions: list[TemplateVersionRow]
    matches: list[MatchRow]


class SetRow(Thing):
    kind: SetKind
    content: Json
    updated_at: AwareDatetime


class DestinationRow(Thing):
    """Without its secrets."""

    method: Text
    options: Json
    updated_at: AwareDatetime


class ScheduleRow(Thing):
    template_id: Id
    cadence: Json
    zone: Text
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    grace_minutes: int = Field(ge=1)
    overlap: Literal["skip", "queue"]
    pause_after: int = Field(ge=0)
    delivering: Json
    refresh: Literal["no", "warn", "refuse"]
    keep_days: int | None = Field(default=None, ge=1)
    columns: dict[Id, list[Json]] = {}
    updated_at: AwareDatetime


class SettingsRow(Row):
    name: Text
    zone: Text
    date_format: Text
    number_format: Text
    default_format: Text
    keep_days: int | None = Field(default=None, ge=1)
    email_domains: list[Domain] = []
    delivery_domains: list[Domain] = []


class Contents(Row):
    settings: SettingsRow
    projects: list[ProjectRow] = []
    datasets: list[DatasetRow] = []
    templates: list[TemplateRow] = []
    sets: list[SetRow] = []
    destinations: list[DestinationRow] = []
    schedules: list[ScheduleRow] = []

    def version_ids(self) -> list[str]:
        return [version.id for dataset in self.datasets for version in dataset.versions]

    def counts(self) -> dict[str, int]:
        kinds = ("projects", "datasets", "templates", "sets", "destinations", "schedules")
        return {kind: len(getattr(self, kind)) for kind in kinds}


def checked(contents: Contents) -> Contents:
    """Raises ValueError for what no desk would have written: options and cadences their own models refuse, ids said twice,
    references that lead nowhere."""
    storable.check(contents.model_dump(mode="json"))
    for destination in contents.destinations:
        delivery.get(destination.method).model.model_validate(destination.options)
    for dataset in contents.datasets:
        if dataset.feed:
            fetching.get(dataset.feed.method).model.model_validate(dataset.feed.options)
            ImportOptions.model_validate(dataset.feed.reading)
        if dataset.version_id not in {version.id for version in dataset.versions}:
            raise ValueError(f"the dataset {dataset.name} names a version it does not have")
    check_zone(contents.settings.zone)
    formats.get(contents.settings.default_format)
    for kept in contents.sets:
        (Group if kept.kind == SetKind.FILTERS else Columns).model_validate(kept.content)
    for schedule in contents.schedules:
        check_zone(schedule.zone)
        CADENCE.validate_python(schedule.cadence)
        Delivering.model_validate(schedule.delivering)
        COLUMNS.validate_python(schedule.columns)
    if {schedule.template_id for schedule in contents.schedules} - {template.id for template in contents.templates}:
        raise ValueError("a schedule runs a template that is not there")
    _once("id", _ids(contents))
    _once("short name", [dataset.slug.lower() for dataset in contents.datasets])
    for dataset in contents.datasets:
        _once("version", [version.number for version in dataset.versions])
    for template in contents.templates:
        _once("version", [version.number for version in template.versions])
        _once("match", [(match.wanted, match.found) for match in template.matches])
    projects = {project.id for project in contents.projects}
    for kind in (contents.datasets, contents.templates, contents.sets, contents.destinations, contents.schedules):
        if {thing.project_id for thing in kind} - projects - {None}:
            raise ValueError("a thing is in a project that is not there")
    return contents


def renewed(contents: Contents, versions: Mapping[str, str]) -> Contents:
    """The same with new ids, so that it can stand beside what it was made of; `versions`: old → new ids of the versions."""
    new = {old: str(uuid.uuid4()) for old in _ids(contents)} | dict(versions)

    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return new.get(value, value)
        if isinstance(value, list):
            return [walk(one) for one in value]
        return {new.get(key, key): walk(one) for key, one in value.items()} if isinstance(value, dict) else value

    return Contents.model_validate(walk(contents.model_dump(mode="json")))


def _once(what: str, said: Sequence[object]) -> None:
    if len(said) != len(set(said)):
        raise ValueError(f"one {what} is used twice")


def _ids(contents: Contents) -> list[str]:
    kinds = (
        contents.projects,
        contents.datasets,
        contents.templates,
        contents.sets,
        contents.destinations,
        contents.schedules,
    )
    return [thing.id for kind in kinds for thing in kind] + contents.version_ids()
