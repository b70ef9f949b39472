"""Notices on their way out: by mail, and to a web address of one's own, as each person chose (My account, Notices).

The clock calls it every minute. What waits for one person goes as one mail and one message. It counts as sent before it is, so
that two clocks never tell twice; what a server did not take is in the log, and still behind the bell.
"""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from functools import partial

from core import outside, sealing, texts
from core.access import accounts
from core.access.accounts import Preferences
from core.delivery import webhook
from core.delivery.base import web_address
from core.desk import Desk
from core.errors import BadInput, DeskError
from core.notifying import mail
from core.texts import N_
from storage import members
from storage import notices as rows
from storage.tables import Account, Notice, NoticeKind, utc_now

SECRET_BYTES = 24  # of a signing secret: as many as Standard Webhooks asks for at least
MANY = N_("{n} notice from Export Desk"), N_("{n} notices from Export Desk")
WHY = N_("You asked for this under My account, Notices.")

log = logging.getLogger("desk.notices")


def send(desk: Desk) -> int:
    """Send on what nobody has sent yet. Returns how many mails and messages were taken."""
    with desk.store.writing() as session:
        waiting = rows.take_unsent(session, utc_now())
        there = {
            (notice.workspace_id, account.id)
            for account, theirs in waiting
            for notice in theirs
            if members.get(session, notice.workspace_id, account.id)
        }
    sent = 0
    for account, theirs in waiting:
        wanted = Preferences.model_validate(account.preferences)
        if account.disabled_at:
            continue
        still = [notice for notice in theirs if (notice.workspace_id, account.id) in there]
        sent += _tried(account, partial(_mail, desk, account), still, wanted.told_by_mail)
        if wanted.webhook_url:
            sent += _tried(account, partial(_post, desk, account), still, wanted.told_by_webhook)
    return sent


def choose_webhook(desk: Desk, url: str) -> str:
    """Where whoever acts is told by a program; "" for nowhere. Returns the secret its messages are signed with, this once.

    Raises BadInput for what is no web address.
    """
    url = url.strip()
    if not url:
        accounts.change(desk, webhook_url="", webhook_secret="")
        return ""
    try:
        web_address(url)
    except ValueError as wrong:
        raise BadInput(
            f"“{url[:60]}” is no web address.", f"{str(wrong).capitalize()}.", field="webhook_url"
        ) from wrong
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()  # as Standard Webhooks writes one
    accounts.change(desk, webhook_url=url, webhook_secret=sealing.seal(desk, secret, *_belongs(desk.account_id)))
    return secret


def try_webhook(desk: Desk) -> None:
    """Send a first message now, so that whoever set it up sees it arrive. Raises Undeliverable, Unreachable, BadInput."""
    account = accounts.me(desk)
    if not accounts.preferences(desk).webhook_url:
        raise BadInput("There is no address to send to.", "Save one first.", field="webhook_url")
    about = texts.translated(N_("Notices arrive here."), accounts.language(account))
    first = Notice(workspace_id=desk.workspace_id, owner_id=account.id, kind=NoticeKind.FINISHED, title=about)
    _post(desk, account, [first])


def _tried(
    account: Account,
    way: Callable[[Sequence[Notice]], bool],
    theirs: Sequence[Notice],
    kinds: Collection[NoticeKind],
) -> bool:
    wanted = [notice for notice in theirs if notice.kind in kinds]
    if not wanted:
        return False
    try:
        return way(wanted)
    except DeskError as problem:
        log.warning("notices of %s were not sent: %s", account.id, problem.message)
        return False


def _mail(desk: Desk, account: Account, theirs: Sequence[Notice]) -> bool:
    if not account.email or not mail.configured(desk):
        return False
    language = accounts.language(account)
    subject = theirs[0].title if len(theirs) == 1 else texts.counted(*MANY, len(theirs), language)
    parts = [
        "\n".join(part for part in (notice.title, notice.text, _address(desk, notice)) if part) for notice in theirs
    ]
    mail.send(desk, account.email, subject, "\n\n".join([*parts, texts.translated(WHY, language)]) + "\n")
    return True


def _post(desk: Desk, account: Account, theirs: Sequence[Notice]) -> bool:
    wanted = Preferences.model_validate(account.preferences)
    message = {
        "notices": [
            {
                "id": notice.id,
                "kind": notice.kind.value,
                "title": notice.title,
                "text": notice.text,
                "url": _address(desk, notice) or notice.path,
                "at": notice.created_at.isoformat(timespec="seconds"),
            }
            for notice in theirs
        ]
    }
    signing = sealing.unseal(desk, wanted.webhook_secret, *_belongs(account.id)) if wanted.webhook_secret else ""
    webhook.tell(wanted.webhook_url, signing, message, f"notices-{theirs[0].id}", outside.reach(desk))
    return True


def _address(desk: Desk, notice: Notice) -> str:
    """The whole address of what it is about; "" where nobody said at which address people reach the desk."""
    return mail.link(desk, notice.path) if desk.settings.public_url and notice.path else ""


def _belongs(account_id: str) -> tuple[str, str]:
    return "notices", account_id
