"""Words of the trade explain themselves: wherever a screen says one, the same screen has its two sentences beside it."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from streamlit.testing.v1 import AppTest

from core.engine.formats import FORMATS
from pages.components import explain, options_form
from pages.components.explain import GLOSSARY
from pages.locale import collect
from storage.tables import Role
from tests import things
from tests.pages.driving import field

ROOT = Path(collect.__file__).parents[2]
LEADS_THERE = "pages/navigation.py"  # the name of a page leads to the page, which explains it
MOST_LETTERS = 260  # of two sentences that are read in passing


def catalog() -> Catalog:
    return read_po(io.BytesIO(collect.template().encode()))


def explained(source: str) -> set[str]:
    """The terms that a module's functions explain; all of them where it asks what a text names."""
    found: set[str] = set()
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            calls = {ast.unparse(n.func) for n in ast.walk(function) if isinstance(n, ast.Call)}
            if "explain.of" in calls:
                found |= {str(n.value) for n in ast.walk(function) if isinstance(n, ast.Constant)} & set(GLOSSARY)
            if "explain.named_in" in calls:
                found |= set(GLOSSARY)
    return found


def said() -> list[tuple[str, str, str]]:
    """(module, term, text) of every text in a module of the screens that names a term."""
    found = []
    for message in catalog():
        text = message.id if isinstance(message.id, str) else " ".join(message.id)
        for place, _line in message.locations:
            if place.startswith("pages/") and place not in (LEADS_THERE, "pages/components/explain.py"):
                found += [(place, term, text) for term in explain.terms(text)]
    return found


@pytest.mark.parametrize(("module", "term", "text"), said(), ids=lambda value: str(value)[:40])
def test_whoever_says_a_term_explains_it(module: str, term: str, text: str) -> None:
    source = (ROOT / module).read_text(encoding="utf-8")
    assert term in explained(source), f"{module} says “{text}” and has no explain.of({term!r})"


def test_a_term_is_found_by_its_word_and_not_within_others():
    assert explain.terms("The checksum of a UTF-8 file") == ["encoding", "fingerprint"]
    assert explain.terms("Export of {zone}", "an important import, by {role}") == []
    assert explained('def show():\n    st.caption("x", help=explain.of("zone"))') == {"zone"}
    assert explained('def show():\n    st.caption("zone")') == set()


def test_every_term_is_said_somewhere():
    used = {term for _module, term, _text in said()}
    used |= {term for place, text in collect.of_models() for term in explain.terms(text)}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "pages").rglob("*.py")]
    used |= {term for source in sources for term in GLOSSARY if f'explain.of("{term}"' in source}
    used |= set(explain.terms(*strings("core/status.py")))  # pages/settings/status.py shows them
    assert set(GLOSSARY) - used == set()


def strings(module: str) -> list[str]:
    """All texts in the source of a module."""
    source = (ROOT / module).read_text(encoding="utf-8")
    return [n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


@pytest.mark.parametrize("term", GLOSSARY.values(), ids=GLOSSARY)
def test_an_explanation_is_two_short_sentences(term: explain.Term):
    assert term.about.endswith(".")
    assert 2 <= len([s for s in term.about.replace(":", ".").replace(";", ".").split(". ") if s]) <= 4
    assert len(term.about) <= MOST_LETTERS


def every_form() -> None:  # run from its source
    from core.engine.formats import FORMATS
    from pages.components import options_form

    for name, format in FORMATS.items():
        options_form.show(format.Options, {}, key=name)


def test_the_options_of_every_format_explain_the_terms_in_their_words():
    page = AppTest.from_function(every_form).run()
    assert not page.exception
    widgets = [*page.selectbox, *page.toggle, *page.text_input, *page.text_area, *page.number_input]
    helps = {widget.key: widget.help or "" for widget in widgets}
    named = {
        (f"{name}_{attribute}", term)
        for name, format in FORMATS.items()
        for attribute, field in format.Options.model_fields.items()
        for term in explain.terms(*options_form.said(attribute, field))
    }
    assert {"encoding", "byte_order_mark", "schema", "statement"} <= {term for _key, term in named}
    assert [(key, term) for key, term in named if explain.of(term) not in helps[key]] == []


def test_a_receipt_says_what_its_fingerprint_is_for(open_page, exported):
    page = open_page("exports/my_exports.py", job=exported)
    receipt = next(s for s in page.header if s.value == "Receipt")
    assert receipt.proto.help == explain.of("receipt")
    assert next(c for c in page.caption if "SHA-256" in c.value).proto.help == explain.of("fingerprint")


def test_settings_for_administrators_explain_what_they_ask_for(open_page):
    page = open_page("settings/settings.py")
    security = field(page.selectbox, "Encryption")
    assert "certificate has to hold for its name" in security.help
    assert explain.of("encryption") in security.help


def test_whoever_may_not_do_it_is_told_whom_to_ask(page_desk, page_as):
    ana = things.add_person(page_desk, "Ana", Role.OWNER)
    vera = things.add_person(page_desk, "Vera", Role.VIEWER)
    assert "Ask Ana" in explain.of("token", desk=vera)
    assert "Ask" not in explain.of("token", desk=ana)
    assert "Ask Ana" in page_as(vera, "people/tokens.py").title[0].proto.help


def test_a_name_cannot_dress_up_an_explanation(page_desk):
    things.add_person(page_desk, "[Ana](http://evil.example)", Role.OWNER)
    vera = things.add_person(page_desk, "Vera", Role.VIEWER)
    assert "\\[Ana\\]" in explain.of("token", desk=vera)
