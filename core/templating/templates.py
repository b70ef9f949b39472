"""Exports people keep: saved once, run again, also on other data, whose columns are matched to theirs.

save, update, duplicate, delete, restore, pin  → what is kept      list, get, tags  → what there is
match  → how it fits other data       run, start, spec_for  → its export
Its versions: core.templating.versions. Templates as files: core.templating.files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from core import audit, datasets, destinations, exports, naming, sharing, storable
from core.access import roles
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import BadInput, NotFound
from core.keeping import binning
from core.templating import matching
from core.templating.matching import NOTHING_SAID, ByHand, Report
from core.things import common_project
from storage import column_matches
from storage import templates as rows
from storage.scope import EVERYTHING, Within
from storage.tables import Job, Template
from storage.templates import UNCHANGED

__all__ = [
    "UNCHANGED",
    "Template",
    "delete",
    "get",
    "list",
    "pin",
    "pinned",
    "restore",
    "run",
    "save",
    "spec_for",
    "update",
]

MAX_NAME = 200  # characters
MAX_DESCRIPTION = 2_000
MAX_TAGS, MAX_TAG = 20, 40  # of a template; characters
MAX_DAYS = 3_660  # its files are kept: ten years


def save(
    desk: Desk,
    name: str,
    description: str,
    spec: ExportSpec,
    *,
    tags: Iterable[str] = (),
    keep_days: int | None = None,
) -> Template:
    """Keep a spec under a name, in the project of its data. Its datasets must be there and have their columns.

    `keep_days`: of the files it makes; None: as the workspace says. Raises Forbidden, BadInput, BadSpec, NotFound.
    """
    roles.require(desk, "templates.save")
    kept = _Kept.checked(name, description, spec, tags, keep_days)
    _still_fits(desk, spec)
    project = common_project(datasets.get(desk, source.dataset) for source in spec.sources)
    return _add(desk, kept, spec, project)


def duplicate(desk: Desk, template_id: str) -> Template:
    """A copy of one's own, which nobody else sees, called “… (copy)”. Raises NotFound, Forbidden."""
    found = get(desk, template_id)
    roles.require(desk, "templates.save")
    taken = {one.name.casefold() for one in list(desk)}
    names = (f"{found.name[: MAX_NAME - 12]} (copy{'' if n == 1 else f' {n}'})" for n in range(1, len(taken) + 2))
    name = next(one for one in names if one.casefold() not in taken)
    kept = _Kept(name, found.description, tuple(found.tags), found.keep_days)
    return _add(desk, kept, ExportSpec.model_validate(found.spec), found.project_id)


def list(desk: Desk, search: str = "", *, tags: Iterable[str] = (), within: Within = EVERYTHING) -> Sequence[Template]:
    """The workspace's templates, by name: those that hold every word of `search` in name, description or tags, and all `tags`.

    Raises Forbidden.
    """
    roles.require(desk, "templates.see")
    with desk.store.reading() as session:
        found = rows.list(session, desk.scope, within=within)
    words, wanted = search.casefold().split(), {tag.casefold() for tag in tags}
    return [one for one in found if wanted <= {tag.casefold() for tag in one.tags} and _holds(one, words)]


def tags(desk: Desk) -> Sequence[str]:
    """Every tag of the templates whoever acts sees, by name. Raises Forbidden."""
    return sorted({tag for one in list(desk) for tag in one.tags}, key=str.casefold)


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
    tags: Iterable[str] | None = None,
    keep_days: int | None = UNCHANGED,
) -> Template:
    """Change what is given, keep the rest. Another name, description or spec is a new version.

    Raises NotFound, Forbidden, BadInput, BadSpec; Conflict where others see the template and its new data only whoever acts
    (`details["private"]`: id, name).
    """
    if spec is not None:
        storable.check(spec.model_dump(mode="json"), "spec")
        _still_fits(desk, spec)
    roles.require(desk, "templates.change", get(desk, template_id))
    with desk.store.writing() as session:
        return change(
            desk, session, template_id, name=name, description=description, spec=spec, tags=tags, keep_days=keep_days
        )


def change(
    desk: Desk,
    session: Session,
    template_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    spec: ExportSpec | None = None,
    tags: Iterable[str] | None = None,
    keep_days: int | None = UNCHANGED,
    restored_from: int | None = None,
) -> Template:
    """`update` within a transaction of somebody who was asked for before. `restored_from`: the version it brings back."""
    if spec is not None:
        before = _there(rows.get(session, desk.scope, template_id))
        sharing.require_seen(desk, session, before, spec)
        destinations.require_seen(desk, session, ExportSpec.model_validate(before.spec).delivering, spec.delivering)
    template = rows.update(
        session,
        desk.scope,
        template_id,
        by=desk.account_id,
        name=None if name is None else _named(name),
        description=None if description is None else _described(description),
        spec=None if spec is None else spec.model_dump(mode="json"),
        tags=None if tags is None else _tagged(tags),
        keep_days=keep_days if keep_days == UNCHANGED else _days(keep_days),
        restored_from=restored_from,
    )
    action = "templates.changed" if restored_from is None else "templates.version"
    audit.note(desk, session, action, _there(template), version=_there(template).version)
    return _there(template)


def delete(desk: Desk, template_id: str) -> None:
    """Into the bin, from where it can be restored for as long as retention says; exports it made stay. Raises NotFound."""
    binning.put(desk, "template", template_id)


def restore(desk: Desk, template_id: str) -> Template:
    """Back from the bin. Raises NotFound for one that is not there."""
    return binning.take_out(desk, Template, template_id)


def pin(desk: Desk, template_id: str, pinned: bool = True) -> None:
    """Keep a template on one's own home page, or no longer. Raises NotFound."""
    roles.require(desk, "templates.pin", get(desk, template_id))
    with desk.store.writing() as session:
        (rows.pin if pinned else rows.unpin)(session, desk.account_id, template_id)


def pinned(desk: Desk) -> Sequence[Template]:
    """What whoever acts has pinned, by name."""
    with desk.store.reading() as session:
        return rows.pinned(session, desk.scope, desk.account_id)


# ------------------------------------------------------------------ running


def match(desk: Desk, template_id: str, data: Sequence[str | None], by_hand: ByHand = NOTHING_SAID) -> Report:
    """How the template fits other data, without running anything: see core.templating.matching.match. Raises NotFound."""
    report = _match(desk, template_id, data, by_hand)
    return matching.problems(desk, report)


def run(
    desk: Desk,
    template_id: str,
    dataset: str | None = None,
    *,
    data: Sequence[str | None] = (),
    by_hand: ByHand = NOTHING_SAID,
) -> Job:
    """Start the template's export, on its own datasets or on others.

    `dataset` (id or slug) takes the place of the first one, `data` that of each. What `by_hand` says of columns is remembered;
    what is only alike must be among it. Raises BadSpec naming all columns that are missing, NotFound.
    """
    roles.require(desk, "exports.run")
    report = _match(desk, template_id, data or (dataset,), by_hand)
    job = start(desk, template_id, matching.required(report))
    if pairs := matching.confirmed(report):
        with desk.store.writing() as session:
            column_matches.remember(session, template_id, pairs)
    return job


def start(desk: Desk, template_id: str, spec: ExportSpec) -> Job:
    """Start an export of a spec as one of that template, in its project; it ran now, and whoever acts ran it."""
    project = get(desk, template_id).project_id
    job = exports.start(desk, spec, template_id=template_id, project_id=project)
    with desk.store.writing() as session:
        rows.mark_run(session, desk.scope, template_id, desk.account_id or None)
    return job


def spec_for(desk: Desk, template_id: str, dataset: str | None = None) -> ExportSpec:
    """The template's spec on its data as it is now: columns are found by name, and as people confirmed them before.

    Raises BadSpec naming all that are missing, NotFound for data that is not there or not shared with whoever acts.
    """
    return matching.required(_match(desk, template_id, (dataset,)))


def _match(desk: Desk, template_id: str, data: Sequence[str | None], by_hand: ByHand = NOTHING_SAID) -> Report:
    template = get(desk, template_id)
    chosen = [datasets.get(desk, one).id if one else None for one in data]
    with desk.store.reading() as session:
        known = column_matches.known(session, template.id)
    with sharing.asking_for_data(desk, template):
        return matching.match(desk, ExportSpec.model_validate(template.spec), chosen, by_hand, known)


# ------------------------------------------------------------------ what is kept


@dataclass(frozen=True)
class _Kept:
    """What a template is called, and what stands with it."""

    name: str
    description: str
    tags: tuple[str, ...]
    keep_days: int | None

    @classmethod
    def checked(
        cls, name: str, description: str, spec: ExportSpec, tags: Iterable[str], keep_days: int | None
    ) -> _Kept:
        storable.check(spec.model_dump(mode="json"), "spec")
        return cls(_named(name), _described(description), tuple(_tagged(tags)), _days(keep_days))


def _add(desk: Desk, kept: _Kept, spec: ExportSpec, project: str | None) -> Template:
    with desk.store.writing() as session:
        made = rows.add(
            session,
            desk.workspace_id,
            desk.account_id,
            name=kept.name,
            description=kept.description,
            spec=spec.model_dump(mode="json"),
            tags=kept.tags,
            keep_days=kept.keep_days,
        )
        made.project_id = project
        audit.note(desk, session, "templates.saved", made)
    return made


def _still_fits(desk: Desk, spec: ExportSpec) -> None:
    """Raises BadSpec, NotFound where the data a spec names is not there or lacks its columns."""
    matching.required(matching.match(desk, spec, ()))


def _holds(template: Template, words: Sequence[str]) -> bool:
    text = "\n".join((template.name, template.description, *template.tags)).casefold()
    return all(word in text for word in words)


def _named(name: str) -> str:
    storable.check(name, "name")
    return naming.checked(name, "A template's name", MAX_NAME)


def _described(description: str) -> str:
    storable.check(description, "description")
    if len(description.strip()) > MAX_DESCRIPTION:
        raise BadInput(
            f"A description has at most {MAX_DESCRIPTION:,} characters.", "Say it in fewer words.", field="description"
        )
    return description.strip()


def _tagged(tags: Iterable[str]) -> Sequence[str]:
    """Each in one line, none twice."""
    named: dict[str, str] = {}
    for tag in tags:
        storable.check(tag, "tags")
        one = naming.checked(tag, "A tag", MAX_TAG)
        named.setdefault(one.casefold(), one)
    if len(named) > MAX_TAGS:
        raise BadInput(f"A template has at most {MAX_TAGS} tags.", "Take some away.", field="tags")
    return [*named.values()]


def _days(days: int | None) -> int | None:
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise BadInput(
            f"Files are kept for 1 to {MAX_DAYS:,} days.", "Give another number, or none.", field="keep_days"
        )
    return days


def _there(template: Template | None) -> Template:
    if template is None:
        raise NotFound("This template is not there.", "It may have been deleted: look under Templates.")
    return template
