"""What administrators choose on the screen, in groups (core.choice_groups), and how it is kept.

A choice wins over the environment variable of the same name (core.settings), and that over its default. One row of the store
holds a group's chosen values; every process reads the rows again after FRESH_SECONDS, so a choice needs no restart.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Any, Literal, TypeVar
from weakref import WeakKeyDictionary

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from core import audit, sealing
from core.access import installation
from core.choice_groups import Access, Group, Intake, Limits, Mail, Outside, Retention, Storage, this_computer
from core.desk import Desk
from core.errors import BadInput, DeskError, Forbidden, Trouble
from storage import choices as rows
from storage.store import Store

__all__ = ["Access", "Group", "Intake", "Limits", "Mail", "Outside", "Retention", "Storage", "this_computer"]

FRESH_SECONDS = 2.0
SEAL = ("choice", "mail")  # what the password of the mail server is bound to
CHANGE = "change the settings of this installation"

Origin = Literal["chosen", "environment", "default"]
log = logging.getLogger("desk.choices")

G = TypeVar("G", bound=Group)
Stored = dict[str, tuple[Any, datetime]]
_read: WeakKeyDictionary[Store, tuple[float, Stored]] = WeakKeyDictionary()


def mail(desk: Desk) -> Mail:
    return of(desk, Mail)


def limits(desk: Desk) -> Limits:
    return of(desk, Limits)


def retention(desk: Desk) -> Retention:
    return of(desk, Retention)


def storage(desk: Desk) -> Storage:
    return of(desk, Storage)


def access(desk: Desk) -> Access:
    return of(desk, Access)


def intake(desk: Desk) -> Intake:
    return of(desk, Intake)


def outside(desk: Desk) -> Outside:
    return of(desk, Outside)


def refusal(desk: Desk, address: str) -> DeskError | None:
    """Why a request from this address is not heard, or None. Asked before anything else reads the request."""
    try:
        if access(desk).allows(address):
            return None
    except SQLAlchemyError:
        return Trouble("The store cannot be read at the moment.", "Try again in a minute.")
    return Forbidden("This desk does not answer to your network.", "Ask whoever runs it to allow your address.")


def of(desk: Desk, kind: type[G]) -> G:
    """The values that hold now. Raises SQLAlchemyError only where the store was never read before."""
    given, chosen = _given(desk, kind), _chosen(desk, kind)
    try:
        return kind.model_validate(given | chosen)
    except (ValidationError, BadInput) as wrong:  # chosen in a version of the desk that had other bounds
        log.warning(
            "what was chosen of %s does not hold any more, the installation's own values do: %s", kind.NAME, wrong
        )
        return kind.model_validate(given)


def origins(desk: Desk, kind: type[Group]) -> dict[str, Origin]:
    """Where each value comes from."""
    chosen = _chosen(desk, kind)
    given = desk.settings.model_fields_set if kind.OF_SETTINGS else set()
    return {
        name: "chosen" if name in chosen else "environment" if name in given else "default"
        for name in kind.model_fields
    }


def without(desk: Desk, kind: type[Group]) -> dict[str, Any]:
    """What would hold if nothing had been chosen."""
    return kind.model_validate(_given(desk, kind)).model_dump()


def choose(desk: Desk, kind: type[G], **values: Any) -> G:
    """Choose some values of a group; None takes a choice back. Returns the group as it holds from now on.

    Raises Forbidden, and BadInput naming the field. The password of the mail server is given in clear and sealed here; it
    belongs to the server and user it was given for, and is forgotten when one of them changes without it.
    """
    installation.require(desk, CHANGE)
    assert values.keys() <= kind.model_fields.keys()
    with desk.store.writing() as session:
        before = (rows.get(session, kind.NAME) or ({}, None))[0]
        wanted: dict[str, Any] = {name: value for name, value in (before | values).items() if value is not None}
        if kind is Mail:
            _seal(desk, before, wanted, values)
        made = _checked(desk, kind, wanted)
        kept = {name: value for name, value in made.model_dump(mode="json").items() if name in wanted}
        changed = sorted(name for name in kind.model_fields if kept.get(name) != before.get(name))
        if changed:
            rows.set(session, kind.NAME, kept)
            audit.note(desk, session, "installation.changed", kind.NAME, fields=changed)
    _read.pop(desk.store, None)
    return made


def _seal(desk: Desk, before: dict[str, Any], wanted: dict[str, Any], values: dict[str, Any]) -> None:
    moved = any(wanted.get(part) != before.get(part) for part in ("host", "user"))
    if values.get("password"):
        wanted["password"] = sealing.seal(desk, values["password"], *SEAL)
    elif moved or "password" in values:
        wanted.pop("password", None)


def _checked(desk: Desk, kind: type[G], chosen: dict[str, Any]) -> G:
    try:
        made = kind.model_validate(_given(desk, kind) | chosen)
    except ValidationError as wrong:
        raise _sentence(kind, wrong) from wrong
    if isinstance(made, Mail) and made.user and made.security == "none" and not this_computer(made.host):
        raise BadInput(
            "A user name and its password are never sent without encryption.",
            "Choose STARTTLS or TLS, or leave the user name empty.",
            field="security",
        )
    if isinstance(made, Access) and desk.caller.address and not made.allows(desk.caller.address):
        raise BadInput(
            f"Your own address, {desk.caller.address}, is in none of these networks: you would lock yourself out.",
            "Add a network that holds it.",
            field="networks",
        )
    return made


def _sentence(kind: type[Group], wrong: ValidationError) -> BadInput:
    """The first thing that is wrong, in a sentence."""
    first = wrong.errors()[0]
    name, told = str(first["loc"][0]), first.get("ctx", {})
    bounds = {"ge": "at least", "le": "at most", "max_length": "at most so many characters:"}
    why = next((f"{words} {told[key]:,}" for key, words in bounds.items() if key in told), "another kind of value")
    return BadInput(f"{kind.model_fields[name].title}: this has to be {why}.", "Change it and save again.", field=name)


def _given(desk: Desk, kind: type[Group]) -> dict[str, Any]:
    """What Settings says of this group."""
    return {name: getattr(desk.settings, name) for name in kind.model_fields} if kind.OF_SETTINGS else {}


def _chosen(desk: Desk, kind: type[Group]) -> dict[str, Any]:
    return dict(_stored(desk).get(kind.NAME, ({},))[0])


def _stored(desk: Desk) -> Stored:
    """The rows, at most FRESH_SECONDS old; older ones while the store does not answer."""
    read_at, stored = _read.get(desk.store, (None, {}))
    if read_at is not None and time.monotonic() - read_at < FRESH_SECONDS:
        return stored
    try:
        with desk.store.reading() as session:
            stored = rows.all(session)
    except SQLAlchemyError as problem:
        if read_at is None:
            raise
        log.warning("the store did not answer, what was chosen before still holds: %s", problem)
    _read[desk.store] = time.monotonic(), stored
    return stored
