"""What people are told, how long files are kept, and what takes space."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Acting, TokenRoute, needs
from api.v1.shapes import JobOut, job_out
from core import bulk, exports
from core.keeping import retention, space
from core.notifying import notices

router = APIRouter(tags=["keeping"], route_class=TokenRoute)


class NoticeOut(BaseModel):
    """Something the token's owner was told."""

    id: str
    kind: str  # finished, failed, held, expiring, asked
    title: str
    text: str
    path: str  # of the screen it leads to
    at: datetime
    read_at: datetime | None


class NoticePage(BaseModel):
    notices: list[NoticeOut]
    unread: int
    page: int  # from 1
    size: int
    total: int


class Read(BaseModel):
    """Which notices were read; absent: all."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] | None = Field(default=None, max_length=1000)


class Marked(BaseModel):
    read: int  # that were unread before


class Keep(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kept: bool = Field(description="true: the files stay until somebody says otherwise; false: their time runs.")


class Bulk(BaseModel):
    """Many datasets in one zip, a file each, with a manifest."""

    model_config = ConfigDict(extra="forbid")

    datasets: list[str] | None = Field(default=None, description="Ids or slugs; absent: all.")
    format: str = Field(default="csv", description="Of each file.")
    by_month: bool = Field(
        default=False, description="A file for every month of a dataset's main date, where it has one."
    )
    name: str = Field(default="", max_length=120)


class ThingOut(BaseModel):
    kind: str  # dataset, export, backup, upload
    id: str
    name: str  # "" where somebody keeps it to themselves
    owner: str
    bytes: int
    since: datetime
    versions: int
    binned: bool


class StorageOut(BaseModel):
    """What the workspace takes, in bytes; `largest` are the first of what takes most."""

    datasets: int
    exports: int
    uploads: int
    binned: int
    quota: int | None
    free: int  # on the disk
    largest: list[ThingOut]


class LeavingOut(BaseModel):
    job: str
    name: str
    files: int
    bytes: int
    since: datetime


class Cleaned(BaseModel):
    """Whose time is over, and what that is in bytes."""

    leaving: list[LeavingOut]
    bytes: int


@router.get("/notices", summary="What the token's owner was told, newest first", openapi_extra=needs("jobs:read"))
def told(
    desk: Acting,
    page: Annotated[int, Query(ge=1)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 25,
) -> NoticePage:
    found, total = notices.list(desk, page=page, size=size)
    shown = [
        NoticeOut(id=n.id, kind=n.kind, title=n.title, text=n.text, path=n.path, at=n.created_at, read_at=n.read_at)
        for n in found
    ]
    return NoticePage(notices=shown, unread=notices.unread(desk), page=page, size=size, total=total)


@router.post("/notices/read", summary="Mark notices as read", openapi_extra=needs("jobs:write"))
def read(desk: Acting, which: Read) -> Marked:
    return Marked(read=notices.read(desk, which.ids))


@router.post("/jobs/{job_id}/keep", summary="Keep an export's files, or let them go", openapi_extra=needs("jobs:write"))
def keep(desk: Acting, job_id: str, wanted: Keep) -> JobOut:
    retention.keep(desk, job_id, wanted.kept)
    return job_out(desk, exports.get(desk, job_id))


@router.post("/bulk", status_code=202, summary="Export many datasets in one zip", openapi_extra=needs("jobs:write"))
def many(desk: Acting, wanted: Bulk) -> JobOut:
    job = bulk.start(desk, wanted.datasets, format=wanted.format, by_month=wanted.by_month, name=wanted.name)
    return job_out(desk, job)


@router.get("/storage", summary="What takes space in the workspace", openapi_extra=needs("storage:read"))
def storage(desk: Acting, size: Annotated[int, Query(ge=1, le=100)] = 25) -> StorageOut:
    found = space.things(desk)
    use = space.use(desk, found)
    return StorageOut(
        datasets=use.datasets,
        exports=use.exports,
        uploads=use.uploads,
        binned=use.binned,
        quota=use.quota,
        free=desk.files.free_bytes(),
        largest=[ThingOut(**thing.__dict__) for thing in found[:size]],
    )


@router.get("/storage/leaving", summary="What a clean-up would take away", openapi_extra=needs("storage:read"))
def leaving(desk: Acting) -> Cleaned:
    return _cleaned(retention.leaving(desk))


@router.post("/storage/clean", summary="Take it away now", openapi_extra=needs("storage:write"))
def clean(desk: Acting) -> Cleaned:
    return _cleaned(retention.clean(desk))


def _cleaned(found: Sequence[retention.Leaving]) -> Cleaned:
    shown = [LeavingOut(job=o.job_id, name=o.name, files=o.files, bytes=o.bytes, since=o.since) for o in found]
    return Cleaned(leaving=shown, bytes=sum(one.bytes for one in found))
