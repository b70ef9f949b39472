"""Downloads by signed link: whoever holds the link gets that one file, until it expires or is revoked."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.auth import caller
from api.downloads import download
from core import audit_file, exports, links

router = APIRouter(prefix="/api/files", include_in_schema=False)


@router.api_route("/{token}", methods=["GET", "HEAD"])
def by_link(request: Request, token: str) -> Response:
    opened = links.open(request.app.state.desk, token, caller(request))
    return download(request, opened.file, lambda: exports.downloaded(opened.desk, opened.file, link=opened.link_id))


@router.api_route("/activity/{token}", methods=["GET", "HEAD"])
def activity(request: Request, token: str) -> Response:
    """The audit log as a file: that it was made is noted already."""
    return download(request, audit_file.open(request.app.state.desk, token, caller(request)), lambda: None)
