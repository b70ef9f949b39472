"""A whole workspace in one file, and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.auth import Acting, TokenRoute, needs
from api.downloads import download
from api.multipart import Form
from api.streams import received
from core import uploads
from core.backup import backups
from core.errors import DeskError
from storage.tables import Job, JobKind

router = APIRouter(prefix="/backups", tags=["backups"], route_class=TokenRoute)
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "into": {
                            "type": "string",
                            "description": "Before the file: the name of a new workspace; absent: this one, which must be empty.",
                        },
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


class BackupOut(BaseModel):
    """A backup, or a restore, that the token's owner asked for. `url` of a finished backup wants the same token."""

    id: str
    kind: str  # backup, restore
    name: str
    state: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    bytes: int | None
    sha256: str | None
    counts: dict[str, int] | None  # how many of each kind of thing
    workspace: str | None  # restore: the id of the workspace it went into
    error: dict[str, Any] | None
    url: str | None


class BackupList(BaseModel):
    backups: list[BackupOut]


@router.post("", status_code=202, summary="Back up the workspace", openapi_extra=needs("storage:write"))
def start(desk: Acting) -> BackupOut:
    """What its owner sees: what is shared, and their own; without passwords and keys."""
    return _out(backups.start(desk))


@router.get("", summary="The last backups and restores, newest first", openapi_extra=needs("storage:read"))
def every(desk: Acting) -> BackupList:
    return BackupList(backups=[_out(job) for job in backups.list(desk)])


@router.post(
    "/restore",
    status_code=202,
    response_model=BackupOut,
    summary="Bring a backup back",
    openapi_extra={**needs("storage:write"), **FORM},
)
async def restore(request: Request, desk: Acting) -> Response:
    def store(pieces: Iterator[bytes]) -> tuple[uploads.Upload, str | None]:
        form = Form(request.headers.get("content-type", ""), pieces)
        upload = uploads.store(desk, form.seek(), form.contents())
        return upload, form.fields.get("into", "").strip() or None

    upload, into = await received(request, store)
    return await anyio.to_thread.run_sync(_restored, desk, upload.id, into)


def _restored(desk: Acting, upload_id: str, into: str | None) -> Response:
    try:
        job = backups.restore(desk, upload_id, into=into)
    except DeskError:
        uploads.cancel(desk, upload_id)
        raise
    return JSONResponse(_out(job).model_dump(mode="json"), 202)


@router.get("/{job_id}", summary="One of them", openapi_extra=needs("storage:read"))
def one(desk: Acting, job_id: str) -> BackupOut:
    return _out(backups.get(desk, job_id))


@router.get(
    "/{job_id}/file",
    summary="Its file (Range is understood)",
    openapi_extra=needs("storage:write"),
    response_class=Response,
)
def file(request: Request, desk: Acting, job_id: str) -> Response:
    found = backups.file(desk, job_id)
    return download(request, found, lambda piece: backups.fetched(desk, found, piece=piece))


def _out(job: Job) -> BackupOut:
    result = job.result or {}
    files = result.get("files") or [{}]
    return BackupOut(
        id=job.id,
        kind=job.kind,
        name=job.name,
        state=job.state,
        created_at=job.created_at,
        finished_at=job.finished_at,
        expires_at=job.expires_at,
        bytes=job.bytes,
        sha256=files[0].get("sha256"),
        counts=result.get("counts"),
        workspace=result.get("workspace"),
        error=job.error,
        url=f"/api/v1/backups/{job.id}/file" if job.kind == JobKind.BACKUP and job.result else None,
    )
