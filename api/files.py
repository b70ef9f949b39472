"""Downloads by signed link: whoever holds the link gets that one file, until it expires or is revoked."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.downloads import download
from core import links

router = APIRouter(prefix="/api/files", include_in_schema=False)


@router.api_route("/{token}", methods=["GET", "HEAD"])
def by_link(request: Request, token: str) -> Response:
    return download(request, links.open(request.app.state.desk, token))
