"""Whoever looks at a page is asked for at every step: also where only a part of it runs again."""

import ast
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "pages"


@pytest.mark.parametrize("page", sorted(PAGES.rglob("*.py")), ids=lambda p: str(p.relative_to(PAGES)))
def test_every_fragment_and_dialog_asks_first_whether_the_sign_in_still_holds(page):
    for node in ast.walk(ast.parse(page.read_text())):
        if not isinstance(node, ast.FunctionDef):
            continue
        decorators = [ast.unparse(d) for d in node.decorator_list]
        runs_alone = [n for n, d in enumerate(decorators) if d.startswith(("st.fragment", "st.dialog"))]
        for n in runs_alone:
            below = decorators[n + 1 :]
            assert below[:1] == ["checked"], f"{page.name}: put @checked (pages.session) below the @{decorators[n]} of {node.name}"


def test_nobody_turns_a_function_into_a_fragment_by_hand():
    for page in PAGES.rglob("*.py"):
        for node in ast.walk(ast.parse(page.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Call):
                assert not ast.unparse(node.func.func).startswith(("st.fragment", "st.dialog")), page.name
