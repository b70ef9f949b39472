"""Filters and columns that are kept alone, and found again by name in other data."""

import pytest

from core import audit, datasets, sharing
from core.engine.spec import Group
from core.errors import BadInput, NotFound
from core.keeping import bin
from core.templating import saved_sets
from core.templating.saved_sets import Columns
from storage.tables import Role, SetKind
from tests.core.templating.test_templates import PEOPLE, TURNED
from tests.things import add_person

PERU = Group.model_validate(
    {
        "match": "any",
        "items": [
            {"column": {"name": "country", "id": "c2"}, "operator": "is", "values": ["Peru"]},
            {"match": "all", "items": [{"column": "amount", "operator": "at_least", "values": [15]}]},
        ],
    }
)
TWO = Columns.model_validate(
    {"columns": [{"column": {"name": "amount", "id": "c3"}}, {"column": "name", "label": "Who"}]}
)


@pytest.fixture
def filters(desk):
    return saved_sets.save(desk, SetKind.FILTERS, "  Peru   or dear ", PERU)


@pytest.fixture
def columns(desk):
    return saved_sets.save(desk, SetKind.COLUMNS, "For the bank", TWO)


def test_sets_are_kept_without_the_ids_of_the_data_they_were_made_on(desk, filters, columns):
    assert filters.name == "Peru or dear"
    assert saved_sets.content(filters).items[0].column.id is None
    assert saved_sets.content(columns).columns[0].column.name == "amount"
    assert [one.name for one in saved_sets.list(desk)] == ["For the bank", "Peru or dear"]
    assert [one.name for one in saved_sets.list(desk, SetKind.FILTERS)] == ["Peru or dear"]


def test_a_set_says_what_is_in_it(filters, columns):
    assert saved_sets.sentence(filters) == "Country is Peru or amount is at least 15"
    assert saved_sets.sentence(columns) == "2 columns: amount and Who"


def test_on_other_data_its_columns_are_found_by_name(desk, filters, columns, dataset_factory):
    dataset_factory(PEOPLE, "People")
    table = datasets.table(desk, dataset_factory(TURNED, "Turned"))
    there = saved_sets.fitted(filters, table)
    assert (there.content.items[0].column.id, there.content.match, there.left_out) == ("c3", "any", ())
    shown = saved_sets.fitted(columns, table).content.columns
    assert [(one.column.id, one.label) for one in shown] == [("c2", None), ("c4", "Who")]


def test_what_the_data_has_no_column_for_is_left_out_and_named(desk, filters, columns, dataset_factory):
    table = datasets.table(desk, dataset_factory("country,amount\nPeru,much\n", "Words"))
    there = saved_sets.fitted(filters, table)
    assert len(there.content.items) == 1
    assert len(there.left_out) == 1
    assert "amount" in there.left_out[0]
    other = datasets.table(desk, dataset_factory("x,y\n1,2\n", "Other"))
    assert saved_sets.fitted(filters, other).empty
    assert saved_sets.fitted(columns, other).left_out == ("“amount”", "“name”")


def test_a_set_is_renamed_changed_deleted_and_restored(desk, filters):
    saved_sets.update(desk, filters.id, name="Peru", content=Group(items=PERU.items[:1]))
    assert saved_sets.get(desk, filters.id).name == "Peru"
    saved_sets.delete(desk, filters.id)
    with pytest.raises(NotFound):
        saved_sets.get(desk, filters.id)
    assert [(one.kind, one.name) for one in bin.list(desk)] == [("set", "Peru")]
    bin.restore(desk, "set", filters.id)
    assert saved_sets.get(desk, filters.id).name == "Peru"
    saved_sets.delete(desk, filters.id)
    bin.delete_for_good(desk, "set", filters.id)
    assert bin.list(desk) == []
    told = [entry.action for entry in audit.list(desk)[0]]
    assert told[:2] == ["sets.removed", "sets.deleted"]


def test_a_set_is_ones_own_until_it_is_shared(desk, filters):
    budi = add_person(desk, "Budi", Role.EDITOR)
    assert saved_sets.list(budi) == []
    sharing.share(desk, "set", filters.id)
    assert [one.id for one in saved_sets.list(budi)] == [filters.id]


@pytest.mark.parametrize(
    ("kind", "content"),
    [(SetKind.FILTERS, Group()), (SetKind.COLUMNS, Columns()), (SetKind.FILTERS, TWO), (SetKind.COLUMNS, PERU)],
)
def test_a_set_of_nothing_or_of_the_other_kind_is_refused(desk, kind, content):
    with pytest.raises(BadInput):
        saved_sets.save(desk, kind, "Empty", content)
