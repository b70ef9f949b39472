"""How long files are kept, who says so, and what a clean-up takes away."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import update

from core import choices, exports, links, workspaces
from core.choices import Retention
from core.engine.spec import ExportSpec, Output, Source
from core.errors import Conflict, Forbidden, Gone, NotFound
from core.keeping import housekeeping, retention
from core.notifying import notices, scan
from core.work import inline, sweep
from storage import choices as choices_rows
from storage import retention as rows
from storage.tables import Job, JobKind, Schedule, Template, Workspace, utc_now
from tests.things import add_person


@pytest.fixture(autouse=True)
def _choices_hold_at_once(monkeypatch):
    monkeypatch.setattr(choices, "FRESH_SECONDS", 0.0)


@pytest.fixture
def made(desk, dataset_factory):
    """Make a finished export: made(keep_hours=24)."""
    dataset = dataset_factory("name,n\nAnn,1\nBob,2\n")

    def make(**parts: Any) -> Job:
        spec = ExportSpec(sources=(Source(dataset=dataset.slug),), output=Output(format="csv"), **parts)
        job = exports.start(desk, spec)
        inline.run_queued(desk)
        done = exports.get(desk, job.id)
        assert done.state == "succeeded", done.error
        return done

    return make


def over(desk, job: Job) -> None:
    """As if its time were over."""
    with desk.store.writing() as session:
        session.exec(update(Job).where(Job.id == job.id).values(expires_at=utc_now() - timedelta(minutes=1)))


def files(desk) -> list[Path]:
    return sorted(path for path in desk.files.exports.iterdir() if not path.name.endswith(".receipt.json"))


DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("hours", "template", "schedule", "workspace", "kept"),
    [
        (None, None, None, None, 30 * DAYS),
        (None, None, None, 7, 7 * DAYS),
        (None, 90, None, 7, 90 * DAYS),
        (None, 90, 14, 7, 14 * DAYS),
        (None, 5, 14, 7, 5 * DAYS),
        (24, 5, 14, 7, 1 * DAYS),
        (24 * 40, None, None, 7, 40 * DAYS),
    ],
)
def test_an_exports_own_hours_win_then_the_shorter_of_schedule_and_template_then_the_workspace(
    desk, hours, template, schedule, workspace, kept
):
    spec = ExportSpec(sources=(Source(dataset="x"),), keep_hours=hours)
    of_template = Template(name="t", spec={}, keep_days=template, workspace_id="w", owner_id="o")
    of_schedule = Schedule(
        name="s", template_id="t", cadence={}, zone="UTC", done_until=utc_now(), keep_days=schedule,
        workspace_id="w", owner_id="o",
    )  # fmt: skip
    with desk.store.writing() as session:
        session.get(Workspace, desk.workspace_id).keep_days = workspace
        ended = utc_now()
        assert retention.expiry(desk, session, spec, of_template, of_schedule, ended) == ended + kept


def test_an_installation_that_keeps_for_good_takes_nothing_away(desk, made):
    choices.choose(desk, Retention, export_days=0)
    assert made().expires_at is None


def test_an_export_says_until_when_its_file_is_there_once_it_has_ended(made):
    job = made(keep_hours=24)
    assert job.expires_at - job.finished_at == pytest.approx(timedelta(days=1), abs=timedelta(seconds=5))


def test_what_is_over_goes_with_its_bytes_told_beforehand_and_its_receipt_stays(desk, made):
    gone, stays = made(), made()
    path = desk.files.export(exports.receipt(desk, gone.id).files[0].stored)
    over(desk, gone)
    (told,) = retention.leaving(desk)
    assert (told.job_id, told.files, told.bytes) == (gone.id, 1, path.stat().st_size)
    assert path.exists()
    assert [one.job_id for one in retention.clean(desk)] == [gone.id]
    assert not path.exists()
    assert (retention.leaving(desk), retention.clean(desk)) == ([], [])
    assert exports.get(desk, gone.id).expired_at is not None
    assert exports.receipt(desk, gone.id).rows == 2
    assert exports.receipt_file(desk, gone.id).bytes > 0
    exports.file(desk, stays.id)


def test_whoever_asks_for_a_file_that_went_is_told_until_when_it_was_there(desk, made):
    job = made()
    over(desk, job)
    retention.sweep(desk)
    with pytest.raises(Gone, match="This file was kept until") as gone:
        exports.file(desk, job.id)
    assert (gone.value.status, gone.value.next_step) == (410, "Run the export again.")


def test_a_link_to_a_file_that_went_says_whom_to_ask(desk, made):
    job = made()
    token = links.make(desk, job.id, 0, hours=24 * 60).rpartition("/")[2]
    over(desk, job)
    retention.sweep(desk)
    with pytest.raises(Gone, match="This file was kept until") as gone:
        links.open(desk, token)
    assert gone.value.next_step == "Ask whoever sent it for the file."


def test_a_pinned_export_stays_and_goes_once_it_is_let_go_again(desk, made):
    job = made()
    retention.keep(desk, job.id)
    over(desk, job)
    assert retention.clean(desk) == []
    retention.keep(desk, job.id, False)
    again = exports.get(desk, job.id)
    assert not again.kept
    assert again.expires_at > utc_now() + 29 * DAYS  # it was over: its time begins anew
    over(desk, job)
    assert len(retention.clean(desk)) == 1
    with pytest.raises(Conflict, match="gone already"):
        retention.keep(desk, job.id)


def test_a_file_that_is_still_to_be_delivered_waits_for_that(desk, made, job_factory):
    job = made()
    over(desk, job)
    delivery = job_factory(JobKind.DELIVERY, parent_id=job.id)
    assert retention.leaving(desk) == []
    with desk.store.writing() as session:
        session.exec(update(Job).where(Job.id == delivery.id).values(state="failed"))
    assert len(retention.clean(desk)) == 1


def test_a_crash_between_the_row_and_the_file_leaves_nothing_behind(desk, made, monkeypatch):
    job = made()
    over(desk, job)
    monkeypatch.setattr(retention, "remove", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        retention.sweep(desk)
    assert len(files(desk)) == 1
    sweep.sweep(desk)
    assert files(desk) == []


def test_the_house_is_tidied_of_it_by_the_clock(desk, made):
    over(desk, made())
    housekeeping.tidy(desk)
    assert files(desk) == []


def test_only_whoever_may_see_the_storage_cleans_up_and_only_their_own_workspace(desk, stranger, made):
    over(desk, made())
    assert retention.leaving(stranger) == []
    assert retention.clean(stranger) == []
    viewer = add_person(desk, "Vic", "viewer")
    with pytest.raises(Forbidden):
        retention.leaving(viewer)
    with pytest.raises(Forbidden):
        retention.clean(viewer)


def test_nobody_pins_what_they_do_not_see_or_what_has_no_files(desk, stranger, made, job_factory):
    job = made()
    with pytest.raises(NotFound):
        retention.keep(stranger, job.id)
    with pytest.raises(Conflict, match="no files to keep"):
        retention.keep(desk, job_factory().id)


def test_a_workspace_says_how_long_and_goes_back_to_the_usual(desk, made):
    workspaces.change(desk, keep_days=3)
    assert made().expires_at < utc_now() + 4 * DAYS
    workspaces.change(desk, keep_days=0)
    assert made().expires_at > utc_now() + 29 * DAYS
    assert notices.list(desk)[1] == 0


def upgraded(desk, at) -> None:
    """As if the desk had been one of before files had a time, until then."""
    with desk.store.writing() as session:
        choices_rows.set(session, rows.TO_SETTLE, at.isoformat())
        session.exec(update(Job).values(expires_at=None, finished_at=at - timedelta(days=400), payload={"spec": {}}))


def test_files_of_before_they_had_a_time_get_one_from_the_upgrade_on_and_are_told_to_go_soon(desk, made):
    old = made()
    upgraded(desk, utc_now())
    housekeeping.tidy(desk)
    settled = exports.get(desk, old.id).expires_at
    assert timedelta(days=30) - (settled - utc_now()) < timedelta(minutes=1)
    assert scan.scan(desk, settled - timedelta(days=2)) == 1
    assert [notice.kind for notice in notices.list(desk)[0]] == ["expiring"]
    housekeeping.tidy(desk)
    assert exports.get(desk, old.id).expires_at == settled


def test_files_of_before_stay_for_good_where_that_is_the_rule_and_pinned_ones_stay_anyway(desk, made):
    pinned, old = made(), made()
    retention.keep(desk, pinned.id)
    choices.choose(desk, Retention, export_days=0)
    upgraded(desk, utc_now())
    housekeeping.tidy(desk)
    assert exports.get(desk, old.id).expires_at is None
    choices.choose(desk, Retention, export_days=1)
    housekeeping.tidy(desk)  # it is settled once
    assert exports.get(desk, old.id).expires_at is None
    assert exports.get(desk, pinned.id).kept


def test_what_was_made_since_the_upgrade_keeps_what_was_said_of_it(desk, made):
    at = utc_now()
    choices.choose(desk, Retention, export_days=0)
    young = made()
    with desk.store.writing() as session:
        choices_rows.set(session, rows.TO_SETTLE, at.isoformat())
    choices.choose(desk, Retention, export_days=1)
    housekeeping.tidy(desk)
    assert exports.get(desk, young.id).expires_at is None
