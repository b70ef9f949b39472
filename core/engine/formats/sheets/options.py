"""What a person may choose about a workbook."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from core.engine.formats.base import Options
from core.engine.formats.choices import MORE
from core.engine.formats.sheets.titles import FORBIDDEN, SHEET_NAME_UNITS, utf16_units


class SheetOptions(Options):
    sheet_name: str = Field(
        default="",
        title="Sheet name",
        description="Empty: the name of the export. Several sheets are always called after what they hold.",
    )
    header: bool = Field(default=True, title="Header row", description="Column names in the first row.")
    header_style: Literal["band", "bold", "plain"] = Field(
        default="band",
        title="Header style",
        description="How the first row stands out.",
        json_schema_extra={"choices": {"band": "colour band", "bold": "bold text", "plain": "plain text"}},
    )
    freeze_header: bool = Field(
        default=True, title="Keep the header in view", description="The header stays when you scroll."
    )
    filter: bool = Field(
        default=True, title="Filter buttons", description="Little arrows beside each header, to sort and to filter by."
    )
    totals: bool = Field(
        default=False,
        title="Totals row",
        description="A last row that adds up every number column, and follows the filter.",
    )
    widths: Literal["fit", "even"] = Field(
        default="fit",
        title="Column widths",
        description="How wide each column is drawn.",
        json_schema_extra={"choices": {"fit": "as wide as the content needs", "even": "all the same"}},
    )
    about: bool = Field(
        default=False,
        title="“About this export” sheet",
        description="A further sheet that says what is in the file and how it was made.",
    )
    real_values: bool = Field(
        default=True,
        title="Real dates and numbers",
        description="On: the program can sort and calculate. Off: every cell is text, exactly as shown.",
        json_schema_extra=MORE,
    )
    continue_sheets: bool = Field(
        default=True,
        title="Continue on further sheets",
        description="A sheet holds 1,048,576 rows; more go to a second sheet. Off: more rows are refused.",
        json_schema_extra=MORE,
    )

    @field_validator("sheet_name")
    @classmethod
    def _legal(cls, name: str) -> str:
        name = name.strip()
        wrong = sorted({c for c in name if c in FORBIDDEN or ord(c) < 32 or c in "\x7f\ufffe\uffff"})
        if wrong:
            shown = " ".join(c if c in FORBIDDEN else f"U+{ord(c):04X}" for c in wrong)
            raise ValueError(f"A sheet name cannot contain {shown}. Leave it out.")
        if utf16_units(name) > SHEET_NAME_UNITS:
            raise ValueError(f"A sheet name has at most {SHEET_NAME_UNITS} characters; this one has {len(name)}.")
        if name.startswith("'") or name.endswith("'"):
            raise ValueError("A sheet name cannot begin or end with an apostrophe.")
        if name.casefold() == "history":
            raise ValueError("Excel keeps the sheet name “History” for itself. Choose another one.")
        return name

    @model_validator(mode="after")
    def _totals_need_numbers(self) -> SheetOptions:
        if self.totals and not self.real_values:
            raise ValueError(
                "A totals row needs real numbers: turn “Real dates and numbers” on, or the totals row off."
            )
        return self
