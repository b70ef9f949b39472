"""The formats there are. Adding one = one module, one entry here, one golden file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from core.engine.formats import csv, fixed, html, json, ods, parquet, pdf, sql, template, xlsx, xml, yaml
from core.engine.formats.base import Format, Options
from core.errors import BadSpec

SHOWN = 100  # characters of a wrong value that are repeated to whoever gave it

FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        xlsx.FORMAT,
        csv.FORMAT,
        pdf.FORMAT,
        ods.FORMAT,
        html.FORMAT,
        json.FORMAT,
        json.LINES,
        csv.TSV,
        xml.FORMAT,
        yaml.FORMAT,
        sql.FORMAT,
        parquet.FORMAT,
        fixed.FORMAT,
        template.FORMAT,
    )
}


def get(name: str) -> Format:
    """The format of that name. Raises BadSpec for an unknown one, naming the known ones."""
    if name not in FORMATS:
        raise BadSpec(f"Unknown format “{name}”.", f"Known formats: {', '.join(FORMATS)}.", field="format")
    return FORMATS[name]


def parse_options(name: str, given: Mapping[str, Any]) -> Options:
    """The format's options, checked. Raises BadSpec naming every option that is wrong and what there is."""
    model = get(name).Options
    try:
        return model.model_validate(dict(given))
    except ValidationError as trouble:
        wrong = []
        for error in trouble.errors():
            option = ".".join(str(part) for part in error["loc"]) or "options"
            if error["type"] == "extra_forbidden":
                wrong.append(f"{get(name).label} has no option “{option}” (it has {', '.join(model.model_fields)})")
            else:
                shown = repr(error["input"])
                shown = shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"  # a picture, say
                wrong.append(f"“{option}” cannot be {shown}: {error['msg'].removeprefix('Value error, ')}")
        raise BadSpec(
            "; ".join(wrong) + ".", "Change it, or leave it out for the usual way.", field="options"
        ) from trouble
