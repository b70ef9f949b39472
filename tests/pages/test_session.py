"""Whoever looks at a page is asked for at every step: also where only a part of it runs again."""

import ast
import itertools
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.access import members, sign_in
from storage.tables import Role
from tests.navigation import PAGES as OF_NAVIGATION
from tests.pages.everybody import SHARED, screen
from tests.things import add_person

PAGES = Path(__file__).parents[2] / "pages"
ALONE = ("st.fragment", "st.dialog", "dialogs.dialog")  # what makes a function run again without the page around it
NUMBERS = itertools.count(1)
ITSELF = PAGES / "components" / "dialogs.py"  # makes the dialogs of the others, who bear @checked there


@pytest.mark.parametrize("page", sorted(PAGES.rglob("*.py")), ids=lambda p: str(p.relative_to(PAGES)))
def test_every_fragment_and_dialog_asks_first_whether_the_sign_in_still_holds(page):
    for node in ast.walk(ast.parse(page.read_text())):
        if not isinstance(node, ast.FunctionDef):
            continue
        decorators = [ast.unparse(d) for d in node.decorator_list]
        runs_alone = [n for n, d in enumerate(decorators) if d.startswith(ALONE)]
        for n in runs_alone:
            below = decorators[n + 1 :]
            assert below[:1] == ["checked"], f"{page.name}: {node.name} has no @checked below @{decorators[n]}"


def test_nobody_turns_a_function_into_a_fragment_by_hand():
    for page in (p for p in PAGES.rglob("*.py") if p != ITSELF):
        for node in ast.walk(ast.parse(page.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Call):
                assert not ast.unparse(node.func.func).startswith(ALONE), page.name


@pytest.fixture
def leaving(world, monkeypatch):
    """Somebody who looks at the desk as an administrator of their workspace, and will not for long."""
    person = add_person(world.ana, f"Budi {next(NUMBERS)}", Role.ADMIN)
    world.browser(person, monkeypatch)
    return person


@pytest.mark.parametrize("page", OF_NAVIGATION, ids=lambda page: page.script)
def test_whoever_is_signed_out_elsewhere_is_stopped_at_the_next_click_on_every_page(world, leaving, page):
    app = world.open(page.script)
    assert "My workspace, admin" in screen(app).everything
    sign_in.end_everywhere(leaving)
    assert_shut(app.run())


@pytest.mark.parametrize("page", OF_NAVIGATION, ids=lambda page: page.script)
def test_a_lowered_role_holds_at_the_next_click_of_every_page_and_so_does_being_removed(world, leaving, page):
    app = world.open(page.script)
    members.change_role(world.ana, leaving.account_id, Role.VIEWER)
    lowered = screen(app.run())
    assert "My workspace, viewer" in lowered.everything
    assert lowered.locked >= VIEWERS.get(page.script, set())
    members.remove(world.ana, leaving.account_id, world.ana.account_id)
    assert_shut(app.run())


VIEWERS = {  # what a viewer cannot press, of each page that has such a thing: tests/pages/test_everybody.py has them all
    "home.py": {"New export"},
    "data/data.py": {"Add data"},
    "templates/templates.py": {"Run"},
    "people/people.py": {"Invite"},
    "projects.py": {"New project"},
    "people/tokens.py": {"New token"},
    "recently_deleted.py": {"Restore"},
    "settings/workspace_settings.py": {"Save"},
}


def assert_shut(app):
    shut = screen(app)
    assert "You are signed out" in shut.everything
    assert shut.names((*SHARED, "My workspace", "Citra")) == []
    assert shut.controls == ()
    assert not [name for name in ("acting", "watched_exports", "open_dialog") if name in app.session_state]


def fragment_of_a_page():
    import streamlit as st

    from pages.session import SignedOut, checked, desk, lead_to_sign_in

    @st.fragment(run_every=1)
    @checked
    def look():
        st.text("the fragment runs")

    try:
        st.text(f"drawn for {desk().role}")
        if meanwhile := st.session_state.pop("meanwhile", None):
            meanwhile()  # while the page is there and before its fragment looks again
        look()
    except SignedOut:
        lead_to_sign_in()


@pytest.mark.parametrize(
    ("meanwhile", "drawn"),
    [
        (lambda ana, person: None, ["drawn for admin", "the fragment runs"]),
        (lambda ana, person: sign_in.end_everywhere(person), []),
        (lambda ana, person: members.remove(ana, person.account_id, ana.account_id), []),
        (
            lambda ana, person: members.change_role(ana, person.account_id, Role.VIEWER),
            ["drawn for viewer", "the fragment runs"],
        ),
    ],
    ids=["nothing", "signed out", "removed", "lowered"],
)
def test_a_fragment_that_looks_again_by_itself_does_so_only_for_whom_it_was_drawn(world, leaving, meanwhile, drawn):
    app = AppTest.from_function(fragment_of_a_page).run()
    assert [text.value for text in app.text] == ["drawn for admin", "the fragment runs"]
    app.session_state["meanwhile"] = lambda: meanwhile(world.ana, leaving)
    app.run()
    assert [text.value for text in app.text] == drawn
    assert ("You are signed out" in screen(app).everything) == (not drawn)


def test_no_page_stops_in_the_middle_where_its_fragments_would_look_again_into_places_that_are_gone():
    """Streamlit forgets the fragments of the page before only where a script comes to its end; else the browser breaks."""
    stopping = [
        f"{path.name}:{node.lineno}"
        for path in PAGES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.stop"
    ]
    assert not stopping
