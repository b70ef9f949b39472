"""What may be a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import naming
from core.errors import BadInput


@given(st.text())
def test_a_name_is_one_visible_line_or_refused(name):
    if not 1 <= len(naming.line(name)) <= naming.MAX_NAME:
        with pytest.raises(BadInput) as refused:
            naming.checked(name)
        assert refused.value.field == "name"
        return
    kept = naming.checked(name)
    assert kept.isprintable()
    assert kept == kept.strip() == naming.checked(kept)
    assert "  " not in kept


@pytest.mark.parametrize("name", ["", " \t\n", "\u200b", "x" * 6])
def test_none_and_one_that_is_too_long_are_refused_saying_of_what(name):
    with pytest.raises(BadInput, match="A template's name has 1 to 5 characters"):
        naming.checked(name, "A template's name", 5)
