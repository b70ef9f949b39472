"""Options that several formats have, said once: people meet the same words wherever the same thing is chosen.

A format gives its own default, and where needed its own description.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from core.engine.display import DATE_FORMATS, date_words
from core.engine.formats.transcoding import ENCODINGS

MORE: JsonDict = {"group": "More"}  # of a field's `json_schema_extra`: it is drawn under "More options"
LINE_ENDS = {"lf": "\n", "crlf": "\r\n"}

if TYPE_CHECKING:  # a Literal made of a table's keys is more than type checkers read
    _Date = str
    _Encoding = str
else:
    _Date = Literal[tuple(DATE_FORMATS)]
    _Encoding = Literal[tuple(ENCODINGS)]

DateFormatKey = Annotated[
    _Date,
    Field(
        title="Dates",
        description="How dates look where a column has no display format of its own.",
        json_schema_extra={"choices": {**date_words()}},
    ),
]
NullText = Annotated[str, Field(max_length=20, title="Empty values as", json_schema_extra=MORE)]
LineEnd = Annotated[
    Literal["lf", "crlf"],
    Field(
        title="Line ends",
        json_schema_extra=MORE | {"choices": {"lf": "as on Linux and macOS (LF)", "crlf": "as on Windows (CRLF)"}},
    ),
]
Encoding = Annotated[
    _Encoding,
    Field(
        title="Encoding",
        description="For receivers that ask for another than UTF-8; a character it does not have is refused, never replaced.",
        json_schema_extra=MORE | {"choices": {**ENCODINGS}},
    ),
]
