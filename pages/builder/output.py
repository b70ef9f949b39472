"""“Your export”: what file or files it will be. Format, parts, packing, password, name, and what comes out of it."""

from __future__ import annotations

from core import file_passwords, previews
from core.access import roles
from core.desk import Desk
from core.engine.planning import titled
from core.engine.table import Table
from core.engine.values import DATED, Kind
from core.errors import BadSpec, DeskError
from core.previews import Parts
from pages.builder import match
from pages.builder import run as builder_run
from pages.builder.answers import Answers, remembered, whole
from pages.builder.draft import ExportDraft, SourceDraft, Tables, date_columns
from pages.components import keeping_time, layout, output, packing, password
from pages.components import parts as parts_list
from pages.texts import _


def show(desk: Desk, draft: ExportDraft, tables: Tables, answers: Answers, key: str) -> list[DeskError]:
    """Edit what belongs to the whole export, say what results of it; returns all that keeps it from running."""
    output.format_and_options(draft, lambda: _match(desk, draft, key), shared_headers(draft, tables), key=key)
    if len(draft.sources) > 1 and not draft.split.by:
        packing.layout_choice(draft, key=f"{key}_datasets")
    packing.show(draft, *shared_columns(draft, tables), key=key)
    password.show(draft, lambda typed: file_passwords.keep(desk, typed), key=key)
    default = titled([tables[source.dataset].name for source in draft.sources])
    output.file_name(draft, default, lambda: _resulting_name(desk, draft, tables, answers), key=key)
    keeping_time.show(draft, key=key)
    spec = draft.to_spec(tables)
    found = remembered("problems", whole(desk, tables, spec), lambda: previews.problems(desk, spec))
    wrong: list[DeskError] = [*draft.unfinished(tables), *found]
    if password.waiting(draft, key=key):  # whoever has just copied it must not get a file with the old one
        advice = _("Press “Use this password”, or keep the one that is set.")
        wrong.append(BadSpec(_("The new password is not in use yet."), advice, field="password"))
    if answers.problem and not found:
        wrong.append(answers.problem)
    if builder_run.made(desk, draft, spec):  # what came out is listed with its download
        return wrong
    if draft.several and all(w.field == "password" for w in wrong):  # what comes out does not depend on it
        wrong += _parts(desk, draft, tables, key)
    return wrong


def _match(desk: Desk, draft: ExportDraft, key: str) -> None:
    """Whoever was sent an example need not find the options by hand."""
    blocked = roles.blocked(desk, "data.add")  # the sample comes in as data does
    if layout.button(
        _("Match a sample file"), f"{key}_match", blocked=blocked, icon=":material/difference:", type="tertiary"
    ):
        match.open_dialog(draft)


def shared_columns(draft: ExportDraft, tables: Tables) -> tuple[list[str], list[str]]:
    """Names of columns that every dataset has: all, to split by their values, and those of dates, the main one first."""
    kinds = [_kinds(source, tables[source.dataset]) for source in draft.sources]
    names = [name for name in kinds[0] if all(name in other for other in kinds)]
    dated = [name for name in names if all(other[name] in DATED for other in kinds)]
    main = _main_date(draft.sources[0], tables[draft.sources[0].dataset])
    return names, sorted(dated, key=lambda name: name != main)


def shared_headers(draft: ExportDraft, tables: Tables) -> list[str]:
    """The headers of the file, in order; none where its tables differ, for then an option cannot mean all of them."""
    first, *others = [_headers(source, tables[source.dataset]) for source in draft.sources]
    return first if all(other == first for other in others) else []


def _headers(source: SourceDraft, table: Table) -> list[str]:
    if source.summarise:
        return [c.label for c in source.figures(table)]
    names = {c.id: c.name for c in table.columns}
    return [pick.label or names[pick.column] for pick in source.columns if pick.on and pick.column in names]


def _kinds(source: SourceDraft, table: Table) -> dict[str, Kind]:
    """What its rows can be split by: the dataset's columns, or in a summary those of the result."""
    if source.summarise:
        return {c.label: c.kind for c in source.figures(table)}
    return {c.name: c.kind for c in table.columns}


def _main_date(source: SourceDraft, table: Table) -> str | None:
    main = None if source.summarise else next(iter(date_columns(table)), None)
    return next((c.name for c in table.columns if c.id == main), None)


def _parts(desk: Desk, draft: ExportDraft, tables: Tables, key: str) -> list[DeskError]:
    """List what comes out before anything runs; more parts than anybody can use are refused here already."""
    spec = draft.to_spec(tables)
    try:
        found: Parts = remembered("parts", whole(desk, tables, spec), lambda: previews.parts(desk, spec))
    except DeskError as error:
        return [error] if error.field else []  # without a field: too long for a screen, the export itself has more time
    parts_list.show(found, key=key)
    return []


def _resulting_name(desk: Desk, draft: ExportDraft, tables: Tables, answers: Answers) -> str:
    try:
        return previews.file_name(desk, draft.to_spec(tables), answers.total or 0)
    except BadSpec:  # told with everything else that must be mended first
        return ""
