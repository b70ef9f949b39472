"""Before files leave the house: which of their columns look personal, and where that is changed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.access import roles
from core.desk import Desk
from core.personal import Personal
from pages import routes
from pages.components import layout, words
from pages.texts import N_, _, n_

SORTS = {
    "email": N_("e-mail addresses"),
    "phone": N_("phone numbers"),
    "birth_date": N_("birth dates"),
    "id": N_("numbers of people"),
    "name": N_("names of people"),
    "address": N_("postal addresses"),
}


def sentence(found: Sequence[Personal]) -> str:
    """Which columns, and what they seem to hold, as Markdown."""
    sorts = [_(SORTS[sort]) for sort in dict.fromkeys(one.sort for one in found)]
    said = n_(
        "**{n} column looks personal** ({sorts}): {names}",
        "**{n} columns look personal** ({sorts}): {names}",
        len(found),
        sorts=words.listing(sorts),
        names=layout.plain(words.listing([one.name for one in found])),
    )
    return f":orange[:material/shield_person:] {said}"


def show(
    desk: Desk, found: Sequence[Personal], *, key: str, template: str | None = None, job: str | None = None
) -> None:
    """The sentence, and the way into the builder with the template or export they are of; nothing where none looks personal."""
    if not found:
        return
    with st.container(key=f"{key}_personal", gap=None):
        st.markdown(sentence(found))
        blocked = roles.blocked(desk, "exports.run")
        if layout.button(
            _("Open in the builder"), f"{key}_to_builder", blocked=blocked, type="tertiary", icon=":material/edit:"
        ):
            routes.to_builder(template=template, job=job)
