"""Exports that are still being put together. The builder keeps its state here, so a refresh, another tab or a restart of the
server loses nothing. A draft is content without meaning to the desk, but for whether it was `made`;
`pages.builder.draft.ExportDraft` knows what it says.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core import choices
from core.desk import Desk
from core.errors import NotFound
from storage import drafts as stored
from storage.tables import Draft, utc_now


def keep(desk: Desk, draft_id: str, content: dict[str, Any]) -> None:
    """Store the draft whole, under its own id. Raises NotFound for an id that somebody else uses."""
    try:
        with desk.store.writing() as session:
            stored.keep(session, desk.workspace_id, desk.account_id, draft_id, content)
    except LookupError:
        raise _missing() from None


def get(desk: Desk, draft_id: str) -> dict[str, Any]:
    """The content of a draft. Raises NotFound."""
    with desk.store.reading() as session:
        draft = stored.get(session, desk.scope, draft_id)
    if draft is None:
        raise _missing()
    return draft.content


def latest(desk: Desk) -> Draft | None:
    """What this person worked on last; None where its file has been made as it says, and nothing is left to do."""
    with desk.store.reading() as session:
        draft = stored.latest(session, desk.workspace_id, desk.account_id)
    return None if draft is None or draft.content.get("made") else draft


def discard(desk: Desk, draft_id: str) -> None:
    with desk.store.writing() as session:
        stored.discard(session, desk.scope, draft_id)


def sweep(desk: Desk) -> int:
    """Remove drafts that nobody touched for as long as the bin keeps things, of every workspace. Returns how many."""
    before = utc_now() - timedelta(days=choices.retention(desk).bin_days)
    with desk.store.writing() as session:
        return stored.discard_older(session, before)


def _missing() -> NotFound:
    return NotFound("This draft is no longer there.", "Start a new export from your data or from a template.")
