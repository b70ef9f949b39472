"""Sharing: what one made is one's own until it is shared with the workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlmodel import Session

from core import audit
from core.access import roles
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import Conflict, NotFound
from core.things import USES, find
from storage import accounts, datasets, templates
from storage.scope import Scope
from storage.tables import Dataset, Job, Schedule, Shareable, Template


def share(desk: Desk, kind: str, thing_id: str, shared: bool = True, *, with_data: bool = False) -> Shareable:
    """Show a dataset, an export or a template to everybody of the workspace, or keep it to its owner again.

    A template is of use to others only with its datasets: `with_data` shares those too, otherwise Conflict lists the ones
    that the others could not see as `details["private"]` (id, name). Conflict also where the template was just given
    other data: what is shared is what was asked about. Raises NotFound, Forbidden.
    """
    with desk.store.reading() as session:
        thing = find(session, desk.scope, kind, thing_id)
        needed = _private(session, desk, thing) if shared else []
        if shared and isinstance(thing, Schedule):
            _require_template(session, desk, thing)
    roles.require(desk, f"{USES[kind]}.share", thing)
    if with_data:
        for dataset in needed:
            roles.require(desk, "data.share", dataset)
    with desk.store.writing() as session:
        thing = find(session, desk.scope, kind, thing_id)
        private = _private(session, desk, thing) if shared else []
        if with_data and {one.id for one in private} - {one.id for one in needed}:
            raise Conflict("This template was just changed by somebody else.", "Look at it again, then share it.")
        if private and not with_data:
            raise _only_yours(str(thing.name), private, "Share the data too.")  # type: ignore[attr-defined]
        for dataset in private:
            _mark(desk, session, "dataset", dataset, shared)
        _mark(desk, session, kind, thing, shared)
    return thing


def private_data(desk: Desk, template_id: str) -> Sequence[Dataset]:
    """The datasets of a template that others could not see if it were shared. Raises NotFound."""
    with desk.store.reading() as session:
        return _private(session, desk, find(session, desk.scope, "template", template_id))


def require_seen(desk: Desk, session: Session, template: Template, spec: ExportSpec) -> None:
    """What a template that others see uses is shared with them: else who keeps it would show it in somebody's name.

    Raises Conflict for data that only whoever acts can see, NotFound for what somebody else keeps to themselves.
    """
    private = _kept_private(session, desk.workspace_id, spec) if template.shared else []
    if any(one.owner_id != desk.account_id for one in private):
        raise NotFound(
            "That uses data that is not shared with you.", "Ask its owner to share that data.", field="dataset"
        )
    if private:
        raise _only_yours(template.name, private, "Share the data first, or stop sharing the template.")


def seen_by_all(session: Session, workspace_id: str, spec: ExportSpec) -> bool:
    """Whether everybody of the workspace sees all the data a spec uses."""
    return not _kept_private(session, workspace_id, spec)


@contextmanager
def asking_for_data(desk: Desk, thing: Template | Job) -> Iterator[None]:
    """While the datasets that a template or an export names are looked for.

    Of somebody else's, one may be private, or private again: then it is said whom to ask, and not what that data is called.
    """
    try:
        yield
    except NotFound as missing:
        if missing.field != "dataset" or thing.owner_id == desk.account_id:
            raise
        with desk.store.reading() as session:
            owner = accounts.account(session, thing.owner_id)
        whom = f"{owner.name}, whose it is," if owner else "whoever it belongs to"
        raise NotFound(
            f"“{thing.name}” uses data that is not shared with you, or is gone.",
            f"Ask {whom} to share that data.",
            field="dataset",
        ) from None


def _require_template(session: Session, desk: Desk, schedule: Schedule) -> None:
    """Raises Conflict where others would see a schedule and not what it runs."""
    template = templates.get(session, desk.scope, schedule.template_id)
    if template is not None and not template.shared:
        raise Conflict(
            f"“{schedule.name}” runs the template “{template.name}”, which only its owner can see.",
            "Share the template first, then the schedule.",
        )


def _only_yours(name: str, private: Sequence[Dataset], advice: str) -> Conflict:
    names = ", ".join(f"“{one.name}”" for one in private)
    return Conflict(
        f"“{name}” uses {names}, which only you can see.",
        advice,
        private=[{"id": one.id, "name": one.name} for one in private],
    )


def _mark(desk: Desk, session: Session, kind: str, thing: Shareable, shared: bool) -> None:
    if thing.shared != shared:
        thing.shared = shared
        session.add(thing)
        audit.note(desk, session, f"{USES[kind]}.{'shared' if shared else 'unshared'}", thing)


def _private(session: Session, desk: Desk, thing: Shareable) -> Sequence[Dataset]:
    """The datasets of a template that only whoever acts can see. Those that are gone, or never were theirs, are not its."""
    if not isinstance(thing, Template):
        return []
    used = _kept_private(session, desk.workspace_id, ExportSpec.model_validate(thing.spec))
    return [dataset for dataset in used if dataset.owner_id == desk.account_id]


def _kept_private(session: Session, workspace_id: str, spec: ExportSpec) -> Sequence[Dataset]:
    """The datasets a spec uses that somebody, whoever it is, keeps to themselves. Those that are gone are none."""
    used = dict.fromkeys(source.dataset for source in spec.sources)
    found = [datasets.get(session, Scope(workspace_id), name) for name in used]
    return [dataset for dataset in found if dataset is not None and not dataset.shared]
