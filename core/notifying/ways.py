"""Notices on their way out: by mail, and to a web address of one's own, as each person chose (My account, Notices).

The clock calls it every minute. What waits for one person goes as one mail and one message. Whoever sends holds it for a while,
so that two clocks do not tell twice; where a process dies in between it goes once more, which is better than never.

What does not go in passing (a server that is silent or busy) is tried again, later and later. What is refused for good, or still
does not go after all tries, is told behind the bell, with why.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic

from sqlmodel import Session

from core import outside, sealing
from core.access import accounts
from core.access.accounts import Preferences
from core.delivery import webhook
from core.delivery.base import web_address
from core.desk import Desk
from core.errors import BadInput, DeskError, Trouble
from core.notifying import mail
from core.notifying.voice import Voice
from core.texts import N_
from storage import members
from storage import notices as rows
from storage.tables import Account, Notice, NoticeKind, utc_now

SECRET_BYTES = 24  # of a signing secret: as many as Standard Webhooks asks for at least
MANY = N_("{n} notice from Export Desk"), N_("{n} notices from Export Desk")
UNTOLD = {
    "mail": N_("Some notices did not reach you by e-mail"),
    "webhook": N_("Some notices did not reach your program"),
}
PAUSES = tuple(
    timedelta(minutes=n) for n in (1, 5, 30, 120, 480)
)  # after the first try, the second …: then it is given up
HELD = timedelta(minutes=10)  # by whoever sends it: longer than any server is waited for
ENOUGH_SECONDS = 60  # the next tick goes on
WHY = N_("You asked for this under My account, Notices.")

log = logging.getLogger("desk.notices")


def send(desk: Desk, now: datetime | None = None) -> int:
    """Send on what has to be sent now. Returns how many mails and messages were taken."""
    now, enough, taken = now or utc_now(), monotonic() + ENOUGH_SECONDS, 0
    while monotonic() < enough and (found := _take(desk, now)):
        account, theirs = found
        wanted = Preferences.model_validate(account.preferences)
        problems: dict[str, tuple[DeskError, Sequence[Notice]]] = {}
        for way, kinds, by in (
            ("mail", wanted.told_by_mail, _mail),
            ("webhook", wanted.told_by_webhook if wanted.webhook_url else (), _post),
        ):
            going = [one for one in theirs if one.kind in kinds and (one.ways is None or way in one.ways)]
            if not going or account.disabled_at:
                continue
            try:
                taken += by(desk, account, going)
            except DeskError as problem:
                log.warning("notices of %s were not sent: %s", account.id, problem.message)
                problems[way] = problem, going
            except Exception as fault:  # noqa: BLE001 (what is odd about one person stops nobody else's notices)
                log.error("notices of %s were not sent: %s", account.id, type(fault).__name__)
                problems[way] = Trouble(f"Something went wrong inside the desk ({type(fault).__name__})."), going
        _settle(desk, account, theirs, problems, now)
    return taken


def _take(desk: Desk, now: datetime) -> tuple[Account, Sequence[Notice]] | None:
    """Who is told now, and what: nothing of workspaces they have left."""
    with desk.store.writing() as session:
        found = rows.take_unsent(session, now, now + HELD)
        if found is None:
            return None
        account, theirs = found
        there = {place for place in {n.workspace_id for n in theirs} if members.get(session, place, account.id)}
        rows.sent(session, [one.id for one in theirs if one.workspace_id not in there], now)
    return account, [one for one in theirs if one.workspace_id in there]


def _settle(
    desk: Desk,
    account: Account,
    theirs: Sequence[Notice],
    problems: Mapping[str, tuple[DeskError, Sequence[Notice]]],
    now: datetime,
) -> None:
    """Write down what became of it: what can still go is given back, what cannot is told on the screen."""
    again: dict[str, list[str]] = {}
    with desk.store.writing() as session:
        for way, (problem, going) in problems.items():
            still = [one for one in going if not problem.final and one.tries <= len(PAUSES)]
            for notice in still:
                again.setdefault(notice.id, []).append(way)
            for place in {one.workspace_id for one in going if one not in still}:
                _tell(session, account, place, way, problem, now)
        for notice in theirs:
            if left := again.get(notice.id):
                rows.give_back(session, notice.id, left, now + PAUSES[notice.tries - 1])
        rows.sent(session, [one.id for one in theirs if one.id not in again], now)


def _tell(session: Session, account: Account, place: str, way: str, problem: DeskError, now: datetime) -> None:
    """Once a day: what could not be sent stands behind the bell, and this beside it."""
    told = rows.tell(
        session,
        place,
        account.id,
        NoticeKind.FAILED,
        about=f"{way} {place} {now.date().isoformat()}",
        title=Voice(account)(UNTOLD[way]),
        text=" ".join(part for part in (problem.message, problem.next_step) if part),
        path="/account",
    )
    if told is not None:
        rows.sent(session, [told.id], now)  # it would fare no better


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
    about = Voice(account)(N_("Notices arrive here."))
    first = Notice(workspace_id=desk.workspace_id, owner_id=account.id, kind=NoticeKind.FINISHED, title=about)
    _post(desk, account, [first])


def _mail(desk: Desk, account: Account, theirs: Sequence[Notice]) -> bool:
    if not account.email or not mail.configured(desk):
        return False
    say = Voice(account)
    subject = theirs[0].title if len(theirs) == 1 else say.counted(MANY, len(theirs))
    parts = [
        "\n".join(part for part in (notice.title, notice.text, _address(desk, notice)) if part) for notice in theirs
    ]
    mail.send(desk, account.email, subject, "\n\n".join([*parts, say(WHY)]) + "\n")
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
    # the same for the same notices alone: a receiver that throws away what it knows must not lose what came to them
    which = hashlib.sha256(" ".join(notice.id for notice in theirs).encode()).hexdigest()
    webhook.tell(wanted.webhook_url, signing, message, f"notices-{which[:32]}", outside.reach(desk))
    return True


def _address(desk: Desk, notice: Notice) -> str:
    """The whole address of what it is about; "" where nobody said at which address people reach the desk."""
    return mail.link(desk, notice.path) if desk.settings.public_url and notice.path else ""


def _belongs(account_id: str) -> tuple[str, str]:
    return "notices", account_id
