"""Every kind of job the desk does. Adding one = one class beside these, one entry here."""

from __future__ import annotations

from core.work.backing_up import Backup, Restore
from core.work.base import Work
from core.work.checking import Check
from core.work.comparing import Compare
from core.work.delivering import Deliver
from core.work.exporting import Export
from core.work.intake import Ingest, Inspect
from core.work.refreshing import Refresh
from storage.tables import JobKind

KINDS: dict[JobKind, Work] = {
    work.kind: work
    for work in (Export(), Inspect(), Ingest(), Compare(), Deliver(), Refresh(), Check(), Backup(), Restore())
}
