"""What can be kept is kept as it is; what cannot is refused with the name of its field, on both databases."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import datasets, exports, storable, workspaces
from core.access import users
from core.engine.spec import ExportSpec
from core.errors import BadInput
from core.templating import templates

TEXTS = st.text() | st.sampled_from(["\0", "a\ud83d", "\ude00b", "\U0001f600"])
VALUES = st.recursive(
    TEXTS | st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=9
)


def kept(value):
    """Could a file and both databases hold it?"""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return r"\u0000" not in text.replace(r"\\", "")


@given(VALUES)
def test_exactly_what_cannot_be_kept_is_refused(value):
    if kept(value):
        storable.check(value)
    else:
        with pytest.raises(BadInput, match=r"NUL|half a sign"):
            storable.check(value)


def test_the_field_is_named_by_the_way_to_it():
    with pytest.raises(BadInput) as refused:
        storable.check({"spec": {"sources": [{"name": "a"}, {"name": "b\0"}]}})
    assert refused.value.field == "spec.sources.1.name"
    assert refused.value.message == "“spec.sources.1.name” holds the character NUL, which nothing can store."


def test_a_value_deeper_than_python_goes_is_looked_through():
    deep: Any = "\0"
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(BadInput):
        storable.check(deep)


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800"])
def test_neither_screens_nor_commands_store_what_cannot_be_kept(desk, dataset_factory, bad):
    people = dataset_factory("a\n1\n")
    spec = ExportSpec.model_validate({"sources": [{"dataset": people.slug}], "output": {"format": "csv"}})
    saved = templates.save(desk, "Weekly", "", spec)
    for attempt in (
        lambda: exports.start(desk, spec.model_copy(update={"name": bad})),
        lambda: templates.save(desk, "Weekly", bad, spec),
        lambda: templates.save(desk, "Weekly", "", spec.model_copy(update={"name": bad})),
        lambda: templates.update(desk, saved.id, description=bad),
        lambda: workspaces.named(desk, bad),
        lambda: users.by_email(desk, bad),
    ):
        with pytest.raises(BadInput, match=r"NUL|half a sign"):
            attempt()
    assert datasets.rename(desk, people.id, bad).name in ("a b", "a")  # signs nobody sees are no part of a name
