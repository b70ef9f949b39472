"""Everything a person reads on the screens can be translated, is collected for translators, and is shown translated."""

from __future__ import annotations

import ast
import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from streamlit.testing.v1 import AppTest

from core import datasets, texts
from core.access import accounts
from pages import texts as screens
from pages.locale import collect
from tests.pages.driving import component
from tests.pages.marking import MARKS, unmarked, unmarked_in

PAGES, DOOR = collect.ROOT / "pages", collect.ROOT / "api" / "door"
SOURCES = [
    path for path in sorted([*PAGES.rglob("*.py"), *DOOR.rglob("*.py")]) if "locale" not in path.parts
]  # what collects has no screen
NAMES = [str(path.relative_to(collect.ROOT)) for path in SOURCES]
LANGUAGE = "pl"  # one, few, many: its plurals cannot be mistaken for English ones
SLOT = re.compile(r"(\{\w+\})")


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_every_text_a_person_reads_is_marked(source):
    found = unmarked(source.read_text(encoding="utf-8"))
    assert not found, "not inside _(), N_() or n_(): " + "; ".join(f"line {one.line}: {one.text!r}" for one in found)


@pytest.mark.parametrize(
    ("planted", "text"),
    [
        ('st.caption("none")', "none"),
        ('st.text_input("Name", help="Why it is asked", key="Not Read Here")', "Name"),
        ('st.button(_("Save"), help="Why it is asked")', "Why it is asked"),
        ('st.markdown(f"**{name}** is ready")', "** is ready"),
        ('CHOICES = {"a": "As it is"}', "As it is"),
        ('def why() -> str:\n    return "Choose a table first."', "Choose a table first."),
        ('layout.button("New" if full else _("Done"), "key")', "New"),
        ("st.html(f\"<b title='{x}'>every value</b>\")", "'>every value</b>"),
        ('raise BadSpec("No column is ticked.", _("Tick one."))', "No column is ticked."),
    ],
)
def test_a_planted_text_is_noticed(planted, text):
    assert text in [one.text for one in unmarked(planted)]


def test_what_nobody_reads_is_left_alone():
    source = (
        '"""A docstring that is prose."""\n'
        'if mode == "Not a text": st.container(key="card_left", horizontal_alignment="center")\n'
        'st.caption(_("Marked"), width="content"); st.badge(n_("{n} row", "{n} rows", 2), icon=":material/check:")\n'
    )
    assert unmarked(source) == []


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_nobody_binds_the_name_that_translates(source):
    tree = ast.parse(source.read_text(encoding="utf-8"))
    bound = [
        n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "_" and isinstance(n.ctx, ast.Store)
    ]
    assert not bound, f"_ is gettext here; another name at lines {bound}"


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_what_is_marked_is_a_whole_literal(source):
    """What is an f-string, or stands in one, cannot be collected; `_(NAME)` is how a text marked elsewhere is shown."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    wrong = [
        call.lineno
        for call in calls
        if (getattr(call.func, "id", "") in ("N_", "n_") and not isinstance(call.args[0], ast.Constant))
        or (getattr(call.func, "id", "") == "_" and isinstance(call.args[0], ast.JoinedStr | ast.BinOp))
    ]
    inside = [
        call.lineno
        for string in ast.walk(tree)
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in MARKS
        and any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in call.args)
    ]
    assert source.name == "texts.py" or not wrong + inside, f"lines {wrong + inside}"


@pytest.mark.parametrize("markup", sorted(PAGES.rglob("*.html")), ids=lambda path: path.name)
def test_the_markup_of_components_has_no_words_of_its_own(markup):
    source = markup.read_text(encoding="utf-8")
    assert not re.search(r">\s*[^<\s][^<]*<", source)
    assert not re.search(r"(?:aria-label|title|placeholder|alt)=", source)


@pytest.mark.parametrize("page", sorted(DOOR.rglob("*.html")), ids=lambda path: path.name)
def test_every_text_of_the_pages_before_signing_in_is_marked(page):
    assert unmarked_in(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("planted", "text"),
    [
        ("<p>none</p>", "none"),
        ("<h1>{{ title }} of {{ name }}</h1>", "of"),
        ("<img{% if big %} class='big'{% endif %} alt='A lock'>", "A lock"),
        ('{{ field("name", "Name", about=_("Yours")) }}', "Name"),
        ('{{ action or "to the desk" }}', "to the desk"),
    ],
)
def test_a_text_planted_in_a_template_is_noticed(planted, text):
    assert unmarked_in(planted) == [text]


def test_the_template_for_translators_is_up_to_date():
    assert collect.TEMPLATE.read_text(encoding="utf-8") == collect.template(), "run `make texts`"


def test_the_template_names_no_machine_and_no_day():
    written = collect.TEMPLATE.read_text(encoding="utf-8")
    assert "Creation-Date" not in written
    assert not re.search(r"^#: /|:\d+$", written, re.MULTILINE)


# ---------------------------------------------------------------- a made-up language


def marked(text: str) -> str:
    """The text as the made-up language has it: upside brackets round it, its slots untouched."""
    return f"⟦{''.join(part if SLOT.match(part) else part.replace('o', 'ø') for part in SLOT.split(text))}⟧"


@pytest.fixture
def polish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """A language in which every text is changed so that one sees it, and every plural says which form it is."""
    catalog = read_po(io.BytesIO(collect.TEMPLATE.read_bytes()), locale=LANGUAGE)
    for message in catalog:
        if not message.id:
            continue
        if isinstance(message.id, str):
            message.string = marked(message.id)
        else:
            message.string = tuple(f"{form} {marked(message.id[1])}" for form in ("one", "few", "many"))
    written(catalog, tmp_path)
    monkeypatch.setattr(texts, "LOCALES", tmp_path)
    return catalog


def written(catalog: Catalog, folder: Path) -> None:
    file = folder / LANGUAGE / "LC_MESSAGES" / "desk.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as out:
        write_po(out, catalog)


def shown(app) -> str:
    kinds = (app.title, app.header, app.markdown, app.caption)
    return "\n".join([str(e.value) for kind in kinds for e in kind] + [b.label for b in app.button]).replace("\\", "")


def test_a_page_speaks_the_language_its_reader_chose(polish, page_desk, open_page, team):
    accounts.change(page_desk, language=LANGUAGE)
    app = open_page("data/data.py")
    said = shown(app)
    assert marked("The tables you export from. Add a file once, use it as often as you like.") in said
    assert marked("Add data") in said
    assert f"many {marked('{n} rows').replace('{n}', '100')}" in said
    assert f"few {marked('{n} columns').replace('{n}', '4')}" in said


def test_a_browser_that_asks_for_the_language_gets_it(polish, page_desk, open_page):
    accounts.change(page_desk, language="")
    app = open_page("templates/templates.py")
    assert "No templates yet" in shown(app)
    app.context = {"locale": "pl-PL"}
    assert marked("No templates yet") in shown(app.run())


def test_choices_and_components_speak_it_too(polish, page_desk, open_page, team):
    accounts.change(page_desk, language=LANGUAGE)
    app = open_page("builder/builder.py", dataset=team)
    assert component(app, "columns")["texts"]["find"] == marked("Find a column")
    splits = next(box for box in app.selectbox if box.label == marked("Split into several"))
    assert marked("No, keep it whole") in splits.options
    assert marked("Header style") in [
        box.label for box in app.selectbox
    ]  # the title of an option in its format's model


def test_a_dialog_speaks_the_language_of_whoever_opens_it(polish, page_desk, open_page, team):
    """Its module was imported long before, by somebody else."""
    accounts.change(page_desk, language=LANGUAGE)
    app = open_page("data/data.py")
    app.session_state["open_dialog"] = ("dataset Rename", datasets.get(page_desk, team).id)
    app.run()
    assert [d.proto.dialog.title for d in app.get("dialog")] == [marked("Rename")]


def test_months_have_the_names_of_the_readers_language(polish):
    def page() -> None:
        from datetime import UTC, datetime

        import streamlit as st

        from core.workspaces import Clock
        from pages import texts
        from pages.components import words

        texts.prefer("pl")
        then = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
        st.text(words.day(then, Clock("UTC", "dmy_words")))
        st.text(words.day(then, Clock("Asia/Jakarta", "dmy_dot")))
        st.text(words.long_day(then))

    app = AppTest.from_function(page).run()
    assert [text.value for text in app.text] == ["5 paź 2026", "05.10.2026", "5 października 2026"]


def test_a_link_in_english_opens_the_same_in_another_language(polish, page_desk, open_page):
    accounts.change(page_desk, language=LANGUAGE)
    said = shown(open_page("settings/settings.py", section="Retention"))
    assert marked("How long things are kept before they are gone.") in said


def test_a_language_nobody_has_translated_falls_back_to_english(polish, page_desk, open_page):
    accounts.change(page_desk, language="fi")
    assert "No templates yet" in shown(open_page("templates/templates.py"))


def test_a_text_without_a_translation_stays_english(tmp_path, monkeypatch, page_desk, open_page):
    catalog = Catalog(locale=LANGUAGE)
    catalog.add("Templates", "Szablony")
    written(catalog, tmp_path)
    monkeypatch.setattr(texts, "LOCALES", tmp_path)
    accounts.change(page_desk, language=LANGUAGE)
    said = shown(open_page("templates/templates.py"))
    assert "Szablony" in said
    assert "No templates yet" in said


@pytest.mark.parametrize("wrong", ["Dodano {kto}", "Dodano {when", "Dodano"])
def test_a_translation_whose_slots_do_not_fit_is_not_used(tmp_path, monkeypatch, page_desk, open_page, team, wrong):
    catalog = Catalog(locale=LANGUAGE)
    catalog.add("added {when}", wrong)
    catalog.add("Data", "Dane")
    written(catalog, tmp_path)
    monkeypatch.setattr(texts, "LOCALES", tmp_path)
    accounts.change(page_desk, language=LANGUAGE)
    said = shown(open_page("data/data.py"))
    assert "Dane" in said
    assert "added just now" in said
    assert "Dodano" not in said


def test_the_account_offers_the_languages_there_are_and_keeps_the_one_that_is_chosen(polish, page_desk, open_page):
    app = open_page("people/account.py")
    offered = next(box for box in app.selectbox if box.label == "Language")
    assert offered.options == ["As my browser", "English", "polski"]
    offered.select(LANGUAGE).run()
    assert accounts.preferences(page_desk).language == LANGUAGE
    assert marked("My account") in shown(app)


def test_where_there_is_only_english_nobody_is_asked(open_page):
    assert "Language" not in [box.label for box in open_page("people/account.py").selectbox]


def test_every_language_there_is_named_in_its_own_words(polish):
    assert texts.languages() == {"en": "English", "pl": "polski"}


def test_nobody_who_looks_means_english():
    assert screens.language() == "en"
    assert screens.n_("{n} row of {name}", "{n} rows of {name}", 1200, name="Team") == "1,200 rows of Team"
