"""A backup made, and one brought back."""

from __future__ import annotations

from pathlib import Path

from core import uploads
from core.backup import backups
from core.work import inline


def backed_up(desk) -> Path:
    job = backups.start(desk)
    inline.run_queued(desk)
    assert backups.get(desk, job.id).state == "succeeded", backups.get(desk, job.id).error
    return backups.file(desk, job.id).path


def restored(desk, path: Path | bytes, into: str | None = "Copy"):
    """The ended job, and a Desk of the workspace it made."""
    upload = uploads.store(desk, "backup.zip", path if isinstance(path, bytes) else path.read_bytes())
    job = backups.restore(desk, upload.id, into=into)
    inline.run_queued(desk)
    done = backups.get(desk, job.id)
    there = desk.acting_as(done.result["workspace"], desk.account_id) if done.result else None
    return done, there
