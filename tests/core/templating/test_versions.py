"""Every version of a template is kept, says what it changed, and can be brought back; tags, days and copies."""

import pytest

from core import sharing
from core.engine.spec import ExportSpec
from core.errors import BadInput, Conflict, NotFound
from core.templating import templates
from core.templating.changes import changes
from core.templating.versions import list as versions
from core.templating.versions import restore
from storage.tables import Role
from tests.core.templating.test_templates import FULL, PEOPLE, spec
from tests.things import add_person, make_things


@pytest.fixture
def people(dataset_factory):
    return dataset_factory(PEOPLE, "People")


@pytest.fixture
def kept(desk, people):
    return templates.save(desk, "Peru", "", spec(people.slug), tags=["Monthly", " bank "], keep_days=7)


def test_each_change_is_a_version_that_says_what_it_changed_and_who_made_it(desk, kept, people):
    templates.update(desk, kept.id, spec=spec(people.slug, **FULL))
    templates.update(desk, kept.id, name="Peru only", tags=["yearly"], keep_days=None)
    third, second, first = versions(desk, kept.id)
    assert [one.number for one in (third, second, first)] == [3, 2, 1]
    assert (third.current, second.current) == (True, False)
    assert first.changed == ()
    assert "New filter: country is Peru." in second.changed
    assert "Only chosen columns are kept." in second.changed
    assert third.changed == ("It is called “Peru only” instead of “Peru”.",)
    assert third.by == "Owner"


def test_what_is_no_other_export_is_no_version(desk, kept, people):
    templates.update(desk, kept.id, tags=["other"], keep_days=3)
    templates.update(desk, kept.id, name="Peru", spec=spec(people.slug))
    assert [one.number for one in versions(desk, kept.id)] == [1]
    assert (templates.get(desk, kept.id).tags, templates.get(desk, kept.id).keep_days) == (["other"], 3)


def test_an_earlier_version_comes_back_as_a_new_one(desk, kept, people):
    templates.update(desk, kept.id, name="Other", spec=spec(people.slug, **FULL))
    restored = restore(desk, kept.id, 1)
    assert (restored.name, restored.version) == ("Peru", 3)
    assert ExportSpec.model_validate(restored.spec) == spec(people.slug)
    newest = versions(desk, kept.id)[0]
    assert (newest.restored_from, newest.current) == (1, True)
    assert newest.changed[0] == "It is called “Peru” instead of “Other”."
    with pytest.raises(Conflict, match="is the current one"):
        restore(desk, kept.id, 3)
    with pytest.raises(NotFound, match="no such version"):
        restore(desk, kept.id, 9)


def test_what_two_people_save_at_once_are_two_versions(desk, kept):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: templates.update(desk, kept.id, name=f"Name {n}"), range(12)))
    assert [one.number for one in versions(desk, kept.id)] == [*range(13, 0, -1)]


def test_versions_of_what_is_not_shared_are_not_there_for_others(desk, kept):
    budi = add_person(desk, "Budi", Role.EDITOR)
    for attempt in (
        lambda: versions(budi, kept.id),
        lambda: restore(budi, kept.id, 1),
        lambda: templates.duplicate(budi, kept.id),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_restoring_what_names_private_data_is_refused_where_others_see_the_template(desk):
    budi, mine = add_person(desk, "Budi", Role.EDITOR), make_things(desk, "Mine", shared=True)
    his = make_things(budi, "His")
    templates.update(budi, mine.template, name="Ours")  # a shared template others may change
    with pytest.raises(Conflict, match="which only you can see"):
        templates.update(budi, mine.template, spec=spec(his.dataset))


def test_nobody_brings_back_a_version_on_data_that_is_not_shared_with_them(desk):
    budi, mine, salaries = (
        add_person(desk, "Budi", Role.EDITOR),
        make_things(desk, "Mine", shared=True),
        make_things(desk, "Pay"),
    )
    sharing.share(desk, "template", mine.template, False)
    templates.update(desk, mine.template, spec=spec(salaries.dataset))
    templates.update(desk, mine.template, spec=spec(mine.dataset))
    sharing.share(desk, "template", mine.template)
    with pytest.raises(NotFound, match="not shared with you"):
        restore(budi, mine.template, 2)
    assert restore(budi, mine.template, 1).version == 4


def test_a_copy_is_private_has_a_name_of_its_own_and_begins_anew(desk, kept):
    first, second = templates.duplicate(desk, kept.id), templates.duplicate(desk, kept.id)
    assert (first.name, second.name) == ("Peru (copy)", "Peru (copy 2)")
    assert (first.spec, first.tags, first.keep_days) == (kept.spec, ["Monthly", "bank"], 7)
    assert (first.shared, first.version, first.last_run_at) == (False, 1, None)


def test_the_gallery_is_searched_by_name_description_and_tags(desk, kept, people):
    other = templates.save(desk, "Laos", "For Ana at the Bánk", spec(people.slug), tags=["Weekly"])
    found = {
        word: [one.name for one in templates.list(desk, word)]
        for word in ("BANK", "bánk ana", "ana", "peru month", "zz")
    }
    assert found == {"BANK": ["Peru"], "bánk ana": ["Laos"], "ana": ["Laos"], "peru month": ["Peru"], "zz": []}
    assert templates.tags(desk) == ["bank", "Monthly", "Weekly"]
    assert [one.id for one in templates.list(desk, tags=["weekly"])] == [other.id]
    assert templates.list(desk, tags=["weekly", "bank"]) == []


def test_who_ran_it_last_is_known(desk, kept):
    templates.run(desk, kept.id)
    assert templates.get(desk, kept.id).last_run_by == desk.account_id


@pytest.mark.parametrize(
    "wrong",
    [
        {"tags": ["x" * 41]},
        {"tags": [" "]},
        {"tags": [f"tag {n}" for n in range(21)]},
        {"keep_days": 0},
        {"keep_days": 4000},
        {"description": "x" * 2001},
    ],
)
def test_what_nobody_could_read_is_refused(desk, kept, wrong):
    with pytest.raises(BadInput):
        templates.update(desk, kept.id, **wrong)


def changed(**parts):
    """The sentences for a change from a CSV of `people` to the same with these parts."""
    base = {"sources": [{"dataset": "people"}], "output": {"format": "csv"}}
    source = {
        name: parts.pop(name) for name in [*parts] if name in ("filters", "columns", "sort", "limit", "time_range")
    }
    after = base | parts | ({"sources": [base["sources"][0] | source]} if source else {})
    return changes(ExportSpec.model_validate(base), ExportSpec.model_validate(after))


def test_a_change_is_said_in_words():
    assert changed() == ()
    assert changed(output={"format": "json"}) == ("The file is JSON instead of CSV.",)
    assert changed(limit=10) == ("At most 10 rows are kept.",)
    assert changed(time_range={"relative": "last_month"}) == ("The time range is last month.",)
    assert changed(sources=[{"dataset": "people"}, {"dataset": "towns"}]) == ("It also holds “towns”.",)
    assert changed(packaging={"split": {"by": "rows", "rows": 5}}) == ("The file is split otherwise.",)
    many = [{"column": f"c{n}", "operator": "is", "values": [n]} for n in range(5)]
    assert changed(filters={"items": many}) == ("New filter: c0 is 0, c1 is 1, c2 is 2 and 2 more.",)


def test_columns_that_come_go_move_and_are_renamed_are_told_apart():
    def of(*names, **labels):
        columns = [{"column": name, "label": labels.get(name)} for name in names]
        return ExportSpec.model_validate({"sources": [{"dataset": "people", "columns": columns}]})

    assert changes(of("a", "b"), of("a", "b", "c")) == ("More columns: “c”.",)
    assert changes(of("a", "b"), of("b")) == ("Fewer columns: “a”.",)
    assert changes(of("a", "b"), of("b", "a")) == ("The columns stand in another order.",)
    assert changes(of("a"), of("a", a="Who")) == ("The column “a” is headed “Who”.",)
