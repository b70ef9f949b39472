"""What takes space is known by name, and what would not fit is refused before it starts, saying what is in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import update

from core import choices, datasets, exports, sharing, uploads
from core.choices import Storage
from core.engine.spec import ExportSpec, Output, Source
from core.errors import BadInput, DiskFull, Forbidden, LimitReached
from core.keeping import retention, space
from core.work import inline
from storage.files import Files
from storage.tables import Job, Workspace, utc_now
from tests.things import add_person


@pytest.fixture(autouse=True)
def _choices_hold_at_once(monkeypatch):
    monkeypatch.setattr(choices, "FRESH_SECONDS", 0.0)


@pytest.fixture
def people(dataset_factory):
    return dataset_factory("name,n\n" + "".join(f"Person {n},{n}\n" for n in range(5_000)))


def spec(dataset) -> ExportSpec:
    return ExportSpec(sources=(Source(dataset=dataset.id),), output=Output(format="csv"))


def run(desk, dataset) -> Job:
    job = exports.start(desk, spec(dataset))
    inline.run_queued(desk)
    return exports.get(desk, job.id)


def on_disk(desk, *folders) -> int:
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())


def test_every_byte_of_datasets_and_exports_is_somebodys(desk, people):
    job = run(desk, people)
    use = space.of_workspace(desk)
    assert use.datasets == on_disk(desk, desk.files.datasets)
    assert use.exports == job.bytes == exports.file(desk, job.id).path.stat().st_size
    assert next((thing.kind, thing.name) for thing in space.things(desk)) == ("dataset", "People")
    assert (use.quota, use.binned) == (None, 0)


def test_what_went_takes_no_space_and_what_lies_in_the_bin_still_does(desk, people):
    gone, binned = run(desk, people), run(desk, people)
    with desk.store.writing() as session:
        session.exec(update(Job).where(Job.id == gone.id).values(expires_at=utc_now()))
    retention.clean(desk)
    exports.delete(desk, binned.id)
    assert (space.of_workspace(desk).exports, space.of_workspace(desk).binned) == (binned.bytes, binned.bytes)


def test_what_the_things_add_up_to_is_what_the_workspace_takes(desk, people, dataset_factory):
    run(desk, people)
    exports.delete(desk, run(desk, people).id)
    gone = dataset_factory("name,n\nAnn,1\n", name="Gone")
    datasets.move_to_bin(desk, gone.id)
    uploads.store(desk, "waiting.csv", b"name,n\nAnn,1\n")
    everywhere = {place.id: use for place, use in space.everywhere(desk)}
    added_up = space.use(desk, space.things(desk))
    assert added_up == space.of_workspace(desk) == everywhere[desk.workspace_id]
    assert min(added_up.datasets, added_up.exports, added_up.uploads, added_up.binned) > 0


def test_growth_adds_up_day_by_day_to_what_is_there(desk, people):
    job = run(desk, people)
    with desk.store.writing() as session:
        session.exec(update(Job).where(Job.id == job.id).values(finished_at=utc_now() - timedelta(days=3)))
    grown = space.growth(space.things(desk))
    assert [n for _, n in grown] == [job.bytes, space.of_workspace(desk).total]
    assert grown[0][0] == (utc_now() - timedelta(days=3)).date()


def test_a_workspace_that_may_take_no_more_refuses_an_export_by_what_takes_the_space(desk, people):
    with desk.store.writing() as session:
        session.get(Workspace, desk.workspace_id).quota_mb = 1
    takes = space.of_workspace(desk).total
    assert takes < 10**6
    run(desk, people)  # it fits
    big = desk.files.dataset(people.version_id) / "problems.jsonl"
    big.write_bytes(b"x" * (10**6 - takes))
    with pytest.raises(LimitReached) as refused:
        exports.start(desk, spec(people))
    assert "There is no room for “People”: it needs about" in refused.value.message
    assert "may take 1.0 MB and takes 1.1 MB, most of it: People, 1.0 MB; People," in refused.value.message
    assert refused.value.next_step.startswith("Delete what nobody needs, for good, or ask ")
    with pytest.raises(LimitReached, match="There is no room for “more"):
        uploads.begin(desk, "more.csv", 1000)


def test_a_disk_that_would_be_too_full_refuses_before_anything_starts(desk, people, monkeypatch):
    free = choices.storage(desk).low_disk_mb * 1024**2
    monkeypatch.setattr(Files, "free_bytes", lambda self: free + 1000)
    before = exports.list(desk)[1]
    with pytest.raises(DiskFull, match="There is no room for “People”: it needs about"):
        exports.start(desk, spec(people))
    assert exports.list(desk)[1] == before
    with pytest.raises(DiskFull, match="There is no room for “more"):
        uploads.begin(desk, "more.csv", 2000)
    choices.choose(desk, Storage, low_disk_mb=0)
    assert exports.start(desk, spec(people)).state == "queued"


def test_a_better_guess_lets_in_what_a_rough_one_would_not(desk, people, monkeypatch):
    table = desk.files.table(people.version_id).stat().st_size
    free = choices.storage(desk).low_disk_mb * 1024**2
    monkeypatch.setattr(Files, "free_bytes", lambda self: free + 500_000)
    assert exports.MOST_PER_BYTE * table + exports.SPARE_BYTES > 500_000
    assert exports.start(desk, spec(people)).state == "queued"


def test_what_others_keep_to_themselves_counts_without_its_name(desk, people):
    admin = add_person(desk, "Adi", "admin")
    (hidden,) = space.things(admin)
    assert (hidden.name, hidden.owner, hidden.bytes > 0) == ("", "Owner", True)
    sharing.share(desk, "dataset", people.id)
    assert [thing.name for thing in space.things(admin)] == ["People"]


def test_only_administrators_see_it_and_only_those_of_the_installation_say_how_much(desk, stranger, people):
    editor, admin = add_person(desk, "Edi", "editor"), add_person(desk, "Adi", "admin")
    with pytest.raises(Forbidden):
        space.things(editor)
    for call in (lambda: space.everywhere(admin), lambda: space.set_quota(admin, desk.workspace_id, 5)):
        with pytest.raises(Forbidden):
            call()
    by_name = {place.name: use.total for place, use in space.everywhere(desk)}
    assert (by_name["Elsewhere"], by_name[desk.workspace().name] > 0) == (0, True)
    space.set_quota(desk, stranger.workspace_id, 5)
    assert stranger.workspace().quota_mb == 5
    space.set_quota(desk, stranger.workspace_id, 0)
    assert stranger.workspace().quota_mb is None
    with pytest.raises(BadInput):
        space.set_quota(desk, stranger.workspace_id, -1)


def test_a_dataset_with_many_versions_counts_them_all(desk, people):
    upload = uploads.store(desk, "people.csv", b"name,n\nAnn,1\n")
    datasets.add(desk, upload.id, replace=people.id)
    inline.run_queued(desk)
    thing = next(thing for thing in space.things(desk) if thing.kind == "dataset")
    assert (thing.versions, thing.bytes) == (2, on_disk(desk, desk.files.datasets))
