"""The bin: what is in it and for whom, the way back, and what goes for good."""

from datetime import timedelta

import pytest

from core import audit, datasets, destinations, exports, sharing
from core.engine.spec import ExportSpec
from core.errors import Conflict, Forbidden, NotFound
from core.keeping import bin
from core.scheduling import schedules
from core.templating import templates
from core.things import USES
from core.work import inline
from core.work.sweep import sweep
from storage import accounts, members
from storage.tables import Dataset, Destination, Job, Role, Template, utc_now

PEOPLE = "name,country\nAyu,Indonesia\nBen,Peru\n"


@pytest.fixture
def colleague(desk):
    """`colleague(Role.VIEWER)`: somebody else of the same workspace."""

    def made(role):
        with desk.store.writing() as session:
            account = accounts.add(session, desk.workspace_id, f"A {role}")
            members.add(session, desk.workspace_id, account.id, role)
        return desk.acting_as(desk.workspace_id, account.id)

    return made


@pytest.fixture
def made(desk, dataset_factory):
    """One of each kind, alive: their ids, by kind."""
    people = dataset_factory(PEOPLE)
    spec = ExportSpec.model_validate({"sources": [{"dataset": people.slug}], "output": {"format": "csv"}})
    job = exports.start(desk, spec)
    inline.run_queued(desk)
    place = destinations.make(desk, "Ana", "email", {"to": ["ana@example.org"]}, {})
    template = templates.save(desk, "Weekly", "", spec)
    return {"dataset": people.id, "template": template.id, "export": job.id, "destination": place.id}


DELETE = {
    "dataset": datasets.move_to_bin,
    "template": templates.delete,
    "export": exports.delete,
    "destination": destinations.delete,
}
TABLES = {"dataset": Dataset, "template": Template, "export": Job, "destination": Destination}
KINDS = pytest.mark.parametrize("kind", list(DELETE))


def age(desk, kind, thing_id, days):
    """As if it had been deleted so many days ago."""
    with desk.store.writing() as session:
        row = session.get(TABLES[kind], thing_id)
        row.deleted_at = utc_now() - timedelta(days=days)
        session.add(row)


def in_bin(desk):
    return {(one.kind, one.thing.id) for one in bin.list(desk)}


@KINDS
def test_what_is_deleted_lies_in_the_bin_until_it_is_restored(desk, made, kind):
    DELETE[kind](desk, made[kind])
    (one,) = bin.list(desk)
    assert (one.kind, one.thing.id, one.owner, one.days_left) == (kind, made[kind], "Owner", 30)
    bin.restore(desk, kind, made[kind])
    assert bin.list(desk) == []
    with pytest.raises((NotFound, Conflict)):
        bin.restore(desk, kind, made[kind])


def test_the_last_deleted_comes_first_and_a_name_is_found(desk, made):
    for n, kind in enumerate(DELETE):
        DELETE[kind](desk, made[kind])
        age(desk, kind, made[kind], 3 - n)
    assert [one.kind for one in bin.list(desk)] == ["destination", "export", "template", "dataset"]
    assert [one.kind for one in bin.list(desk, search="WEEK")] == ["template"]


def test_days_that_have_begun_count_as_left(desk, made):
    templates.delete(desk, made["template"])
    for days, left in ((0.5, 30), (1.5, 29), (29.9, 1), (31, 0)):
        age(desk, "template", made["template"], days)
        assert bin.list(desk)[0].days_left == left


@KINDS
def test_the_bin_shows_only_ones_own_and_what_was_shared(desk, stranger, colleague, made, kind):
    other = colleague(Role.EDITOR)
    if kind == "template":
        sharing.share(desk, "dataset", made["dataset"])
    DELETE[kind](desk, made[kind])
    for nobody in (stranger, other):
        assert bin.list(nobody) == []
        for act in (bin.restore, bin.delete_for_good):
            with pytest.raises(NotFound):
                act(nobody, kind, made[kind])
    bin.restore(desk, kind, made[kind])
    sharing.share(desk, kind, made[kind])
    DELETE[kind](desk, made[kind])
    assert in_bin(other) == {(kind, made[kind])}
    assert bin.list(stranger) == []


@KINDS
def test_what_is_shared_only_its_owner_and_administrators_restore_or_remove(desk, colleague, made, kind):
    sharing.share(desk, "dataset", made["dataset"])
    if kind != "dataset":
        sharing.share(desk, kind, made[kind])
    DELETE[kind](desk, made[kind])
    for role in (Role.VIEWER, Role.EDITOR):
        for act in (bin.restore, bin.delete_for_good):
            with pytest.raises(Forbidden):
                act(colleague(role), kind, made[kind])
    bin.restore(colleague(Role.ADMIN), kind, made[kind])


@KINDS
def test_what_goes_for_good_leaves_no_row_and_no_file(desk, made, kind):
    version = datasets.get(desk, made["dataset"]).version_id
    DELETE[kind](desk, made[kind])
    bin.delete_for_good(desk, kind, made[kind])
    assert bin.list(desk) == []
    with desk.store.reading() as session:
        assert session.get(TABLES[kind], made[kind]) is None
    assert desk.files.dataset(version).exists() == (kind != "dataset")
    assert bool([*desk.files.exports.iterdir()]) == (kind != "export")
    with pytest.raises(NotFound):
        bin.delete_for_good(desk, kind, made[kind])
    assert audit.list(desk)[0][0].action.endswith(".removed")


def test_an_export_outlives_the_template_and_the_data_it_came_from(desk, made):
    job = templates.run(desk, made["template"])
    inline.run_queued(desk)
    for kind in ("template", "dataset"):
        DELETE[kind](desk, made[kind])
        bin.delete_for_good(desk, kind, made[kind])
    assert exports.get(desk, job.id).template_id is None
    assert exports.file(desk, job.id).path.is_file()


@pytest.mark.parametrize("kind", ["dataset", "template"])
def test_what_an_export_on_its_way_needs_stays(desk, made, kind):
    job = templates.run(desk, made["template"])
    DELETE[kind](desk, made[kind])
    with pytest.raises(Conflict, match="on its way"):
        bin.delete_for_good(desk, kind, made[kind])
    age(desk, kind, made[kind], 31)
    assert bin.purge(desk) == 0
    inline.run_queued(desk)
    assert exports.get(desk, job.id).state == "succeeded"
    assert bin.purge(desk) == 1


def test_a_dataset_whose_next_version_is_being_read_stays(desk, made):
    from core import uploads

    upload = uploads.store(desk, "again.csv", PEOPLE.encode())
    datasets.add(desk, upload.id, replace=made["dataset"])
    datasets.move_to_bin(desk, made["dataset"])
    with pytest.raises(Conflict):
        bin.delete_for_good(desk, "dataset", made["dataset"])


@KINDS
def test_the_sweep_takes_what_lay_there_too_long_and_nothing_else(desk, made, kind):
    version = datasets.get(desk, made["dataset"]).version_id
    DELETE[kind](desk, made[kind])
    age(desk, kind, made[kind], 29)
    sweep(desk)
    assert in_bin(desk) == {(kind, made[kind])}
    assert desk.files.dataset(version).exists()
    assert len([*desk.files.exports.iterdir()]) == 2
    age(desk, kind, made[kind], 31)
    sweep(desk)
    assert in_bin(desk) == set()
    assert desk.files.dataset(version).exists() == (kind != "dataset")
    assert bool([*desk.files.exports.iterdir()]) == (kind != "export")
    (entry, *_), _ = audit.list(desk)
    assert (entry.actor, entry.action) == ("Export Desk", f"{USES[kind]}.removed")


def test_a_pin_goes_with_its_template(desk, made):
    templates.pin(desk, made["template"])
    templates.delete(desk, made["template"])
    bin.delete_for_good(desk, "template", made["template"])
    assert list(templates.pinned(desk)) == []


@pytest.mark.parametrize("by_itself", [False, True])
def test_the_schedules_that_go_with_a_template_are_in_the_log_each(desk, made, by_itself):
    plan = {"name": "Nightly", "cadence": {"every": "day", "at": "02:30"}}
    schedules.make(desk, made["template"], schedules.checked(plan))
    schedules.delete(desk, schedules.make(desk, made["template"], schedules.checked(plan | {"name": "Old"})).id)
    templates.delete(desk, made["template"])
    (one,) = [one for one in bin.list(desk) if one.kind == "template"]
    assert bin.going_with(desk, one) == (["Nightly", "Old"], 0)
    if by_itself:
        age(desk, "template", made["template"], 31)
        bin.purge(desk)
    else:
        bin.delete_for_good(desk, "template", made["template"])
    said = {(entry.action, entry.subject) for entry in audit.list(desk)[0]}
    assert {("templates.removed", "Weekly"), ("schedules.removed", "Nightly"), ("schedules.removed", "Old")} <= said
