"""What uses a dataset, asked before it is deleted or replaced."""

import pytest

from core import datasets, exports, sharing, usage
from core.engine.spec import ExportSpec
from core.errors import NotFound
from core.templating import templates
from core.work import inline
from storage import accounts, members
from storage.tables import Role


def spec(*names):
    return ExportSpec.model_validate({"sources": [{"dataset": n} for n in names], "output": {"format": "csv"}})


@pytest.fixture
def people(dataset_factory):
    return dataset_factory("a,b\n1,2\n", "People")


def test_a_dataset_nothing_names_is_used_by_nothing(desk, people):
    assert not usage.of_dataset(desk, people.id).any


def test_templates_that_name_it_and_exports_in_the_queue_are_counted_by_name(desk, people, dataset_factory):
    towns = dataset_factory("t\n1\n", "Towns")
    templates.save(desk, "Weekly", "", spec(people.slug))
    templates.save(desk, "Both", "", spec(towns.slug, people.slug))
    templates.save(desk, "Others", "", spec(towns.slug))
    job = exports.start(desk, spec(people.slug))
    found = usage.of_dataset(desk, people.slug)
    assert found.templates.names == ("Both", "Weekly")
    assert found.on_their_way.names == (job.name,)
    inline.run_queued(desk)
    assert usage.of_dataset(desk, people.id).on_their_way.count == 0


def test_a_deleted_template_does_not_count(desk, people):
    saved = templates.save(desk, "Weekly", "", spec(people.slug))
    templates.delete(desk, saved.id)
    assert not usage.of_dataset(desk, people.id).any


def test_an_export_that_pinned_an_earlier_version_counts(desk, people):
    from core import uploads

    exports.start(desk, spec(people.slug))
    upload = uploads.store(desk, "again.csv", b"a,b\n3,4\n")
    datasets.add(desk, upload.id, replace=people.id)
    assert usage.of_dataset(desk, people.id).on_their_way.count == 1


def test_what_others_keep_to_themselves_counts_without_its_name(desk, stranger, people):
    sharing.share(desk, "dataset", people.id)
    with desk.store.writing() as session:
        account = accounts.add(session, desk.workspace_id, "Budi")
        members.add(session, desk.workspace_id, account.id, Role.EDITOR)
    budi = desk.acting_as(desk.workspace_id, account.id)
    templates.save(budi, "Budi's own", "", spec(people.slug))
    found = usage.of_dataset(desk, people.id).templates
    assert (found.names, found.others, found.count) == ((), 1, 1)
    assert usage.of_dataset(budi, people.id).templates.names == ("Budi's own",)
    with pytest.raises(NotFound):
        usage.of_dataset(stranger, people.id)
