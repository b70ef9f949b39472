"""The home page's answers: what to go on with, what is ready, what failed and why. One question, one read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core import datasets, drafts, exports
from core.access import roles
from core.desk import Desk
from core.errors import NotFound
from core.scheduling import agenda
from core.scheduling.agenda import Coming
from core.templating import templates
from storage.tables import Dataset, Draft, Job, Template, utc_now

RECENT = 5  # exports shown
FAILED = 3
COMING = 3  # runs of schedules ahead
FAILED_DAYS = 14  # an older failure is no news


@dataclass(frozen=True)
class Left:
    """The export somebody was putting together last."""

    draft: Draft
    dataset: Dataset

    @property
    def name(self) -> str:
        return str(self.draft.content.get("name") or self.dataset.name)


@dataclass(frozen=True)
class Home:
    left: Left | None
    recent: Sequence[Job]  # exports that wait, run or are ready, newest first
    failed: Sequence[Job]  # that failed lately and were not tried again, newest first
    pinned: Sequence[Template]
    coming: Sequence[Coming]  # the next runs of schedules
    newcomer: bool  # there is nothing yet to go on with


def of(desk: Desk) -> Home:
    """Everything the home page of whoever acts shows."""
    recent, _ = exports.list(desk, states=("queued", "running", "succeeded"), size=RECENT)
    failed, _ = exports.list(desk, states=("failed",), size=FAILED)
    since = utc_now() - timedelta(days=FAILED_DAYS)
    left = _left(desk)
    return Home(
        left=left,
        recent=recent,
        failed=[job for job in failed if (job.finished_at or job.created_at) >= since],
        pinned=templates.pinned(desk),
        coming=agenda.upcoming(desk, COMING),
        newcomer=not (left or recent or failed or datasets.list(desk) or templates.list(desk)),
    )


def _left(desk: Desk) -> Left | None:
    """None where there is none, where its data is gone, and for those who may not run exports any more."""
    latest = drafts.latest(desk)
    if latest is None or not roles.may(desk, "exports.run"):
        return None
    sources = latest.content.get("sources") or [
        latest.content
    ]  # before there could be several, a draft was its one source
    try:
        return Left(latest, datasets.get(desk, str(sources[0].get("dataset", ""))))
    except NotFound:
        return None
