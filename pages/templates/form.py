"""What is asked when an export is kept as a template, and what is done with the answers: one form for every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core import datasets, sharing
from core.access import roles, sign_in
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import NotFound
from core.templating import templates
from core.templating.templates import MAX_DAYS, Template
from pages.components import explain, layout
from pages.texts import N_, _

ME, EVERYBODY = N_("Only me"), N_("Everybody in {name}")


@dataclass(frozen=True)
class Answers:
    name: str
    description: str
    tags: Sequence[str]
    keep_days: int | None
    shared: bool


def fields(
    desk: Desk, *, name: str, key: str, template: Template | None = None, spec: ExportSpec | None = None
) -> Answers:
    """The fields, within a form of the caller's. With `spec`, who shall see it is asked too, where there is anybody else."""
    called = st.text_input(_("Name"), value=name, max_chars=120)
    about = st.text_input(
        _("Description"),
        value=template.description if template else "",
        placeholder=_("What it is for, who asks for it"),
        max_chars=500,
    )
    known = dict.fromkeys([*templates.tags(desk), *(template.tags if template else ())])
    tags = st.multiselect(
        _("Tags"),
        [*known],
        default=[*template.tags] if template else [],
        accept_new_options=True,
        placeholder=_("Such as Monthly or Bank"),
        key=f"{key}_tags",
    )
    shared = _seen_by(desk, spec, key) if spec is not None else False
    days = st.number_input(
        _("Keep its files for so many days"),
        min_value=1,
        max_value=MAX_DAYS,
        value=template.keep_days if template else None,
        placeholder=_("as the workspace says"),
        disabled=bool(blocked := roles.blocked(desk, "exports.keep")),
        help=layout.said(blocked) or explain.of("workspace"),
        key=f"{key}_days",
    )
    return Answers(called or "", about or "", tags, days, shared)


def save(desk: Desk, answers: Answers, spec: ExportSpec) -> Template:
    """A new template; where others shall see it, with its data. Raises DeskError."""
    saved = templates.save(
        desk, answers.name, answers.description, spec, tags=answers.tags, keep_days=answers.keep_days
    )
    if answers.shared:
        sharing.share(desk, "template", saved.id, with_data=True)
    return saved


def _seen_by(desk: Desk, spec: ExportSpec, key: str) -> bool:
    if not sign_in.required(desk):
        return False
    words = {False: _(ME), True: _(EVERYBODY).format(name=desk.workspace().name)}
    private = _private(desk, spec)
    names = ", ".join(private)
    shared = st.radio(
        _("Seen by"),
        [False, True],
        format_func=words.__getitem__,
        horizontal=True,
        key=f"{key}_seen",
        captions=["", _("This shares its data too: {names}.").format(names=layout.plain(names))] if private else None,
    )
    return bool(shared)


def _private(desk: Desk, spec: ExportSpec) -> list[str]:
    """Names of its data that only whoever acts sees."""
    found = []
    for source in spec.sources:
        try:
            dataset = datasets.get(desk, source.dataset)
        except NotFound:
            continue  # told when it is saved
        if not dataset.shared:
            found.append(dataset.name)
    return [*dict.fromkeys(found)]
