"""A template as a file, to be taken to another desk: JSON with a version, without ids of this desk, without secrets.

What cannot travel (the password, where it is delivered) is named in the file as `left_out`; columns are known by their names.
A file that comes in is read as whatever a stranger wrote: small, of known parts only, and every failure is a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core import datasets, storable
from core.access import roles
from core.desk import Desk
from core.engine.names import sanitised
from core.engine.spec import Delivering, ExportSpec
from core.errors import BadFile, NotFound
from core.templating import matching, templates
from core.templating.matching import NOTHING_SAID, ByHand, Report
from core.templating.spec_columns import nameless
from storage.tables import Template

FORMAT: Literal["export-desk template"] = "export-desk template"
VERSION: Literal[1] = 1
ENDING = ".template.json"
MAX_BYTES = 1_000_000  # of a file: a spec with thousands of filter values has a tenth of it
MAX_DEPTH = 60  # of its JSON: filters in filters in filters take two levels each
PASSWORD, DESTINATIONS = "password", "destinations"
LEFT_OUT = {PASSWORD: "its password", DESTINATIONS: "where it is delivered"}


class TemplateFile(BaseModel):
    """What the file holds. The datasets of its spec are called as people called them."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["export-desk template"] = FORMAT
    version: Literal[1] = VERSION
    name: str = Field(min_length=1, max_length=templates.MAX_NAME)
    description: str = Field(default="", max_length=templates.MAX_DESCRIPTION)
    tags: tuple[str, ...] = Field(default=(), max_length=templates.MAX_TAGS)
    keep_days: int | None = None
    left_out: tuple[Literal["password", "destinations"], ...] = ()
    spec: ExportSpec

    @property
    def data(self) -> Sequence[str]:
        """What each dataset was called where it comes from."""
        return [source.dataset for source in self.spec.sources]


def dump(desk: Desk, template_id: str) -> TemplateFile:
    """Raises NotFound."""
    template = templates.get(desk, template_id)
    spec = ExportSpec.model_validate(template.spec)
    bare = ExportSpec.model_validate(nameless(spec.model_dump(mode="json")))
    sources = tuple(source.model_copy(update={"dataset": _called(desk, source.dataset)}) for source in bare.sources)
    left_out = [PASSWORD] * bool(spec.packaging.password) + [DESTINATIONS] * bool(spec.delivering.destinations)
    packaging = bare.packaging.model_copy(update={"password": None})
    changed = {"sources": sources, "packaging": packaging, "delivering": Delivering()}
    return TemplateFile.model_validate(
        {
            "name": template.name,
            "description": template.description,
            "tags": template.tags,
            "keep_days": template.keep_days,
            "left_out": left_out,
            "spec": bare.model_copy(update=changed),
        }
    )


def text(kept: TemplateFile) -> str:
    """The file itself, UTF-8, for people to read too."""
    return json.dumps(kept.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def file_name(kept: TemplateFile) -> str:
    """ "Monthly report.template.json"."""
    return sanitised(kept.name, ENDING)


def read(content: bytes | str) -> TemplateFile:
    """What somebody's file says. Raises BadFile with a sentence for anything that is no template."""
    size = len(content)
    if size > MAX_BYTES:
        raise BadFile(
            f"This file has {size:,} bytes; a template has at most {MAX_BYTES:,}.", "Choose the file of a template."
        )
    return checked(_parsed(content))


def checked(found: Any) -> TemplateFile:
    """The same of JSON that was parsed already. Raises BadFile, BadInput."""
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadFile("This is no template of Export Desk.", "Choose a file that was saved with “Save as a file”.")
    if found.get("version") != VERSION:
        raise BadFile(
            f"This template is of version {_short(found.get('version'))}; this desk reads version {VERSION}.",
            "Save it again on a desk of the same version, or update this one.",
            field="version",
        )
    _check_depth(found)
    storable.check(found)
    try:
        kept = TemplateFile.model_validate(found)
    except ValidationError as problem:
        raise _wrong(problem) from None
    _check_secrets(kept)
    return kept


def known_data(desk: Desk, kept: TemplateFile) -> list[str | None]:
    """For each dataset of the file one of this desk of that name or slug (its id), None where there is none."""
    there = datasets.list(desk)
    found: list[str | None] = []
    for name in kept.data:
        alike = [one.id for one in there if name.casefold() in (one.name.casefold(), one.slug.casefold())]
        found.append(alike[0] if len(alike) == 1 else None)
    return found


def match(desk: Desk, kept: TemplateFile, data: Sequence[str], by_hand: ByHand = NOTHING_SAID) -> Report:
    """How the file fits data of this desk; `data`: an id or slug for each of its datasets. Raises NotFound, BadInput."""
    _whole(kept, data)
    return matching.problems(desk, matching.match(desk, kept.spec, data, by_hand))


def add(desk: Desk, kept: TemplateFile, data: Sequence[str], by_hand: ByHand = NOTHING_SAID) -> Template:
    """Save the file as a template of whoever acts, on data of this desk.

    Raises Forbidden, NotFound, BadInput, BadSpec naming the columns that are missing.
    """
    roles.require(desk, "templates.save")
    _whole(kept, data)
    spec = matching.required(matching.match(desk, kept.spec, data, by_hand))
    return templates.save(desk, kept.name, kept.description, spec, tags=kept.tags, keep_days=kept.keep_days)


def missing_words(kept: TemplateFile) -> str:
    """What has to be chosen again, in a sentence; "" where nothing was left out."""
    if not kept.left_out:
        return ""
    return f"Left out of the file, to be chosen again: {' and '.join(LEFT_OUT[one] for one in kept.left_out)}."


def _called(desk: Desk, dataset: str) -> str:
    """The name of a dataset that whoever acts sees; of others, and of those that are gone, nothing but a word."""
    try:
        return datasets.get(desk, dataset).name
    except NotFound:
        return "data"


def _parsed(content: bytes | str) -> Any:
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        return json.loads(text, parse_constant=_no_number, object_pairs_hook=_no_name_twice)
    except UnicodeDecodeError:
        said = "its bytes are no UTF-8 text"
    except RecursionError:
        said = "its parts are nested too deep"
    except ValueError as problem:
        said = _short(problem)
    raise BadFile(
        f"This file is no JSON: {said}.", "Choose a file that was saved with “Save as a file”, unchanged."
    ) from None


def _check_depth(found: Any) -> None:
    """Raises BadFile for filters nested deeper than anybody writes: reading them would end in the middle."""
    level, depth = [found], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise BadFile("The filters of this template are nested too deep.", "Choose another file.")
        parts = [each for each in level if isinstance(each, dict | list)]
        level = [inner for part in parts for inner in (part.values() if isinstance(part, dict) else part)]


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a part has the same name twice")
    return found


def _wrong(problem: ValidationError) -> BadFile:
    first = problem.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return BadFile(
        f"This template cannot be read: “{_short(place)}”: {_short(first['msg'])}.",
        "Save it again where it comes from, or mend the file.",
        field=place[:100],
    )


def _check_secrets(kept: TemplateFile) -> None:
    """Raises BadFile for a file that names a password or a destination: what that is called elsewhere means nothing here."""
    if kept.spec.packaging.password is not None or kept.spec.delivering.destinations:
        raise BadFile(
            "This template names a password or a destination of another desk.",
            "Take it out of the file, and choose it again here.",
            field="spec",
        )


def _whole(kept: TemplateFile, data: Sequence[str]) -> None:
    if len(data) != len(kept.data) or not all(data):
        raise BadFile(
            f"This template needs data for {len(kept.data)} dataset{'s' if len(kept.data) != 1 else ''}.",
            "Choose a dataset for each.",
            field="datasets",
        )


def _short(value: object) -> str:
    said = str(value).rstrip(".")
    return said if len(said) <= 200 else f"{said[:199]}…"
