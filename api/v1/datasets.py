"""Bring data in, and see what there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.auth import Acting, TokenRoute, needs
from api.errors import Failure
from api.multipart import Form
from api.streams import received
from api.v1.shapes import Accepted, Added, DatasetOut, DatasetPage, dataset_out, job_out
from core import datasets, uploads
from core.errors import from_dict

WAIT_SECONDS = 60  # for the file to be read; a longer one answers 202

router = APIRouter(prefix="/datasets", tags=["datasets"], route_class=TokenRoute)

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "name": {"type": "string", "description": "What people call it; absent: the file's name."},
                    },
                }
            }
        },
    }
}


@router.post(
    "",
    status_code=201,
    response_model=Added,
    summary="Add a dataset from a file",
    openapi_extra={**needs("datasets:write"), **FORM},
    responses={
        202: {"model": Accepted, "description": "The file is large and still being read: follow the job."},
        413: {"model": Failure, "description": "The file is larger than this desk takes."},
    },
)
async def add(request: Request, desk: Acting) -> Response:
    """Spreadsheets, CSV, JSON, Parquet, also in .gz or .zip. A workbook's sheets become a dataset each."""

    def store(pieces: Iterator[bytes]) -> tuple[uploads.Upload, str | None]:
        form = Form(request.headers.get("content-type", ""), pieces)
        upload = uploads.store(desk, form.seek(), form.contents())
        return upload, form.fields.get("name", "").strip() or None

    upload, name = await received(request, store)
    return await anyio.to_thread.run_sync(_ingest, desk, upload.id, name)


def _ingest(desk: Acting, upload_id: str, name: str | None) -> Response:
    job = datasets.wait(desk, datasets.add(desk, upload_id, name=name).id, WAIT_SECONDS)
    if job.error:
        raise from_dict(job.error)
    if not job.result:
        return JSONResponse(Accepted(job=job_out(desk, job)).model_dump(mode="json"), 202)
    found = [dataset_out(desk, datasets.get(desk, made["id"])) for made in job.result["datasets"]]
    return JSONResponse(Added(**found[0].model_dump(), datasets=found).model_dump(mode="json"), 201)


@router.get("", summary="Datasets, newest first", openapi_extra=needs("datasets:read"))
def every(
    desk: Acting,
    page: Annotated[int, Query(ge=1)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 25,
    search: str = "",
) -> DatasetPage:
    found = datasets.list(desk, search=search)
    shown = found[(page - 1) * size : page * size]
    return DatasetPage(
        datasets=[dataset_out(desk, datasets.get(desk, d.id)) for d in shown], page=page, size=size, total=len(found)
    )


@router.get(
    "/{dataset}", summary="One dataset, by id or slug: its columns and rows", openapi_extra=needs("datasets:read")
)
def one(desk: Acting, dataset: str) -> DatasetOut:
    return dataset_out(desk, datasets.get(desk, dataset))


@router.delete(
    "/{dataset}", status_code=204, summary="Move a dataset to the bin", openapi_extra=needs("datasets:write")
)
def delete(desk: Acting, dataset: str) -> Response:
    datasets.move_to_bin(desk, datasets.get(desk, dataset).id)
    return Response(status_code=204)
