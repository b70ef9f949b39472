"""What people call things, in one line that can be seen whole. Names of files are another matter: core.engine.names."""

from __future__ import annotations

from core.errors import BadInput

MAX_NAME = 120  # characters


def line(text: str) -> str:
    """The text in one line: signs that cannot be seen become blanks, and no two blanks stand together."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def checked(name: str, what: str = "A name", most: int = MAX_NAME) -> str:
    """The name in one line. Raises BadInput for none, or one that is too long; `what` begins that sentence."""
    name = line(name)
    if not name or len(name) > most:
        raise BadInput(f"{what} has 1 to {most} characters.", "Give it another one.", field="name")
    return name
