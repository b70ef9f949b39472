"""What the session remembers of files on their way in: one `Import` a file, from "arrived" to "in my data"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core import datasets
from core.desk import Desk
from core.engine.ingest.options import ImportOptions, Inspection

_KEY, _REMOVED = "imports", "removed_uploads"


@dataclass
class Import:
    """One uploaded file. At most one job is on its way for it: the look at its head, then the reading of all of it."""

    upload_id: str
    options: ImportOptions = field(default_factory=ImportOptions)  # only what the person corrected
    look: str | None = None  # id of the job that looks at the file's head
    adding: str | None = None  # id of the job that reads all of it
    told: bool = False  # what it became has been handed to the page

    def understand(self, desk: Desk, **corrected: Any) -> None:
        """Look at the file's head, with these corrections on top of the earlier ones."""
        self.options = self.options.model_copy(update=corrected)
        self.adding = None
        self.look = datasets.inspect(desk, self.upload_id, self.options).id

    def add(self, desk: Desk, *, name: str | None, leave_out: set[str], sheets: list[str], replace: str | None) -> None:
        """Read all of it, without the sheets the person left out."""
        options = self.options
        if leave_out:
            options = options.model_copy(update={"sheets": tuple(s for s in sheets if s not in leave_out)})
        self.adding = datasets.add(desk, self.upload_id, name=name, options=options, replace=replace).id


def of(upload_id: str) -> Import:
    """The session's Import of this upload; a new one where the page was loaded afresh."""
    return _all().setdefault(upload_id, Import(upload_id))


def taken() -> tuple[str, ...]:
    """Uploads the session has dealt with or is dealing with: the upload box lists them no longer."""
    return (*_all(), *removed())


def forget(upload_id: str) -> None:
    _all().pop(upload_id, None)
    st.session_state[_REMOVED] = removed() | {upload_id}


def removed() -> frozenset[str]:
    return frozenset(st.session_state.get(_REMOVED, ()))


def _all() -> dict[str, Import]:
    imports: dict[str, Import] = st.session_state.setdefault(_KEY, {})
    return imports


def seen(result: dict[str, Any] | None) -> list[Inspection]:
    """What a finished look found: one Inspection a sheet or member."""
    return [Inspection.model_validate(i) for i in (result or {}).get("inspections", [])]
