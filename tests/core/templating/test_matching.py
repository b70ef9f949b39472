"""A template on a new file: columns by name, then as remembered, then by likeness, then by hand; said before anything runs."""

import pytest

from core import datasets, exports
from core.engine.spec import ExportSpec
from core.errors import BadInput, BadSpec, NotFound
from core.templating import templates
from core.work import inline
from tests.core.templating.test_templates import FULL, PEOPLE, spec

GERMAN = "Betrag,Full name,Country ,Tag\n5,Citra,Peru,2026-03-01\n6,Dao,Laos,2026-03-02\n"


@pytest.fixture
def people(dataset_factory):
    return dataset_factory(PEOPLE, "People")


@pytest.fixture
def german(dataset_factory):
    return dataset_factory(GERMAN, "Leute")


@pytest.fixture
def kept(desk, people):
    return templates.save(desk, "Peru", "", spec(people.slug, **FULL))


def how(report):
    return {one.wanted: (one.column.name if one.column else None, one.how) for one in report.columns}


def text(desk, job):
    inline.run_queued(desk)
    assert exports.get(desk, job.id).error is None
    return exports.file(desk, job.id).path.read_text(encoding="utf-8-sig").split()


def test_what_is_found_and_what_is_missing_is_said_and_nothing_runs(desk, kept, german):
    report = templates.match(desk, kept.id, [german.slug])
    assert how(report) == {
        "amount": (None, None),
        "name": ("Full name", "similar"),
        "country": ("Country", "alike"),
        "day": (None, None),
    }
    assert [one.wanted for one in report.missing] == ["amount", "day"]
    assert not report.ready
    assert report.columns[0].used == ("column", "sorting")
    assert exports.list(desk)[1] == 0


def test_a_likeness_alone_runs_nothing_and_names_its_guess(desk, people, german):
    kept = templates.save(desk, "Names", "", spec(people.slug, columns=[{"column": "name"}]))
    assert templates.match(desk, kept.id, [german.id]).ready
    with pytest.raises(BadSpec) as refused:
        templates.run(desk, kept.id, german.id)
    assert refused.value.details == {"missing": ["name"], "nearest": {"name": ["Full name"]}}


def test_what_was_said_by_hand_is_remembered_for_the_next_file(desk, kept, german, dataset_factory):
    by_hand = {(0, "amount"): "Betrag", (0, "day"): "Tag", (0, "name"): "Full name"}
    job = templates.run(desk, kept.id, data=[german.slug], by_hand=by_hand)
    assert text(desk, job) == ["amount,Who", "5,Citra"]

    later = dataset_factory(GERMAN.replace("Citra", "Eko").replace("Betrag", "BETRAG"), "Later")
    report = templates.match(desk, kept.id, [later.id])
    assert {one.how for one in report.columns} == {"remembered", "alike"}
    assert text(desk, templates.run(desk, kept.id, later.id)) == ["amount,Who", "5,Eko"]


def test_the_header_of_the_file_stays_that_of_the_template(desk, people, german):
    summary = {"group_by": [{"column": "country"}], "measures": [{"function": "sum", "column": "amount"}]}
    grouped = spec(people.slug, summary=summary, sort=[{"column": "Sum of amount", "descending": True}])
    kept = templates.save(desk, "Sums", "", grouped)
    job = templates.run(desk, kept.id, data=[german.slug], by_hand={(0, "amount"): "Betrag"})
    inline.run_queued(desk)
    first = exports.file(desk, job.id).path.read_text(encoding="utf-8-sig").splitlines()[0]
    assert first == "country,Sum of amount"


def test_a_suggestion_can_be_turned_down(desk, people, german):
    kept = templates.save(desk, "Names", "", spec(people.slug, columns=[{"column": "name"}]))
    report = templates.match(desk, kept.id, [german.slug], {(0, "name"): None})
    assert [one.wanted for one in report.missing] == ["name"]
    assert report.missing[0].nearest[0] == "Full name"


def test_a_column_of_another_kind_is_found_by_name_and_its_filter_told(desk, people, dataset_factory):
    kept = templates.save(
        desk,
        "Dear",
        "",
        spec(people.slug, filters={"items": [{"column": "amount", "operator": "at_least", "values": [15]}]}),
    )
    words = dataset_factory("name,amount\nAyu,much\nBen,little\n", "Words")
    report = templates.match(desk, kept.id, [words.slug])
    assert report.spec is not None
    assert not report.ready
    assert "amount" in report.problems[0].message


def test_likeness_proposes_no_column_the_template_could_not_use(desk, people, dataset_factory):
    kept = templates.save(
        desk,
        "Dear",
        "",
        spec(people.slug, filters={"items": [{"column": "amount", "operator": "at_least", "values": [15]}]}),
    )
    words = dataset_factory("name,amounts\nAyu,much\nBen,little\n", "Words")
    numbers = dataset_factory("name,amounts\nAyu,20\nBen,3\n", "Numbers")
    assert templates.match(desk, kept.id, [words.slug]).missing
    assert how(templates.match(desk, kept.id, [numbers.slug])) == {"amount": ("amounts", "similar")}


def test_the_column_a_file_is_split_by_is_matched_too(desk, people, german):
    split = spec(people.slug, columns=[{"column": "name"}]).model_dump(mode="json")
    split["packaging"] = {"split": {"by": "value", "column": "country"}}
    kept = templates.save(desk, "A file each", "", ExportSpec.model_validate(split))
    report = templates.match(desk, kept.id, [german.slug])
    assert report.columns[1].used == ("split",)
    assert report.spec.packaging.split.column.name == report.columns[1].column.name


def test_of_several_datasets_each_can_be_another(desk, people, dataset_factory):
    dataset_factory("town,Country\nLima,Peru\n", "Towns")
    cities = dataset_factory("city,Country\nCusco,Peru\n", "Cities")
    both = {
        "sources": [{"dataset": "people"}, {"dataset": "towns", "columns": [{"column": "town"}]}],
        "output": {"format": "xlsx"},
    }
    kept = templates.save(desk, "Both", "", ExportSpec.model_validate(both))
    report = templates.match(desk, kept.id, [None, cities.slug], {(1, "town"): "city"})
    assert report.data == ("People", "Cities")
    assert [source.dataset for source in report.spec.sources] == ["people", "cities"]
    assert report.spec.sources[1].columns[0].label == "town"
    with pytest.raises(BadInput, match="2 datasets"):
        templates.match(desk, kept.id, [None, None, "people"])


def test_a_column_that_is_known_by_its_id_alone_is_matched_under_that(desk, people, dataset_factory):
    kept = templates.save(desk, "By id", "", spec(people.slug, columns=[{"column": {"name": "", "id": "c3"}}]))
    other = dataset_factory("a,b\n1,2\n", "Small")
    report = templates.match(desk, kept.id, [other.id])
    assert [one.wanted for one in report.missing] == ["c3"]
    assert templates.match(desk, kept.id, [other.id], {(0, "c3"): "b"}).spec.sources[0].columns[0].column.id == "c2"


def test_what_nobody_knows_is_refused_with_a_sentence(desk, kept, german):
    with pytest.raises(BadInput, match="uses no column “wage”"):
        templates.match(desk, kept.id, [german.slug], {(0, "wage"): "Betrag"})
    with pytest.raises(BadSpec, match="no column “Lohn”"):
        templates.match(desk, kept.id, [german.slug], {(0, "amount"): "Lohn"})
    with pytest.raises(NotFound):
        templates.match(desk, kept.id, ["nowhere"])


def test_a_file_that_was_replaced_with_other_headers_runs_again_once_it_was_matched(desk, people, kept):
    from core import uploads

    upload = uploads.store(desk, "again.csv", GERMAN.encode())
    datasets.add(desk, upload.id, replace=people.id)
    inline.run_queued(desk)
    with pytest.raises(BadSpec, match="no columns “amount”, “name”, “day”"):
        templates.run(desk, kept.id)
    by_hand = {(0, "amount"): "Betrag", (0, "day"): "Tag", (0, "name"): "Full name"}
    templates.run(desk, kept.id, data=["people"], by_hand=by_hand)
    assert text(desk, templates.run(desk, kept.id)) == ["amount,Who", "5,Citra"]
