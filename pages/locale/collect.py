"""Collects every text of the screens, the door and the mails into desk.pot, from which a language begins: `make texts`.

docs/translating.md is for translators.
The template says which file a text is in and nothing else: no line numbers and no dates, so it changes when a text does.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core import audit, delivery, errors, fetching, samples
from core.access import passwords, roles, tokens
from core.choices import Limits, Retention, Storage
from core.delivery.base import Method as Delivery
from core.engine.filters import OPERATORS, RELATIVE
from core.engine.formats import FORMATS
from core.engine.ingest import STEPS
from core.engine.values import PLAIN_WORDS
from core.fetching.base import Method as Fetching
from core.settings import Settings
from pages.components import options_form

ROOT = Path(__file__).parents[2]
# Where texts are marked, and how they are read there: Python as such, the door's templates with Jinja's own reader.
FOLDERS = ("api/door", "core", "pages")
METHODS = (("**.py", "python"), ("**/templates/**.html", "jinja2"))
TEMPLATE = Path(__file__).parent / "desk.pot"
KEYWORDS = {"_": None, "N_": None, "n_": (1, 2)}
WIDTH = 120
# Lines of its header that say when, by what and by whom, not what.
VOLATILE = tuple(
    f'"{name}:'
    for name in (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Generated-By",
        "Last-Translator",
        "Report-Msgid-Bugs-To",
        "Language-Team",
    )
)
CHOICES = (Limits, Retention, Storage)  # what an administrator chooses, drawn from their models


def template() -> str:
    """desk.pot as the sources ask for it now."""
    catalog = Catalog(project="Export Desk", version="1", charset="utf-8", fuzzy=False)
    catalog.header_comment = "# The texts of Export Desk. Made by `make texts`; docs/translating.md."
    for folder in FOLDERS:
        found = extract_from_dir(
            ROOT / folder, METHODS, {"**/templates/**.html": {"silent": "false"}}, keywords=KEYWORDS
        )
        for file, _line, message, comments, _context in found:
            catalog.add(message, locations=[(f"{folder}/{file}", 0)], auto_comments=comments)
    for place, text in of_models():
        if text:
            catalog.add(text, locations=[(place, 0)])
    written = io.BytesIO()
    write_po(written, catalog, width=WIDTH, sort_by_file=True, include_lineno=False)
    lines = written.getvalue().decode("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(VOLATILE))


def of_models() -> Iterator[tuple[str, str]]:
    """(where it stands, text): what screens draw from declarations of the core, in the form in which they show it."""
    for format in FORMATS.values():
        yield "core/engine/formats", format.label
        yield "core/engine/formats", format.about
        yield from (("core/engine/formats", text) for text in of_fields(format.Options))
    for place, methods in (("core/delivery", delivery.every()), ("core/fetching", fetching.every())):
        yield from ((place, text) for method in methods for text in of_method(method))
    yield from (("core/engine/filters.py", operator.label) for operator in OPERATORS.values())
    yield from (("core/engine/filters.py", span.label.lower()) for span in RELATIVE.values())
    yield from (("core/engine/values.py", words) for words in PLAIN_WORDS.values())
    yield from (("core/engine/ingest", step) for step in STEPS)
    yield from (("core/access/passwords.py", words.capitalize()) for words in passwords.WORDS)
    for sample in samples.SAMPLES.values():
        yield "core/samples.py", sample.name
        yield "core/samples.py", sample.about
    for role in roles.LADDER:
        yield "core/access/roles.py", str(role)
        yield "core/access/roles.py", role.title()
        yield "core/access/roles.py", roles.ABOUT[role]
    yield from (("core/errors.py", kind.title) for kind in errors.tree().values())
    yield from (("core/audit.py", group) for group in audit.GROUPS)
    yield from (("core/access/tokens.py", label) for label in tokens.SCOPES.values())
    for group in CHOICES:
        for name, field in group.model_fields.items():
            yield "core/choice_groups.py", str(field.title)
            yield "core/settings.py", Settings.model_fields[name].description or ""


def of_method(method: Delivery[Any] | Fetching[Any]) -> Iterator[str]:
    """What the form of a way to deliver or to fetch shows."""
    yield method.label
    yield from of_fields(method.model)
    for secret in method.secrets:
        yield from (secret.label, secret.help)


def of_fields(model: type[BaseModel]) -> Iterator[str]:
    """What options_form shows of a model: labels, explanations, choices."""
    for name, field in model.model_fields.items():
        yield options_form.label(name, field)
        yield field.description or ""
        yield from of_choices(field)


def of_choices(field: FieldInfo) -> Iterator[str]:
    for value in options_form.choices(field):
        yield options_form.plain_words(field, value)


if __name__ == "__main__":
    TEMPLATE.write_text(template(), encoding="utf-8")
