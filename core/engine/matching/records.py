"""A sample of JSON: an array of objects or one object a line, its keys, and whether numbers stand in quotes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from core.engine.formats.json import DOUBLE_DIGITS
from core.engine.ingest.json_text import Digits
from core.engine.ingest.options import Inspection
from core.engine.matching.sample import MOST_ROWS, Sample, SampleColumn
from core.errors import BadFile

WHOLE_BYTES = 32 << 20  # an array up to here is read whole
KEYS = 2_000


def read(path: Path, name: str, found: Inspection) -> Sample:
    """The layout as our options, and the keys in the order of the first record."""
    lines = found.understood.format == "jsonl"
    with path.open("rb") as file:
        head = file.read(WHOLE_BYTES)
    text = head.decode("utf-8-sig", errors="replace")
    rows = _lines(text) if lines else _array(text, found.understood.json_path, whole=len(head) < WHOLE_BYTES, name=name)
    keys = list(dict.fromkeys(key for row in rows for key in row))[:KEYS]
    columns = [_column(key, rows) for key in keys]
    sample = Sample("jsonl" if lines else "json", columns)
    sample.understood.append("JSON Lines: one object a line." if lines else "JSON: an array of objects.")
    if not lines and re.search(r"\{\s*\n", text[:4096]):
        sample.options["pretty"] = True
        sample.understood.append("Each value stands on a line of its own.")
    if found.understood.json_path:
        sample.differences.append(
            f"The sample's records stand under “{found.understood.json_path}”; here the array stands alone. "
            "The format “Own layout” could write what stands round it."
        )
    if any(list(row) != keys for row in rows):
        sample.differences.append(
            "Some records of the sample leave keys out; here every record has every key, empty ones as null."
        )
    if any(isinstance(value, (dict, list)) for row in rows for value in row.values()):
        sample.understood.append("Some values are lists or objects.")
    numbers = (value for row in rows for value in row.values() if isinstance(value, Digits))
    if any(len(number.lstrip("-0.").replace(".", "")) > DOUBLE_DIGITS for number in numbers):
        sample.options["long_numbers"] = "number"
    return sample


def _lines(text: str) -> list[dict[str, Any]]:
    found = []
    for line in text.splitlines()[:MOST_ROWS]:
        try:
            row = json.loads(line, parse_float=Digits, parse_int=Digits)
        except ValueError:
            continue  # the last line may be torn; ingest has judged the file already
        if isinstance(row, dict):
            found.append(row)
    return found


def _array(text: str, path: str | None, *, whole: bool, name: str) -> list[dict[str, Any]]:
    if not whole:
        raise BadFile(f"“{name}” is too large for a sample.", "A sample of a few rows is enough: take the first ones.")
    found = json.loads(text, parse_float=Digits, parse_int=Digits)
    for key in (path or "").split(".") if path else ():
        found = found[key]
    rows = found if isinstance(found, list) else [found]
    return [row for row in rows[:MOST_ROWS] if isinstance(row, dict)]


def _column(key: str, rows: list[dict[str, Any]]) -> SampleColumn:
    there = [row[key] for row in rows if row.get(key) is not None]
    texts = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in there]
    quoted = bool(there) and all(isinstance(value, str) and not isinstance(value, Digits) for value in there)
    return SampleColumn(key, [text for text in texts if text], len(rows) - len(there), quoted=quoted)
