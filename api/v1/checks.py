"""Check a file: was it exported here, and by which export?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.auth import Acting, TokenRoute, needs
from api.multipart import Form
from api.streams import received
from core import checks, uploads
from core.desk import Desk

WAIT_SECONDS = 60  # a longer check answers 202

router = APIRouter(prefix="/check", tags=["check"], route_class=TokenRoute)

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class CheckOut(BaseModel):
    """verdict: bytes (this very file), values (the same rows and columns), near (something was changed), none, unreadable
    (not this very file, and no table to compare); absent while it goes on."""

    id: str
    verdict: str | None = None
    said: str = ""  # the verdict in plain words
    differs: list[str] = []  # from the export it comes nearest to
    job: str | None = None  # id of the export
    name: str | None = None
    file: str | None = None
    by: str | None = None
    at: datetime | None = None
    url: str


def _out(job_id: str, found: checks.Found | None) -> CheckOut:
    url = f"/api/v1/check/{job_id}"
    if found is None:
        return CheckOut(id=job_id, url=url)
    verdict, export = found.verdict, found.export
    return CheckOut(
        id=job_id,
        verdict=verdict.verdict,
        said=checks.sentence(found),
        differs=verdict.said,
        job=export.id if export else None,
        name=export.name if export else None,
        file=verdict.file or None,
        by=found.by or None,
        at=export.created_at if export else None,
        url=url,
    )


@router.post(
    "",
    summary="Is a file one that was exported here?",
    response_model=CheckOut,
    openapi_extra={**needs("jobs:read"), **FORM},
    responses={202: {"model": CheckOut, "description": "It takes longer: ask `url` again."}},
)
async def check(request: Request, desk: Acting) -> Response:
    """Only exports you can see count. The file is forgotten afterwards."""

    def store(pieces: Iterator[bytes]) -> uploads.Upload:
        form = Form(request.headers.get("content-type", ""), pieces)
        return uploads.store(desk, form.seek(), form.contents(), use="exports.check")

    upload = await received(request, store)
    return await anyio.to_thread.run_sync(_checked, desk, upload.id)


def _checked(desk: Desk, upload_id: str) -> Response:
    job = checks.check(desk, upload_id)
    found = checks.wait(desk, job.id, WAIT_SECONDS)
    return JSONResponse(_out(job.id, found).model_dump(mode="json"), 200 if found else 202)


@router.get("/{job_id}", summary="What came of a check", openapi_extra=needs("jobs:read"))
def one(desk: Acting, job_id: str) -> CheckOut:
    return _out(job_id, checks.found(desk, job_id))
