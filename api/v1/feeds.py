"""Fresh data: where datasets are fetched from, and fetching them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Acting, TokenRoute, needs
from api.v1.shapes import JobOut, job_out
from core import feeds
from core.desk import Desk
from core.errors import NotFound
from core.feeds import OnChange

router = APIRouter(prefix="/datasets", tags=["datasets"], route_class=TokenRoute)


class NewFeed(BaseModel):
    """Where from. Secrets go in and never come out; those that are kept stay where the server and user are the same."""

    model_config = ConfigDict(extra="forbid")

    method: str = Field(description="web, s3, sftp, ftp, folder, postgresql, sqlite.")
    options: dict[str, Any] = Field(description="Of that way.")
    secrets: dict[str, str] = Field(default_factory=dict, description='In clear; "" forgets one.')
    on_change: OnChange = Field(default="warn", description="What happens when its columns are others than before.")
    sheet: str | None = Field(default=None, description="Of a workbook; absent: as before, of new data its first.")


class NewDataset(NewFeed):
    name: str = Field(min_length=1, max_length=120)


class FeedOut(BaseModel):
    method: str
    place: str  # where that is, in a few words
    options: dict[str, Any]  # nothing to those who may not change it
    secrets: list[str]  # which are kept, never what they say
    on_change: str
    sheet: str  # of a workbook, where one was chosen
    refreshed_at: datetime | None  # when it was last fetched
    error: dict[str, Any] | None  # of the last time, if that did not work


def _out(desk: Desk, feed: feeds.Feed) -> FeedOut:
    return FeedOut(
        method=feed.method,
        place=feeds.place(feed),
        options=feeds.options(desk, feed),
        secrets=sorted(feed.secrets),
        on_change=feed.on_change,
        sheet=feeds.sheet(feed),
        refreshed_at=feed.refreshed_at,
        error=feed.error,
    )


@router.post("/fetched", status_code=202, summary="Add a dataset from elsewhere", openapi_extra=needs("datasets:write"))
def add(desk: Acting, new: NewDataset) -> JobOut:
    """It appears once it was fetched and read: follow the job."""
    given = new.model_dump() | {"sheet": new.sheet or ""}
    return job_out(desk, feeds.add(desk, **given))


@router.put("/{dataset}/feed", summary="Say where a dataset is fetched from", openapi_extra=needs("datasets:write"))
def connect(desk: Acting, dataset: str, new: NewFeed) -> FeedOut:
    given = new.model_dump()
    return _out(desk, feeds.connect(desk, dataset, **given))


@router.get("/{dataset}/feed", summary="Where a dataset comes from", openapi_extra=needs("datasets:read"))
def one(desk: Acting, dataset: str) -> FeedOut:
    """404 for a dataset from a file that was added by hand."""
    feed = feeds.get(desk, dataset)
    if feed is None:
        raise NotFound("This dataset is fetched from nowhere.", "Say first where it comes from.")
    return _out(desk, feed)


@router.post(
    "/{dataset}/refresh", status_code=202, summary="Fetch a dataset now", openapi_extra=needs("datasets:write")
)
def refresh(desk: Acting, dataset: str) -> JobOut:
    """The job that is on its way already, where there is one."""
    return job_out(desk, feeds.refresh(desk, dataset))


@router.delete(
    "/{dataset}/feed", status_code=204, summary="Fetch a dataset no more", openapi_extra=needs("datasets:write")
)
def disconnect(desk: Acting, dataset: str) -> Response:
    feeds.disconnect(desk, dataset)
    return Response(status_code=204)
