"""Files on their way in, in chunks that survive a lost connection. The browser's upload box speaks this.

Nothing here needs more memory than one piece: a chunk goes from the socket to the disk. A short-lived signed ticket says
whose upload it is; the cookie is never asked, so no other website can send anything.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.streams import received
from core import uploads
from core.desk import Desk
from core.errors import Conflict

CHUNK_BYTES = 8 * 1024**2  # what the browser sends at a time: lost at most once more after a broken connection

router = APIRouter(prefix="/api/uploads", include_in_schema=False)


def ticketed(request: Request, x_upload_ticket: Annotated[str, Header()] = "") -> Desk:
    """The Desk the ticket was made for. Raises NotAllowed for a missing, forged or expired one."""
    return uploads.from_ticket(request.app.state.desk, x_upload_ticket)


Ticketed = Annotated[Desk, Depends(ticketed)]


class NewUpload(BaseModel):
    name: str = Field(max_length=1000)
    size: int = Field(ge=0, description="Bytes of the whole file.")


class State(BaseModel):
    id: str
    name: str
    size: int
    received: int  # bytes on disk: where to go on
    chunk: int = CHUNK_BYTES


def _state(upload: uploads.Upload) -> State:
    return State(id=upload.id, name=upload.name, size=upload.size, received=upload.received)


@router.post("", status_code=201)
def begin(desk: Ticketed, new: NewUpload) -> State:
    # a page that gives a ticket may only want it checked, which is the least; whatever makes data of it asks for itself
    return _state(uploads.begin(desk, new.name, new.size, use="exports.check"))


@router.get("/{upload_id}")
def state(desk: Ticketed, upload_id: str) -> State:
    return _state(uploads.get(desk, upload_id))


@router.put("/{upload_id}")
async def append(request: Request, desk: Ticketed, upload_id: str, offset: int) -> JSONResponse:
    """Add the body at `offset`; 409 with `received` where the two sides disagree, so that the sender goes on from there."""
    try:
        now = await received(request, lambda pieces: uploads.append(desk, upload_id, offset, pieces))
    except Conflict as conflict:
        return JSONResponse({"received": conflict.details.get("received"), "error": conflict.as_dict()}, 409)
    return JSONResponse({"received": now})


@router.delete("/{upload_id}", status_code=204)
def cancel(desk: Ticketed, upload_id: str) -> Response:
    uploads.cancel(desk, upload_id)
    return Response(status_code=204)
