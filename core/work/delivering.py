"""The kind of job that brings finished files to a destination: one job, one destination, a state of its own.

Its secrets are opened for the process that sends, in memory alone. What one try leaves for the next is a small file beside the
job. Where it was given up, a job of the same kind goes once more to remove what lies there half-sent.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, MutableMapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from core import audit, delivery, links, outside, sealed_options
from core.access import roles
from core.choices import Mail
from core.delivery.base import Parcel, Way, given_up, link_days
from core.delivery.reach import Reach
from core.desk import Desk
from core.engine.progress import Meter
from core.engine.receipt import Receipt
from core.engine.spec import Resolved
from core.errors import AGAIN, DeskError, NotAllowed, NotFound, Undeliverable, Unreachable
from core.notifying import mail, notices
from core.notifying.voice import Voice
from core.texts import N_
from core.work.base import Completed, Report, Request, Result, Work
from storage import destinations, jobs
from storage.files import remove
from storage.scope import Scope
from storage.tables import Destination, Job, JobKind, NoticeKind, utc_now

TRIES = 6
PAUSES = (
    30.0,
    120.0,
    600.0,
    1800.0,
    7200.0,
)  # seconds after the first try, the second …: given up after some three hours
TEST_FILE = "Export Desk test.txt"
PLACE = "place"  # in a memo: where the tries so far went
NOT_DELIVERED = N_("“{name}” was not delivered to {to}")


class Deliver(Work):
    """Files and a destination in, where they arrived out. Its payload: storage.deliveries."""

    kind = JobKind.DELIVERY
    seconds = 4 * 3600  # a try; the next one goes on where it stopped, if the place can do that

    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        if job.payload["purpose"] == "deliver":
            _require_able(desk, job)
        destination = _destination(session, job)
        method = delivery.get(destination.method)
        secrets = sealed_options.opened(desk, destination.secrets, destination.workspace_id, destination.id)
        options = sealed_options.checked(method.model, destination.options)
        here = desk.itself(job.workspace_id)
        parcels, words = [], {"name": "Test", "rows": "0", "date": f"{utc_now():%Y-%m-%d}"}
        if job.payload["purpose"] != "test":
            export = _export(session, job)
            receipt = Receipt.model_validate(export.result)
            parcels = _parcels(here, receipt)
            words = _words(export, receipt)
            if job.payload["purpose"] == "deliver":
                by_link = method.linked(options, [one["size"] for one in parcels])
                days, password = link_days(options), secrets.get("link_password", "")
                for n, _ in (one for one in enumerate(by_link) if one[1]):
                    parcels[n]["link"] = links.for_delivery(
                        desk, job, n, days=days, password=password, to=method.place(options)
                    )
        elif any(method.linked(options, [1])):
            links.require_address(desk)
        reach = outside.reach(desk)
        return {
            "purpose": job.payload["purpose"],
            "method": method.name,
            "options": options.model_dump(mode="json"),
            "secrets": secrets,
            "parcels": parcels,
            "words": words | {"workspace": here.workspace().name},
            "domains": here.workspace().delivery_domains,
            "folders": outside.folders(desk),
            "inside": reach.inside,
            "own_ports": [*reach.own_ports],
            "memo": str(desk.files.memo(job.payload.get("of", job.id))),
            "key": job.id,
            "address": desk.settings.public_url,
            "by": job.payload.get("by", ""),
            "mail": _mail(desk) if method.name == "email" else None,
        }

    def run(self, request: Request, report: Report) -> Result:
        method = delivery.get(request["method"])
        secrets: dict[str, str] = request["secrets"]
        mailed = request["mail"] or {}
        with sealed_options.hidden(secrets | {"mail": mailed.get("password", "")}):
            options = method.model.model_validate(request["options"])
            parcels = [Parcel(**one | {"path": Path(one["path"])}) for one in request["parcels"]]
            if request["purpose"] == "test":
                parcels = [_test_file(request)]
            meter = Meter(report, steps=1)  # which counts bytes here
            meter.phase("Sending", sum(parcel.size for parcel in parcels))
            memo = Memo(Path(request["memo"]))
            place = json.dumps([method.place(options), *(getattr(options, name) for name in method.bound)])
            if memo.get(PLACE, place) != place:  # somebody changed the destination: nothing of it is there yet
                memo.clear()
            memo[PLACE] = place
            way = Way(
                reach=Reach(tuple(request["inside"]), frozenset(request["own_ports"])),
                key=request["key"],
                sent=meter.advance,
                memo=memo,
                folders=tuple(request["folders"]),
                words=request["words"],
                domains=tuple(request["domains"]),
                post=_post(mailed, request["key"]),
            )
            if request["purpose"] == "abandon":
                method.abandon(options, secrets, parcels, way)
                given_up(memo)
                return {"arrivals": []}
            arrived = method.deliver(options, secrets, parcels, way)
        return {"arrivals": [vars(one) for one in arrived], "place": method.place(options)}

    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        if job.payload["purpose"] != "abandon":  # what was given up may be sent again: the sweep knows when not
            remove(desk.files.memo(job.id))
        here, destination = desk.itself(job.workspace_id), session.get(Destination, job.payload["destination"])
        if destination is not None and job.payload["purpose"] == "test":
            destination.tested_at = utc_now()
            session.add(destination)
        elif job.payload["purpose"] == "deliver":
            export = session.get(Job, job.payload["export"])
            audit.note(here, session, "exports.delivered", export, to=job.payload["place"], delivery=job.id)
        return Completed(result, bytes=sum(one["size"] for one in result["arrivals"]))

    def pause(self, attempt: int) -> float:
        return PAUSES[min(attempt, len(PAUSES)) - 1]

    def too_slow(self, seconds: int) -> DeskError:
        return Unreachable(f"Sending took longer than {seconds / 3600:g} hours.", AGAIN)

    def given_up(self, session: Session, desk: Desk, job: Job) -> None:
        """Its owner is told, and what lies there half-sent is removed."""
        if job.payload["purpose"] != "deliver":
            return
        clean_up(session, job)
        if job.error:
            notices.tell(
                session,
                job.workspace_id,
                job.owner_id,
                NoticeKind.FAILED,
                about=f"delivery {job.id} {job.attempt}",
                title=Voice.to(session, job.owner_id)(NOT_DELIVERED, name=job.payload["of_name"], to=job.name),
                text=" ".join(part for part in (job.error["message"], job.error["next_step"]) if part),
                path=f"/my-exports?job={job.payload['export']}",
            )


def clean_up(session: Session, job: Job) -> None:
    """Queue the removal of what a delivery that was given up left half-sent."""
    jobs.enqueue(
        session,
        job.workspace_id,
        job.owner_id,
        kind=JobKind.DELIVERY,
        name=job.name,
        payload=job.payload | {"purpose": "abandon", "of": job.id},
        max_attempts=2,
        priority=-1,
    )


class Memo(MutableMapping[str, str]):
    """A small JSON file that is whole at any moment: what one try of a delivery leaves for the next."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def __getitem__(self, key: str) -> str:
        return self._held[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._held[key] = value
        self._write()

    def __delitem__(self, key: str) -> None:
        del self._held[key]
        self._write()

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def _write(self) -> None:
        part = self._path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            json.dump(self._held, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)


def _destination(session: Session, job: Job) -> Destination:
    """Whoever asked for the delivery must see it still; what cleans up after them need not."""
    owner = None if job.payload["purpose"] == "abandon" else job.owner_id
    found = destinations.get(session, Scope(job.workspace_id, owner), job.payload["destination"])
    if found is None:
        raise Undeliverable(
            f"The destination “{job.name}” was deleted, or is not shared any more.",
            "Restore it under Recently deleted, or send the files to another one.",
        )
    return found


def _require_able(desk: Desk, job: Job) -> None:
    """Whoever wanted it sent may still send files. Raises Undeliverable."""
    try:
        able = roles.may(desk.acting_as(job.workspace_id, job.owner_id), "exports.deliver")
    except NotAllowed:
        able = False
    if not able:
        raise Undeliverable(
            "Whoever wanted this sent may not send files here any more.", "Somebody who may sends it again."
        )


def _export(session: Session, job: Job) -> Job:
    found = jobs.get(session, Scope(job.workspace_id), job.payload["export"])
    if found is None or found.result is None:
        raise NotFound("The export was deleted before it was sent.", "Restore it, then send it again.")
    return found


def _parcels(desk: Desk, receipt: Receipt) -> list[dict[str, Any]]:
    found = []
    for file in receipt.files:
        path = desk.files.export(file.stored)
        if not path.is_file():
            raise NotFound("The file is no longer there.", "Run the export again.")
        found.append(
            {
                "path": str(path),
                "name": file.name,
                "size": file.bytes,
                "sha256": file.sha256,
                "media_type": file.media_type,
                "link": "",
            }
        )
    return found


def _words(export: Job, receipt: Receipt) -> dict[str, str]:
    resolved = Resolved.model_validate(export.resolved)
    day = resolved.now.astimezone(ZoneInfo(resolved.zone)).date().isoformat()
    return {"name": export.name, "rows": f"{receipt.rows:,}", "date": day}


def _mail(desk: Desk) -> dict[str, Any] | None:
    if not mail.configured(desk):
        return None  # the method says so
    server = mail.server(desk)
    return {"chosen": server.chosen.model_dump(), "password": server.password}


def _post(mailed: dict[str, Any], key: str) -> Any:
    if not mailed:
        return Way.post
    server = mail.Server(Mail.model_validate(mailed["chosen"]), mailed["password"])

    def post(message: EmailMessage) -> None:
        mail.hand_over(server, message, [str(one.addr_spec) for one in message["To"].addresses], key)

    return post


def _test_file(request: Request) -> Parcel:
    path = Path(request["scratch"]) / "test"
    by = f" {request['by']} asked for it." if request["by"] else ""
    path.write_text(
        f"This is a test file from Export Desk, of {utc_now():%Y-%m-%d %H:%M} UTC.{by}\n"
        "That it is here means that exports can be delivered here. It can be deleted.\n",
        encoding="utf-8",
    )
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Parcel(path, TEST_FILE, len(content), digest, "text/plain; charset=utf-8", request["address"])
