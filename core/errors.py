"""Everything that can go wrong, as one tree.

    DeskError                 title, message, what to do next
    ├── BadInput              the person's data, spec or request: final, say what to mend
    │   ├── BadFile           an uploaded file that cannot be read (row and raw text where known)
    │   ├── BadSpec           a spec that cannot run (unknown column, empty filter value …)
    │   └── NotFound          no such thing, or it belongs to another workspace
    │       └── Gone          a file or a link that was there: its time is over
    ├── NotAllowed            no token, a wrong one, or one without the scope
    │   └── WrongPassword     somebody who is signed in was asked for their password once more
    ├── Conflict              the thing is in a state that forbids this (already finished, newer version …)
    ├── LimitReached          a row, time, memory or size limit of the job or the server: final
    │   ├── DiskFull
    │   └── TooMany           asked more often than allowed: the same may be asked again after `retry_after` seconds
    ├── MailRefused           the mail server, or its certificate, said no: final
    ├── Undeliverable         a destination said no, or may not be reached: final
    ├── Unfetchable           where data comes from said no, gave something else, or may not be reached: final
    ├── Cancelled             somebody pressed Cancel: no failure
    └── Trouble               a passing fault (locked database, dead child): retried with backoff
        ├── MailUnreachable   the mail server does not answer just now
        ├── Unreachable       a destination does not answer just now, or says it is busy
        └── Unanswered        where data comes from does not answer just now, or says it is busy

`final` tells the supervisor whether a retry could help. The API turns `status` into its HTTP code; the
screens show `title`, `message` and `next_step` as three lines.
"""

from __future__ import annotations

from typing import Any, ClassVar


class DeskError(Exception):
    """A failure with a name: what happened (to which row or field) and what to do next."""

    title: ClassVar[str] = "Something went wrong"
    status: ClassVar[int] = 500
    final: ClassVar[bool] = True

    def __init__(self, message: str, next_step: str = "", *, field: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.field = field
        self.details = details

    def as_dict(self) -> dict[str, Any]:
        """The JSON form used by job rows, the API and the receipt."""
        return {
            "code": type(self).__name__,
            "title": self.title,
            "message": self.message,
            "next_step": self.next_step,
            "field": self.field,
            "final": self.final,
            "details": self.details,
        }


AGAIN = "Try again in a moment."  # what a passing fault advises: it does not know whether anything does so by itself


class BadInput(DeskError):
    title = "That does not work yet"
    status = 400


class BadFile(BadInput):
    title = "This file cannot be read"


class BadSpec(BadInput):
    title = "This export cannot run yet"
    status = 422


class NotFound(BadInput):
    title = "Not found"
    status = 404


class Gone(NotFound):
    title = "No longer here"
    status = 410


class NotAllowed(DeskError):
    title = "You need permission for this"
    status = 401


class WrongPassword(NotAllowed):
    title = "This password is wrong"


class Forbidden(NotAllowed):
    status = 403


class Conflict(DeskError):
    title = "That is no longer possible"
    status = 409


class LimitReached(DeskError):
    title = "A limit was reached"
    status = 413


class DiskFull(LimitReached):
    title = "The disk is full"
    status = 507


class TooMany(LimitReached):
    title = "Too many requests"
    status = 429
    final = False


class MailRefused(DeskError):
    title = "The mail was not sent"
    status = 502


class Undeliverable(DeskError):
    title = "The file was not delivered"
    status = 502


class Unfetchable(DeskError):
    title = "The data was not fetched"
    status = 502


class Cancelled(DeskError):
    title = "Cancelled"
    status = 409


class Trouble(DeskError):
    title = "A passing problem"
    status = 503
    final = False


class MailUnreachable(Trouble):
    title = "The mail was not sent"


class Unreachable(Trouble):
    title = "The file was not delivered"


class Unanswered(Trouble):
    title = "The data was not fetched"


def tree(root: type[DeskError] = DeskError) -> dict[str, type[DeskError]]:
    """`root` and all below it, by name."""
    found = {root.__name__: root}
    for child in root.__subclasses__():
        found |= tree(child)
    return found


def tried_again(problem: DeskError) -> DeskError:
    """A passing fault of a job that has tries left, which goes on without anybody."""
    said = problem.as_dict()
    return from_dict(said | {"next_step": said["next_step"].replace(AGAIN, "It is tried again by itself.")})


def from_dict(data: dict[str, Any]) -> DeskError:
    """Rebuild the error a child process reported; an unknown code becomes a plain DeskError."""
    kind = tree().get(str(data.get("code")), DeskError)
    return kind(
        str(data.get("message", "")),
        str(data.get("next_step", "")),
        field=data.get("field"),
        **(data.get("details") or {}),
    )
