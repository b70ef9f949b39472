"""A finished file as an answer: streamed from disk, in ranges, under the name people gave it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from core.exports import FileRef

LATER_PIECE = re.compile(r"bytes=[1-9][0-9]*-[0-9]*")  # anything else may hold the beginning, however it is written


def attachment(name: str) -> str:
    """A Content-Disposition for any name (RFC 6266): plain ASCII for old readers, `filename*` (RFC 5987) for the rest."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join("_" if c in '"\\%' or not c.isprintable() else c for c in plain).strip()
    if not plain or plain.startswith("."):
        plain = f"export{plain}"
    if plain == name:
        return f'attachment; filename="{name}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class Download(FileResponse):
    """GET and HEAD with Range, If-Range (206, 416): Starlette's, in larger pieces."""

    chunk_size = 256 * 1024


def download(request: Request, file: FileRef, note: Callable[[bool], object], *, always: bool = False) -> Response:
    """The file itself, or 304 where the asker has it already. The ETag is the file's SHA-256: it is never another file.

    `note` is called where something of it goes out, which a HEAD or a 304 does not; with True for a piece that is plainly not
    its beginning, and so most likely of a download that was noted. `always`: it goes out whatever the method is.
    """
    tag = f'"{file.sha256}"'
    headers = {
        "ETag": tag,
        "X-Checksum": f"sha256:{file.sha256}",
        "Content-Disposition": attachment(file.name),
        "Cache-Control": "private, no-cache",
    }
    known = [t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if request.method == "GET" or always:
        note(LATER_PIECE.fullmatch(request.headers.get("range", "")) is not None)
    return Download(file.path, media_type=file.media_type, headers=headers)
