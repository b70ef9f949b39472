"""The page an operator reads and the settings the code knows are the same."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
ROWS = dict(re.findall(r"^\| `DESK_(\w+)` \| .*? \| (.*?) \|$", PAGE, re.M))


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_on_the_page_in_the_words_of_the_code(name):
    assert ROWS.get(name.upper()) == Settings.model_fields[name].description


def test_the_page_names_no_setting_that_is_gone():
    assert {row.lower() for row in ROWS} == set(Settings.model_fields)


def test_a_setting_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("DESK_WORKERS", "7")
    assert Settings().workers == 7


def test_nonsense_is_refused_at_the_start(monkeypatch):
    monkeypatch.setenv("DESK_WORKERS", "0")
    with pytest.raises(ValidationError):
        Settings()
