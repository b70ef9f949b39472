"""Downloads by signed link: whoever holds the link gets that one file, until it expires or is revoked.

A link may ask for a password: in a browser on a page of its own, from a program as a form with the field `password`.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.auth import caller
from api.door import pages
from api.door.forms import Fields
from api.downloads import download
from core import audit_file, links
from core.backup import backups
from core.desk import Desk
from core.errors import DeskError, NotAllowed, NotFound, TooMany, WrongPassword

router = APIRouter(prefix="/api/files", include_in_schema=False)


@router.api_route("/{token}", methods=["GET", "HEAD"])
def by_link(request: Request, token: str) -> Response:
    return _answer(request, token, None)


@router.post("/{token}")
def unlocked(request: Request, token: str, form: Fields) -> Response:
    return _answer(request, token, form.get("password", ""))


@router.api_route("/backup/{token}", methods=["GET", "HEAD"])
def backup(request: Request, token: str) -> Response:
    opened = backups.open(request.app.state.desk, token, caller(request))
    return download(request, opened.file, lambda piece: backups.fetched(opened.desk, opened.file, piece=piece))


@router.api_route("/activity/{token}", methods=["GET", "HEAD"])
def activity(request: Request, token: str) -> Response:
    """The audit log as a file: that it was made is noted already."""
    return download(request, audit_file.open(request.app.state.desk, token, caller(request)), lambda _piece: None)


def _answer(request: Request, token: str, password: str | None) -> Response:
    desk: Desk = request.app.state.desk
    try:
        opened = links.open(desk, token, caller(request), password=password)
    except (WrongPassword, TooMany) as error:
        return _ask(request, None if error.details.get("asked") else error) if _reads_pages(request) else _raised(error)
    except (NotFound, NotAllowed) as error:
        return _gone(request, error) if _reads_pages(request) else _raised(error)
    return download(
        request, opened.file, lambda piece: links.downloaded(opened, piece=piece), always=password is not None
    )


def _ask(request: Request, error: DeskError | None) -> Response:
    answer = pages.page(request, "link_password", error=error)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _gone(request: Request, error: DeskError) -> Response:
    """Said kindly: whoever was sent a link need not know this desk."""
    answer = pages.page(request, "link", error=error, title=error.title)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _reads_pages(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _raised(error: DeskError) -> Response:
    raise error
