"""Mail to people whose exports failed, where they asked for it (My account, Notices). The clock calls it every minute.

What was told is remembered before it is sent, so that two clocks never tell twice; a mail the server did not take is in the log.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from core import accounts, mail, texts
from core.accounts import Preferences
from core.desk import Desk
from core.errors import DeskError, from_dict
from core.texts import N_
from storage import choices as chosen
from storage import status as figures
from storage.tables import Account, Job, utc_now

TOLD = "told_of_failures"  # the name of what was told last in the store
OLDEST = timedelta(days=1)  # what failed before that is no news, after mail was away for a while

SUBJECT = N_("Export failed: {name}")
FAILED = N_("Your export “{name}” did not work.")
WHY = N_("You asked for this under My account, Notices.")

log = logging.getLogger("desk.mail")


def send(desk: Desk) -> int:
    """Tell of every export that failed since the last time. Returns how many mails were taken by the server."""
    if not mail.configured(desk):
        return 0
    with desk.store.writing() as session:
        kept = chosen.get(session, TOLD)
        since = max(datetime.fromisoformat(kept[0]), utc_now() - OLDEST) if kept else utc_now()
        failed = figures.failed_exports(session, since)
        latest = max((job.finished_at for job, _ in failed if job.finished_at), default=since)
        if kept is None or failed:
            chosen.set(session, TOLD, latest.isoformat())
    return sum(_tell(desk, job, account) for job, account in failed)


def _tell(desk: Desk, job: Job, account: Account) -> bool:
    wanted = Preferences.model_validate(account.preferences)
    if not wanted.email_failed or not account.email or account.disabled_at:
        return False
    error, language = from_dict(job.error or {}), accounts.language(account)
    where = desk.settings.public_url.rstrip("/")
    lines = [
        texts.translated(FAILED, language).format(name=job.name),
        "",
        *(part for part in (error.message, error.next_step) if part),
        *(["", f"{where}/my-exports?job={job.id}"] if where else []),
        "",
        texts.translated(WHY, language),
    ]
    try:
        subject = texts.translated(SUBJECT, language).format(name=job.name)
        mail.send(desk, account.email, subject, "\n".join(lines) + "\n")
    except DeskError as problem:
        log.warning("the mail about a failed export was not sent: %s", problem.message)
        return False
    return True
