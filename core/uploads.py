"""Files on their way in. Bytes go straight to the disk; the row says how many are safely there.

An upload grows by chunks at exact offsets, so a lost connection costs one chunk at most and two tabs cannot interleave. Its
row is the truth: bytes beyond `received` (a server that died in mid-chunk) are cut away before the next are written.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from core import choices, signing
from core.access import roles, sign_in
from core.desk import Desk
from core.errors import BadFile, BadInput, Conflict, DiskFull, LimitReached, NotAllowed, NotFound
from core.keeping import space
from storage import uploads as rows
from storage.tables import Upload, utc_now

__all__ = ["Upload", "append", "begin", "cancel", "from_ticket", "get", "path", "store", "ticket", "whole"]

PASS = "upload from a sign-in"  # what is signed: an earlier version's tickets said less
TICKET_SECONDS = 60 * 60  # a page renews it as it goes
SPARE_BYTES = 256 * 1024**2  # what an upload leaves free on the disk: room for the table made of it, and for the store
PIECE_BYTES = 1024**2
MAX_NAME = 255  # characters


def ticket(desk: Desk) -> str:
    """A short-lived signed pass for /api/uploads: which workspace the bytes are for, who sends them, from which sign-in."""
    return signing.sign_for_now(desk, PASS, [desk.workspace_id, desk.account_id, desk.sign_in_id])


def from_ticket(desk: Desk, ticket: str) -> Desk:
    """The Desk a ticket was made for.

    Raises NotAllowed for a missing, forged or expired one, and for that of a browser that was signed out since.
    """
    if not ticket:
        raise NotAllowed("An upload needs a ticket.", "Reload the page and try again.")
    workspace_id, account_id, sign_in_id = signing.read_fresh(desk, PASS, ticket, TICKET_SECONDS)
    acting = replace(desk.acting_as(workspace_id, account_id), sign_in_id=sign_in_id)
    sign_in.require_open(acting)
    return acting


def begin(desk: Desk, name: str, size: int, *, use: str = "data.add") -> Upload:
    """Announce a file of `size` bytes. `use`: what it is for, a key of roles.USE_CASES; what becomes of it asks once more.

    Raises Forbidden, BadFile (empty), LimitReached (too large), DiskFull (no room).
    """
    roles.require(desk, use)
    name = _plain(name)
    if size <= 0:
        raise BadFile(f"“{name}” is empty.", "Choose a file with something in it.")
    _fits(desk, name, size)
    expires_at = utc_now() + timedelta(hours=choices.retention(desk).upload_hours)
    with desk.store.writing() as session:
        upload = rows.add(session, desk.workspace_id, desk.account_id, name=name, size=size, expires_at=expires_at)
    path(desk, upload.id).touch(mode=0o600)  # after the row: a file without one is swept away
    return upload


def get(desk: Desk, upload_id: str) -> Upload:
    """Raises NotFound, also for another workspace's."""
    with desk.store.reading() as session:
        upload = rows.get(session, desk.scope, upload_id)
    if upload is None:
        raise NotFound("This upload is no longer there.", "Choose the file again.")
    return upload


def append(desk: Desk, upload_id: str, offset: int, pieces: bytes | BinaryIO | Iterable[bytes]) -> int:
    """Write `pieces` at `offset` and return the bytes now received. What arrived before a broken connection is kept.

    Raises Conflict with `details["received"]` where the offset is not where the file ends, or another chunk is being
    written; BadInput for more bytes than were announced; DiskFull.
    """
    upload = get(desk, upload_id)
    with _locked(path(desk, upload_id), upload.received) as file:
        received = get(desk, upload_id).received  # again, now that nobody else writes
        if offset != received:
            raise Conflict(f"The upload goes on at byte {received}, not at {offset}.", received=received)
        file.truncate(received)
        file.seek(received)
        try:
            for piece in _cut(pieces):
                if received + len(piece) > upload.size:
                    raise BadInput(
                        f"More arrived than the {upload.size:,} bytes that were announced.", "Start the upload again."
                    )
                _write(file, piece)
                received += len(piece)
        except OSError as trouble:
            raise _no_room(trouble, upload.name) from trouble
        finally:
            if received > offset:
                _safe(file)
                with desk.store.writing() as session:
                    rows.set_received(session, desk.scope, upload_id, received)
    return received


def cancel(desk: Desk, upload_id: str) -> None:
    """Forget an upload and its bytes."""
    with desk.store.writing() as session:
        found = rows.remove(session, desk.scope, upload_id)
    if found:
        path(desk, upload_id).unlink(missing_ok=True)


def store(desk: Desk, name: str, pieces: bytes | BinaryIO | Iterable[bytes], *, use: str = "data.add") -> Upload:
    """Take a whole file whose size is not known beforehand (an API request, a paste). Raises what `begin` raises."""
    name = _plain(name)
    upload = begin(desk, name, 1, use=use)
    received = 0
    try:
        with path(desk, upload.id).open("wb", buffering=0) as file:
            for piece in _cut(pieces):
                received += len(piece)
                if received % (64 * 1024**2) < len(piece):
                    _fits(desk, name, received)
                _write(file, piece)
            _fits(desk, name, received)
            _safe(file)
        if not received:
            raise BadFile(f"“{name}” is empty.", "Choose a file with something in it.")
        with desk.store.writing() as session:
            rows.set_received(session, desk.scope, upload.id, received, size=received)
        return get(desk, upload.id)
    except BaseException as trouble:
        cancel(desk, upload.id)
        if isinstance(trouble, OSError):
            raise _no_room(trouble, name) from trouble
        raise


def path(desk: Desk, upload_id: str) -> Path:
    """Where the bytes of an upload are."""
    return desk.files.upload(upload_id)


def whole(desk: Desk, upload_id: str) -> Upload:
    """The upload, all of it received. Raises Conflict while bytes are missing."""
    upload = get(desk, upload_id)
    if upload.received != upload.size:
        raise Conflict(
            f"“{upload.name}” has not arrived whole: {upload.received:,} of {upload.size:,} bytes.",
            "Finish the upload first.",
            received=upload.received,
        )
    return upload


def _plain(name: str) -> str:
    """The file's name without folders and control characters, as people typed it otherwise."""
    name = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip()
    if not name:
        raise BadInput("The file has no name.", "Give it one, with its ending: orders.csv.", field="name")
    stem, dot, ending = name.rpartition(".")
    return name if len(name) <= MAX_NAME else f"{stem[: MAX_NAME - len(ending) - 1]}{dot}{ending}"[:MAX_NAME]


def _fits(desk: Desk, name: str, size: int) -> None:
    limit = choices.limits(desk).max_upload_mb
    if size > limit * 1024**2:
        raise LimitReached(
            f"“{name}” is larger than the {limit:,} MB this desk takes.",
            "Split the file, or ask whoever runs the desk to raise the limit in its settings.",
        )
    space.require(desk, size, lambda: size, f"“{name}”")
    free = desk.files.free_bytes()
    if size + SPARE_BYTES > free:
        raise DiskFull(
            f"There is no room for “{name}”: {free // 1024**2:,} MB are free on the desk's disk.",
            "Delete datasets or exports you no longer need, then try again.",
        )


def _no_room(trouble: OSError, name: str) -> Exception:
    if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"The disk became full while “{name}” arrived.", "Make room, then send it again.")
    return trouble


@contextmanager
def _locked(path: Path, received: int) -> Iterator[BinaryIO]:
    """The upload's file, while nobody else writes to it: the lock ends with the process that holds it."""
    with path.open("r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise Conflict("Another part of this file is being written.", received=received) from busy
        yield file


def _cut(pieces: bytes | BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(pieces, bytes):
        return [pieces]
    reading = getattr(pieces, "read", None)
    return iter(lambda: reading(PIECE_BYTES), b"") if reading else pieces  # a file's own iterator would go line by line


def _write(file: BinaryIO, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:  # an unbuffered write may stop short, and a buffer would fail a second time when it is closed
        rest = rest[file.write(rest) :]


def _safe(file: BinaryIO) -> None:
    os.fsync(file.fileno())
