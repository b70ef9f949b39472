"""What the desk clears away by itself: files whose time is over, fetched data that was long replaced, leftovers of dead attempts,
unused uploads, old drafts, windows of limits, unused passwords, things long in the bin, old entries of the audit log, sign-ins
that are long over, notices of months ago."""

from __future__ import annotations

from datetime import timedelta

from core import choices, drafts, file_passwords
from core.access import limits
from core.desk import Desk
from core.keeping import fetched, retention
from core.notifying import notices
from core.work.sweep import sweep
from storage import audit, jobs, schedules, sign_ins
from storage.tables import JobKind, utc_now

RUNS_KEPT = timedelta(days=400)  # of schedules, and of what fetches: a year and a bit, to compare with last year
SIGN_INS_KEPT = timedelta(days=30)  # after they ended: whoever asks where they were signed in sees no others


def tidy(desk: Desk) -> None:
    """Once round the house; safe at any time, beside running jobs and other processes that tidy."""
    retention.settle_earlier(desk)
    retention.sweep(desk)
    fetched.sweep(desk)
    sweep(desk)
    drafts.sweep(desk)
    file_passwords.sweep(desk)
    limits.sweep(desk)
    notices.forget_old(desk)
    _forget(desk)


def _forget(desk: Desk) -> None:
    """Entries of the audit log that are as old as an administrator chose, runs of long ago, and sign-ins that are over."""
    days = choices.retention(desk).audit_days
    with desk.store.writing() as session:
        if days:
            audit.remove_older(session, utc_now() - timedelta(days=days))
        schedules.forget_before(session, utc_now() - RUNS_KEPT)
        jobs.forget(session, JobKind.REFRESH, utc_now() - RUNS_KEPT)
        sign_ins.remove_expired(session, utc_now() - SIGN_INS_KEPT)
