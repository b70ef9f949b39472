"""Destinations: places people save, test once, and have files delivered to. Their secrets go in and never come out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlmodel import Session

from core import audit, naming, outside, sealed_options, storable
from core import delivery as methods
from core.access import roles
from core.delivery.base import Method, Way
from core.desk import Desk
from core.engine.spec import Delivering
from core.errors import BadInput, BadSpec, NotFound, Undeliverable
from core.keeping import binning
from core.work.poke import poke
from storage import deliveries, jobs
from storage import destinations as rows
from storage.scope import EVERYTHING, Within
from storage.tables import Destination, Job, JobKind, utc_now

if TYPE_CHECKING:
    from core.delivery.sftp import HostKey

__all__ = ["Destination"]

MAX_NAME = 120  # characters


def list(desk: Desk, *, within: Within = EVERYTHING) -> Sequence[Destination]:
    """One's own and those that are shared, by name. Raises Forbidden."""
    roles.require(desk, "destinations.see")
    with desk.store.reading() as session:
        return rows.list(session, desk.scope, within=within)


def get(desk: Desk, destination_id: str) -> Destination:
    """Raises NotFound, also for what others keep to themselves."""
    roles.require(desk, "destinations.see")
    with desk.store.reading() as session:
        return _there(rows.get(session, desk.scope, destination_id))


def make(desk: Desk, name: str, method: str, options: Mapping[str, Any], secrets: Mapping[str, str]) -> Destination:
    """Save a place. `secrets` are given in clear and sealed here. Raises Forbidden, BadInput, BadSpec for an unknown method."""
    roles.require(desk, "destinations.change")
    storable.check({"options": dict(options), "secrets": dict(secrets)})
    way, named = methods.get(method), naming.checked(name, "A destination's name", MAX_NAME)
    kept = _checked(desk, way, options)
    with desk.store.writing() as session:
        made = rows.add(session, desk.workspace_id, desk.account_id, name=named, method=method, options=kept)
        made.secrets = sealed_options.sealed(desk, {}, secrets, _keys(way), desk.workspace_id, made.id)
        session.add(made)
        audit.note(desk, session, "destinations.made", made, method=method)
    return made


def change(
    desk: Desk,
    destination_id: str,
    *,
    name: str | None = None,
    options: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Destination:
    """Change what is given, keep the rest: `options` take the place of all options, a secret of "" is forgotten.

    Secrets belong to the server and user they were given for: where that changes, those not given anew are forgotten; so is
    what was confirmed of another server. Raises NotFound, Forbidden, BadInput.
    """
    storable.check({"options": dict(options or {}), "secrets": dict(secrets or {})})
    roles.require(desk, "destinations.change", get(desk, destination_id))
    given = dict(secrets or {})
    with desk.store.writing() as session:
        found = _there(rows.get(session, desk.scope, destination_id))
        method, before = methods.get(found.method), found.options
        if name is not None:
            found.name = naming.checked(name, "A destination's name", MAX_NAME)
        if options is not None:
            found.options = _checked(desk, method, _unpinned(method, before, options))
        kept = {} if _moved(method.bound, before, found.options) else found.secrets
        found.secrets = sealed_options.sealed(desk, kept, given, _keys(method), found.workspace_id, found.id)
        if found.options != before or given:
            found.tested_at = None
        found.updated_at = utc_now()
        session.add(found)
        audit.note(desk, session, "destinations.changed", found)
    return found


def delete(desk: Desk, destination_id: str) -> None:
    """Into the bin: nothing is delivered there any more until it is restored. Raises NotFound, Forbidden."""
    binning.put(desk, "destination", destination_id)


def restore(desk: Desk, destination_id: str) -> Destination:
    """Back from the bin. Raises NotFound for one that is not there."""
    return binning.take_out(desk, Destination, destination_id)


def test(desk: Desk, destination_id: str) -> Job:
    """Send a small file of the desk's own there, once. The job says what came of it: `tests` finds it again."""
    found = get(desk, destination_id)
    roles.require(desk, "destinations.change", found)
    with desk.store.writing() as session:
        job = jobs.enqueue(
            session,
            desk.workspace_id,
            desk.account_id,
            kind=JobKind.DELIVERY,
            name=found.name,
            payload={"purpose": "test", "destination": found.id, "by": desk.caller.name},
            max_attempts=1,
            priority=1,  # somebody waits for it
        )
        audit.note(desk, session, "destinations.tested", found)
    poke(desk)
    return job


def tests(desk: Desk, destination_ids: Collection[str]) -> Mapping[str, Job]:
    """The last test file of each of these destinations that whoever acts sees."""
    mine = {one.id for one in list(desk)} & {*destination_ids}
    with desk.store.reading() as session:
        return deliveries.latest_tests(session, desk.workspace_id, mine)


def received(desk: Desk, destination_ids: Collection[str]) -> Mapping[str, int]:
    """How many deliveries have arrived at each of these destinations that whoever acts sees."""
    mine = {one.id for one in list(desk)} & {*destination_ids}
    with desk.store.reading() as session:
        return deliveries.sent_to(session, desk.workspace_id, mine)


def host_key(desk: Desk, host: str, port: int) -> HostKey:
    """The key an SFTP server shows now, for a person to compare and confirm. Raises Forbidden, BadInput, Undeliverable,
    Unreachable."""
    from core.delivery import sftp  # asyncssh takes its time to load, and hardly anybody asks

    roles.require(desk, "destinations.change")
    where = sealed_options.checked(sftp.Options, {"host": host, "port": port, "user": "nobody"})
    return sftp.host_key(where, outside.reach(desk))


def fingerprint(line: str) -> str:
    """Of a key as options keep it ("ssh-ed25519 AAAA…"), as people compare it: "SHA256:…" (RFC 4255's digest in base64)."""
    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def place(destination: Destination) -> str:
    """Where it is, in a few words without secrets; "" for options that fit no more."""
    method = methods.get(destination.method)
    try:
        return method.place(method.model.model_validate(destination.options))
    except ValidationError:
        return ""


def options(desk: Desk, destination: Destination) -> dict[str, Any]:
    """What was chosen, for who may change it; to others nothing: an address may hold a key. They read `place`."""
    return dict(destination.options) if roles.may(desk, "destinations.change", destination) else {}


def check(desk: Desk, delivering: Delivering) -> None:
    """Before an export begins: whoever acts may send its files there. Raises Forbidden, BadSpec naming what is gone."""
    if not delivering.destinations:
        return
    roles.require(desk, "exports.deliver")
    known = {one.id for one in list(desk)}
    if gone := [one for one in delivering.destinations if one not in known]:
        raise _not_there(gone)


def require_seen(desk: Desk, session: Session, before: Delivering, after: Delivering) -> None:
    """What runs in somebody else's name too gets no destination that whoever changes it does not see. Raises BadSpec."""
    added = [session.get(Destination, one) for one in after.destinations if one not in before.destinations]
    if kept_private := [
        one.id for one in added if one and not one.shared and desk.account_id not in ("", one.owner_id)
    ]:
        raise _not_there(kept_private)


def _not_there(missing: Sequence[str]) -> BadSpec:
    return BadSpec(
        "This export is to be delivered to a destination that is gone, or not shared with you.",
        "Choose its destinations again.",
        field="delivering.destinations",
        missing=missing,
    )


def _checked(desk: Desk, method: Method[Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """As they are stored. Raises BadInput, also for what an administrator does not allow."""
    made = sealed_options.checked(method.model, options)
    allowed = Way(outside.reach(desk), folders=outside.folders(desk), domains=tuple(desk.workspace().delivery_domains))
    try:
        method.check(made, allowed)
    except Undeliverable as refused:
        raise BadInput(refused.message, refused.next_step, field=refused.field) from None
    return made.model_dump(mode="json")


def _unpinned(method: Method[Any], before: Mapping[str, Any], options: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was confirmed of one server is not believed of another."""
    stale = [
        name
        for name, bound in method.pinned.items()
        if _moved(bound, before, options) and options.get(name) == before.get(name)
    ]
    return {name: value for name, value in options.items() if name not in stale}


def _moved(bound: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return any(before.get(name) != after.get(name) for name in bound)


def _keys(method: Method[Any]) -> Sequence[str]:
    return [secret.key for secret in method.secrets]


def _there(destination: Destination | None) -> Destination:
    if destination is None:
        raise NotFound("This destination is not there.", "It may have been deleted: look under Recently deleted.")
    return destination
