"""Whoever looks at a page is asked for at every step: also where only a part of it runs again."""

import ast
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "pages"
ALONE = ("st.fragment", "st.dialog", "dialogs.dialog")  # what makes a function run again without the page around it
ITSELF = "dialogs.py"  # makes the dialogs of the others, who bear @checked there


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
    for page in (p for p in PAGES.rglob("*.py") if p.name != ITSELF):
        for node in ast.walk(ast.parse(page.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Call):
                assert not ast.unparse(node.func.func).startswith(ALONE), page.name
