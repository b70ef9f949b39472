"""Options that were drawn from a pydantic model, and the secrets beside them: how both are checked and kept.

What a screen or a program gives becomes a sentence where it does not fit. Secrets are sealed for workspace:thing:key before
they are stored, are never given out again, and never appear in what went wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from core import sealing
from core.desk import Desk
from core.errors import AGAIN, BadInput, DeskError, Trouble

LONGEST_SECRET = 20_000  # characters: a private key of any usual kind is shorter
HIDDEN = "•••"
SHORTEST_HIDDEN = 3  # characters: anything shorter stands in every sentence

ModelT = TypeVar("ModelT", bound=BaseModel)


def checked(model: type[ModelT], given: Mapping[str, Any]) -> ModelT:
    """The options as their model has them. Raises BadInput for the first one that does not fit, by its name on the screens."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        field = model.model_fields.get(name)
        called = (field.title if field else None) or name or "This"
        raise BadInput(f"{called}: {_why(first)}.", "Change it and try again.", field=name or None) from None


def _why(error: Any) -> str:
    """What pydantic found, in words. What was typed is not repeated: it may be a secret in the wrong field."""
    told = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "this is needed"
        case "extra_forbidden":
            return "there is no such option"
        case "value_error":
            return str(told.get("error", "this does not fit")).rstrip(".")
        case "string_too_short" | "too_short":
            return "this is needed"
        case "string_too_long" | "too_long":
            return f"at most {told['max_length']:,}"
        case "greater_than_equal":
            return f"at least {told['ge']:,}"
        case "less_than_equal":
            return f"at most {told['le']:,}"
        case "literal_error":
            return f"one of {told['expected']}"
        case _:
            return "this has to be another kind of value"


def sealed(
    desk: Desk,
    before: Mapping[str, str],
    given: Mapping[str, str],
    known: Collection[str],
    workspace_id: str,
    row_id: str,
) -> dict[str, str]:
    """What to store: those of `before` (sealed), less those `given` as "", and the others `given` (in clear), sealed.

    Raises BadInput for one that is not `known`, or too long.
    """
    for key, text in given.items():
        if key not in known:
            raise BadInput(f"There is no secret called “{key}” here.", f"There are: {', '.join(known)}.", field=key)
        if len(text) > LONGEST_SECRET:
            raise BadInput("This secret is too long.", f"At most {LONGEST_SECRET:,} characters.", field=key)
    kept = {key: text for key, text in before.items() if key not in given}
    return kept | {
        key: sealing.seal(desk, text, workspace_id, row_id, key) for key, text in given.items() if text.strip()
    }


def opened(desk: Desk, kept: Mapping[str, str], workspace_id: str, row_id: str) -> dict[str, str]:
    """In clear, for the memory of the process that needs them. Raises NotFound where the key of the desk is another one."""
    return {key: sealing.unseal(desk, text, workspace_id, row_id, key) for key, text in kept.items()}


@contextmanager
def hidden(secrets: Mapping[str, str]) -> Iterator[None]:
    """What goes wrong inside says none of these secrets: not a server that repeats them, not a library that quotes them."""
    try:
        yield
    except DeskError as problem:
        said = without(secrets, problem.message), without(secrets, problem.next_step)
        if said == (problem.message, problem.next_step):
            raise
        raise type(problem)(*said, field=problem.field, **problem.details) from None
    except (MemoryError, OSError):
        raise
    except Exception as problem:  # noqa: BLE001 (whose words nobody knows: only its kind is told)
        raise Trouble(f"Something went wrong inside the desk ({type(problem).__name__}).", AGAIN) from None


def without(secrets: Mapping[str, str], text: str) -> str:
    """The text with every secret, every line of one and every value in such a line taken out."""
    parts = {part.strip() for secret in secrets.values() for part in _parts(secret)}
    for part in sorted((p for p in parts if len(p) >= SHORTEST_HIDDEN), key=len, reverse=True):
        text = text.replace(part, HIDDEN)
    return text


def _parts(secret: str) -> Iterator[str]:
    yield secret
    for line in secret.splitlines():
        yield line
        _, colon, value = line.partition(":")
        if colon:
            yield value
            yield value.strip().rpartition(" ")[2]  # of "Bearer abc" the token
