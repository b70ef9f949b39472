"""Templates: a spec that is kept, and that finds its columns again in another dataset."""

import pytest

from core import datasets, exports
from core.engine.spec import ExportSpec
from core.errors import BadInput, BadSpec, NotFound
from core.templating import templates
from core.work import inline

PEOPLE = "name,country,amount,day\nAyu,Indonesia,10,2026-01-05\nBen,Peru,20,2026-02-05\n"
TURNED = "day,amount,Country,name\n2026-03-01,5,Peru,Citra\n2026-03-02,6,Laos,Dao\n"


def spec(dataset, **source):
    return ExportSpec.model_validate(
        {"name": "Peru", "sources": [{"dataset": dataset} | source], "output": {"format": "csv"}}
    )


@pytest.fixture
def people(dataset_factory):
    return dataset_factory(PEOPLE, "People")


FULL = {
    "filters": {"match": "any", "items": [{"items": [{"column": "country", "operator": "is", "values": ["Peru"]}]}]},
    "time_range": {"column": "day", "start": "2026-01-01"},
    "columns": [{"column": {"name": "amount", "id": "c3"}}, {"column": "name", "label": "Who"}],
    "sort": [{"column": "amount"}],
}


def test_a_template_is_kept_listed_changed_and_deleted(desk, people):
    kept = templates.save(desk, "  Peru   only ", " for Ana ", spec(people.slug))
    assert (kept.name, kept.description) == ("Peru only", "for Ana")
    assert [t.id for t in templates.list(desk)] == [kept.id]
    changed = templates.update(desk, kept.id, name="Peru")
    assert (changed.name, changed.description) == ("Peru", "for Ana")
    templates.delete(desk, kept.id)
    assert list(templates.list(desk)) == []
    for action in (templates.get, templates.delete, templates.run):
        with pytest.raises(NotFound):
            action(desk, kept.id)


def test_running_it_makes_an_export_that_knows_its_template(desk, people):
    kept = templates.save(desk, "Peru", "", spec(people.slug, **FULL))
    job = templates.run(desk, kept.id)
    inline.run_queued(desk)
    done = exports.get(desk, job.id)
    assert done.error is None
    assert (done.template_id, done.rows) == (kept.id, 1)
    assert templates.get(desk, kept.id).last_run_at is not None


def test_on_another_dataset_columns_are_found_by_name_wherever_they_stand(desk, people, dataset_factory):
    other = dataset_factory(TURNED, "Turned")
    kept = templates.save(desk, "Peru", "", spec(people.slug, **FULL))
    fitted = templates.spec_for(desk, kept.id, other.id).sources[0]
    assert fitted.dataset == other.slug
    assert [c.column.id for c in fitted.columns] == ["c2", "c4"]
    assert fitted.filters.items[0].items[0].column.name == "Country"
    job = templates.run(desk, kept.id, dataset=other.slug)
    inline.run_queued(desk)
    path = exports.file(desk, job.id).path
    assert path.read_text(encoding="utf-8-sig").split() == ["amount,Who", "5,Citra"]


def test_a_dataset_without_the_columns_is_refused_naming_all_that_are_missing(desk, people, dataset_factory):
    other = dataset_factory("name,land\nAyu,Indonesia\n", "Lands")
    kept = templates.save(desk, "Peru", "", spec(people.slug, **FULL))
    with pytest.raises(BadSpec) as refused:
        templates.run(desk, kept.id, dataset=other.id)
    assert set(refused.value.details["missing"]) == {"country", "day", "amount"}
    assert "Lands" in refused.value.message


def test_with_a_summary_the_sort_means_the_results_own_columns(desk, people):
    summary = {
        "group_by": [{"column": "country"}],
        "measures": [{"function": "sum", "column": "amount", "label": "Sum"}],
    }
    kept = templates.save(desk, "Sums", "", spec(people.slug, summary=summary, sort=[{"column": "Sum"}]))
    job = templates.run(desk, kept.id)
    inline.run_queued(desk)
    assert exports.get(desk, job.id).rows == 2


def test_a_replaced_dataset_still_fits_and_one_that_lost_a_column_does_not(desk, people):
    from core import uploads

    kept = templates.save(desk, "Peru", "", spec(people.slug, columns=[{"column": "amount"}]))
    for text in ("amount,name\n7,Eko\n", "name\nEko\n"):
        upload = uploads.store(desk, "again.csv", text.encode())
        datasets.add(desk, upload.id, replace=people.id)
        inline.run_queued(desk)
        if "amount" in text:
            assert templates.spec_for(desk, kept.id).sources[0].columns[0].column.id == "c1"
    with pytest.raises(BadSpec, match="amount"):
        templates.spec_for(desk, kept.id)


def test_a_template_of_what_cannot_run_is_not_kept(desk, people):
    with pytest.raises(BadSpec):
        templates.save(desk, "Wrong", "", spec(people.slug, columns=[{"column": "nothing"}]))
    with pytest.raises(NotFound):
        templates.save(desk, "Wrong", "", spec("nowhere"))
    for name in (" ", "x" * 201):
        with pytest.raises(BadInput):
            templates.save(desk, name, "", spec(people.slug))


def test_nobody_reaches_another_workspaces_template(desk, stranger, people):
    kept = templates.save(desk, "Peru", "", spec(people.slug))
    for attempt in (
        lambda: templates.get(stranger, kept.id),
        lambda: templates.run(stranger, kept.id),
        lambda: templates.update(stranger, kept.id, name="Mine"),
        lambda: templates.delete(stranger, kept.id),
        lambda: templates.save(stranger, "Copy", "", spec(people.id)),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert list(templates.list(stranger)) == []
    assert templates.get(desk, kept.id).name == "Peru"


def test_a_template_of_several_datasets_finds_the_columns_of_each(desk, people, dataset_factory):
    dataset_factory("town,Country\nLima,Peru\n", "Towns")
    twice = ExportSpec.model_validate(
        {
            "sources": [
                {"dataset": "people", "columns": [{"column": "name"}]},
                {"dataset": "towns", "columns": [{"column": "town"}]},
            ],
            "output": {"format": "xlsx"},
        }
    )
    kept = templates.save(desk, "Both", "", twice)
    job = templates.run(desk, kept.id)
    inline.run_queued(desk)
    assert exports.get(desk, job.id).rows == 3

    other = dataset_factory(TURNED, "Turned")
    first, second = templates.spec_for(desk, kept.id, other.id).sources
    assert (first.dataset, second.dataset) == ("turned", "towns")
    assert [c.column.id for c in first.columns + second.columns] == ["c4", "c1"]
