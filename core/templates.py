"""Exports people keep: saved once, run again, also on another dataset with the same columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core import audit, datasets, exports, naming, roles, sharing, storable
from core.desk import Desk
from core.engine.spec import ColumnRef, ExportSpec, Source, Value
from core.engine.table import Table
from core.errors import BadSpec, NotFound
from core.things import common_project
from storage import bin
from storage import templates as rows
from storage.scope import EVERYTHING, Within
from storage.tables import Job, Template

__all__ = ["Template", "delete", "get", "list", "pin", "pinned", "restore", "run", "save", "spec_for", "update"]

MAX_NAME = 200  # characters


def save(desk: Desk, name: str, description: str, spec: ExportSpec) -> Template:
    """Keep a spec under a name, in the project of its data. Its datasets must be there and have their columns.

    Raises Forbidden, BadInput, BadSpec, NotFound.
    """
    roles.require(desk, "templates.save")
    storable.check({"description": description, "spec": spec.model_dump(mode="json")})
    _fitted(desk, spec, None)
    project = common_project(datasets.get(desk, source.dataset) for source in spec.sources)
    name, about, kept = (
        _named(name),
        description.strip(),
        spec.model_dump(mode="json"),
    )
    with desk.store.writing() as session:
        made = rows.add(session, desk.workspace_id, desk.account_id, name=name, description=about, spec=kept)
        made.project_id = project
        audit.note(desk, session, "templates.saved", made)
    return made


def list(desk: Desk, search: str = "", *, within: Within = EVERYTHING) -> Sequence[Template]:
    """The workspace's templates, by name. Raises Forbidden."""
    roles.require(desk, "templates.see")
    with desk.store.reading() as session:
        return rows.list(session, desk.scope, search, within=within)


def get(desk: Desk, template_id: str) -> Template:
    """Raises NotFound, also for another workspace's or a deleted one."""
    roles.require(desk, "templates.see")
    with desk.store.reading() as session:
        return _there(rows.get(session, desk.scope, template_id))


def update(
    desk: Desk,
    template_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    spec: ExportSpec | None = None,
) -> Template:
    """Change what is given, keep the rest. Raises NotFound, Forbidden, BadInput, BadSpec.

    Conflict where others see the template and its new data only whoever acts (`details["private"]`: id, name).
    """
    storable.check({"description": description, "spec": spec.model_dump(mode="json") if spec else None})
    if spec is not None:
        _fitted(desk, spec, None)
    roles.require(desk, "templates.change", get(desk, template_id))
    with desk.store.writing() as session:
        if spec is not None:
            sharing.require_seen(desk, session, _there(rows.get(session, desk.scope, template_id)), spec)
        template = rows.update(
            session,
            desk.scope,
            template_id,
            name=None if name is None else _named(name),
            description=None if description is None else description.strip(),
            spec=None if spec is None else spec.model_dump(mode="json"),
        )
        audit.note(desk, session, "templates.changed", _there(template))
    return _there(template)


def delete(desk: Desk, template_id: str) -> None:
    """Into the bin, from where it can be restored for as long as retention says; exports it made stay. Raises NotFound."""
    roles.require(desk, "templates.delete", get(desk, template_id))
    with desk.store.writing() as session:
        found = _there(rows.get(session, desk.scope, template_id))
        audit.note(desk, session, "templates.deleted", found)
        bin.put(session, found)


def restore(desk: Desk, template_id: str) -> Template:
    """Back from the bin. Raises NotFound for one that is not there."""
    with desk.store.reading() as session:
        roles.require(desk, "templates.delete", _there(bin.get(session, desk.scope, Template, template_id)))
    with desk.store.writing() as session:
        found = _there(bin.get(session, desk.scope, Template, template_id))
        audit.note(desk, session, "templates.restored", found)
        bin.take_out(session, found)
    return found


def pin(desk: Desk, template_id: str, pinned: bool = True) -> None:
    """Keep a template on one's own home page, or no longer. Raises NotFound."""
    roles.require(desk, "templates.pin", get(desk, template_id))
    with desk.store.writing() as session:
        (rows.pin if pinned else rows.unpin)(session, desk.account_id, template_id)


def pinned(desk: Desk) -> Sequence[Template]:
    """What whoever acts has pinned, by name."""
    with desk.store.reading() as session:
        return rows.pinned(session, desk.scope, desk.account_id)


def run(desk: Desk, template_id: str, dataset: str | None = None) -> Job:
    """Start the template's export, on its own dataset or on another (id or slug) with the same columns."""
    project = get(desk, template_id).project_id
    job = exports.start(desk, spec_for(desk, template_id, dataset), template_id=template_id, project_id=project)
    with desk.store.writing() as session:
        rows.mark_run(session, desk.scope, template_id)
    return job


def spec_for(desk: Desk, template_id: str, dataset: str | None = None) -> ExportSpec:
    """The template's spec, its columns found by name in the dataset.

    Raises BadSpec naming all that are missing, NotFound for data that is not there or not shared with whoever acts.
    """
    template = get(desk, template_id)
    chosen = datasets.get(desk, dataset).id if dataset else None
    with sharing.asking_for_data(desk, template):
        return _fitted(desk, ExportSpec.model_validate(template.spec), chosen)


def _fitted(desk: Desk, spec: ExportSpec, dataset: str | None) -> ExportSpec:
    """The spec with every source on its dataset as it is now; `dataset` takes the place of the first one's."""
    wanted = [dataset or spec.sources[0].dataset, *(source.dataset for source in spec.sources[1:])]
    sources = tuple(_refit(desk, source, name) for source, name in zip(spec.sources, wanted, strict=True))
    return spec.model_copy(update={"sources": sources})


def _refit(desk: Desk, source: Source, dataset: str) -> Source:
    found = datasets.get(desk, dataset)
    table = datasets.table(desk, found)
    missing: dict[str, None] = {}
    refit = _on_columns(source, lambda ref: _found(table, ref, missing))
    if missing:
        names = ", ".join(f"“{name}”" for name in missing)
        plural = "columns" if len(missing) > 1 else "column"
        raise BadSpec(
            f"“{found.name}” has no {plural} {names}.",
            "Choose a dataset with the same columns, or open the template in the builder and change it.",
            field=next(iter(missing)),
            missing=[*missing],
        )
    return refit.model_copy(update={"dataset": found.slug})


def _found(table: Table, ref: ColumnRef, missing: dict[str, None]) -> ColumnRef:
    try:
        column = table.column(ref)
    except BadSpec:
        missing[ref.name] = None
        return ref
    return ColumnRef(name=column.name, id=column.id)


def _on_columns(source: Source, change: Callable[[ColumnRef], ColumnRef]) -> Source:
    """The source with every reference to a column of its dataset changed. With a summary, `sort` means the result's labels."""
    kept = {"sort"} if source.summary else set()
    if source.summary:
        kept |= {"columns"}  # not used then
    return source.model_copy(
        update={name: _walk(getattr(source, name), change) for name in type(source).model_fields if name not in kept}
    )


def _walk(value: Any, change: Callable[[ColumnRef], ColumnRef]) -> Any:
    if isinstance(value, ColumnRef):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_walk(item, change) for item in value)
    if isinstance(value, Value):
        return value.model_copy(update={n: _walk(getattr(value, n), change) for n in type(value).model_fields})
    return value


def _named(name: str) -> str:
    return naming.checked(name, "A template's name", MAX_NAME)


def _there(template: Template | None) -> Template:
    if template is None:
        raise NotFound("This template is not there.", "It may have been deleted: look under Templates.")
    return template
