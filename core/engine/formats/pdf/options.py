"""What a person may choose about a PDF."""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import Literal

from PIL import Image
from pydantic import Field, field_validator

from core.engine.formats.base import Options
from core.engine.formats.choices import MORE, DateFormatKey

LOGO_BYTES = 500_000
LOGO_PIXELS = 4_000_000  # a picture that small in bytes may unfold to gigabytes
LOGO = re.compile(r"data:image/(png|jpeg);base64,([A-Za-z0-9+/=\s]+)")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, as far as PDF wants it
SMALLEST, LARGEST = 6, 16  # points


class PdfOptions(Options):
    page_size: Literal["A4", "A3", "A5", "Letter", "Legal"] = Field(
        default="A4", title="Page size", description="A4 nearly everywhere; Letter or Legal in North America."
    )
    orientation: Literal["auto", "portrait", "landscape"] = Field(
        default="auto",
        title="Orientation",
        description="By itself: upright, or sideways where the columns need more width.",
        json_schema_extra={
            "choices": {"auto": "whichever fits", "portrait": "upright", "landscape": "sideways"},
        },
    )
    title: str = Field(
        default="", max_length=200, title="Title", description="Above the first page. Empty: the name of the export."
    )
    subtitle: bool = Field(
        default=True, title="Date and rows under the title", description="When it was made and how many rows it holds."
    )
    group_by: str = Field(
        default="",
        max_length=500,
        title="Group by",
        description="Rows with the same value come together under a heading. Sort by the same column, else groups stand in "
        "the order in which they first appear.",
        json_schema_extra={"field": "column", "takes": "a column's header"},
    )
    subtotals: bool = Field(
        default=True, title="Subtotals", description="Where rows are grouped: add up every number column of each group."
    )
    totals: bool = Field(default=False, title="Totals row", description="A last row that adds up every number column.")
    lines: Literal["lines", "zebra", "plain"] = Field(
        default="lines",
        title="Between rows",
        description="What leads the eye along a row.",
        json_schema_extra={"choices": {"lines": "thin lines", "zebra": "every other row tinted", "plain": "nothing"}},
    )
    font_size: int | None = Field(
        default=None,
        ge=SMALLEST,
        le=LARGEST,
        title="Font size",
        description="In points. Empty: 9, and less (down to 6) where the columns need it.",
        json_schema_extra=MORE,
    )
    too_wide: Literal["continue", "refuse"] = Field(
        default="continue",
        title="Columns that do not fit",
        description="What happens when not even small print brings all columns onto one page. Continued pages repeat the "
        "first column.",
        json_schema_extra=MORE | {"choices": {"continue": "go on on further pages", "refuse": "stop and say so"}},
    )
    logo: str = Field(
        default="",
        max_length=2 * LOGO_BYTES,  # of base64: what is too large is told in kilobytes
        title="Logo",
        description="A PNG or JPEG picture of at most 500 KB, shown beside the title.",
        json_schema_extra=MORE | {"field": "picture", "takes": "a `data:` URI"},
    )
    date_format: DateFormatKey = Field(default="iso", json_schema_extra=MORE)
    decimal_comma: bool = Field(
        default=False,
        title="Decimal comma",
        description="Write 1,5 for one and a half.",
        json_schema_extra=MORE,
    )
    new_page: bool = Field(
        default=True,
        title="Each table on a new page",
        description="Where there are several: datasets, or parts of a split.",
        json_schema_extra=MORE,
    )
    page_numbers: bool = Field(
        default=True,
        title="Page numbers",
        description="“Page 3 of 12” at the foot.",
        json_schema_extra=MORE,
    )
    language: str = Field(
        default="en",
        max_length=35,
        title="Language",
        description="The language the file declares, for programs that read it aloud: en, de, vi, ar, zh-CN.",
        json_schema_extra=MORE,
    )

    @field_validator("logo")
    @classmethod
    def _picture(cls, uri: str) -> str:
        if uri:
            picture(uri)
        return uri

    @field_validator("language")
    @classmethod
    def _known_shape(cls, tag: str) -> str:
        if not LANGUAGE.fullmatch(tag):
            raise ValueError("A language is a tag such as en, de or zh-CN.")
        return tag


def picture(uri: str) -> bytes:
    """The bytes of a logo's data: URI. Raises ValueError for anything but a PNG or JPEG of modest size."""
    found = LOGO.fullmatch(uri)
    if not found:
        raise ValueError("A logo begins with data:image/png;base64, or data:image/jpeg;base64,")
    try:
        data = base64.b64decode(re.sub(r"\s", "", found[2]), validate=True)
    except binascii.Error as trouble:
        raise ValueError("The logo's base64 text is damaged.") from trouble
    if len(data) > LOGO_BYTES:
        raise ValueError(f"A logo has at most {LOGO_BYTES // 1000} KB; this one has {len(data) // 1000} KB.")
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as image:
            if image.width * image.height > LOGO_PIXELS:
                raise ValueError(
                    f"A logo has at most {LOGO_PIXELS:,} pixels; this one has {image.width * image.height:,}."
                )
            image.load()
    except (OSError, SyntaxError) as trouble:  # what Pillow says of a damaged picture
        raise ValueError("The logo is not a PNG or JPEG picture that can be opened.") from trouble
    return data
