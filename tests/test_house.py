"""What keeps the house in order: names that would break it, and papers that would go stale."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("page", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.stem)
def test_no_page_bears_a_standard_library_name(page):
    # Streamlit puts pages/ first on sys.path: a page called calendar.py would be imported by the standard library itself
    assert page.stem == "__init__" or page.stem not in sys.stdlib_module_names, (
        f"pages/{page.name} hides the standard library's module {page.stem}: rename the page"
    )


def test_nobody_imports_the_composition_root():
    # import-linter checks packages; app.py is one module above them
    for package in ("api", "core", "pages", "storage"):
        for file in (ROOT / package).rglob("*.py"):
            assert not re.search(r"^\s*(import app\b|from app\b)", file.read_text(), re.M), f"{file} imports app"


def test_the_readme_pictures_exist():

    for paper in [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]:
        for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", paper.read_text()):
            assert (paper.parent / picture).exists(), f"{paper.name} shows {picture}, which is not there"


def test_every_locked_dependency_is_explained():

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["dependency-groups"]["bench"],
    ]
    explained = (ROOT / "docs" / "dependencies.md").read_text().lower()
    missing = [n for n in (re.split(r"[\[<>=!~ ]", d)[0].lower() for d in names) if f"| {n} |" not in explained]
    assert not missing, f"docs/dependencies.md says nothing of {', '.join(missing)}"


def test_the_image_holds_every_part_of_the_desk_and_nothing_else_is_sent_to_its_builder():
    copied = set(re.findall(r"^COPY (\w\S*|\.streamlit) ", (ROOT / "Containerfile").read_text(), re.M))
    assert {"api", "core", "pages", "storage", "app.py", ".streamlit"} <= copied
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    assert "*" in ignored  # all but what is named
    assert copied <= {line.removeprefix("!") for line in ignored if line.startswith("!")}
