"""The page about formats is made from the formats."""

from __future__ import annotations

from core.engine.formats import FORMATS
from core.engine.formats.handbook import PAGE, page


def test_the_page_about_formats_is_current():
    """After a change: `python -m core.engine.formats.handbook`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_option_has_a_label_and_a_line_that_explains_it():
    for format in FORMATS.values():
        for name, field in format.Options.model_fields.items():
            assert field.title, (format.name, name)
            assert field.description, (format.name, name)
            assert not field.is_required(), (format.name, name)
