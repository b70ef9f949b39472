"""Fetched data: what would not fit is not fetched, and versions that were long replaced go by themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from core import choices, converting, datasets, exports, feeds, uploads
from core.choices import Storage
from core.desk import Desk
from core.errors import NotFound
from core.keeping import fetched, housekeeping, space
from core.settings import Settings
from core.work import inline
from storage.tables import DatasetVersion, Job, utc_now
from tests.servers.website import Page, Website
from tests.things import spec

LONG_AGO = timedelta(days=40)  # longer than exports are usually kept


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", zone="UTC", inside_networks="127.0.0.0/8,::1/128")


@pytest.fixture
def orders(desk: Desk, site: Website) -> str:
    """The id of a dataset that came from the website: version 1."""
    site.pages["/orders.csv"] = Page(b"n\n1\n")
    job = feeds.add(desk, "Orders", "web", {"url": f"{site.url}/orders.csv"}, {})
    inline.run_queued(desk)
    return str((feeds.job(desk, job.id).result or {})["datasets"][0]["id"])


def next_version(desk: Desk, site: Website, dataset: str) -> Job:
    rows = len(datasets.versions(desk, dataset)) + 1
    site.pages["/orders.csv"] = Page(b"n\n" + b"1\n" * rows)
    job = feeds.refresh(desk, dataset)
    inline.run_queued(desk)
    return feeds.job(desk, job.id)


def numbers(desk: Desk, dataset: str) -> list[int]:
    return [one.number for one in datasets.versions(desk, dataset)]


def age(desk: Desk, dataset: str, *numbers: int) -> None:
    """These versions came long ago."""
    with desk.store.writing() as session:
        for one in _versions(session, dataset):
            if one.number in numbers:
                one.created_at = utc_now() - LONG_AGO


def _versions(session: Session, dataset: str) -> list[DatasetVersion]:
    return [*session.exec(select(DatasetVersion).where(DatasetVersion.dataset_id == dataset)).all()]


def test_what_was_fetched_and_replaced_long_ago_goes_with_its_files(desk: Desk, site: Website, orders: str):
    for _ in range(3):
        next_version(desk, site, orders)
    age(desk, orders, 1, 2, 3)
    folders = {one.number: desk.files.dataset(one.id) for one in datasets.versions(desk, orders)}
    housekeeping.tidy(desk)
    assert numbers(desk, orders) == [4, 3]  # the third was replaced just now
    assert [n for n, folder in sorted(folders.items()) if folder.exists()] == [3, 4]
    assert fetched.sweep(desk) == 0


def test_what_somebody_brought_stays_and_so_does_what_the_dataset_stands_at(desk: Desk, site: Website, orders: str):
    next_version(desk, site, orders)
    upload = uploads.store(desk, "mine.csv", b"n\n7\n")
    datasets.add(desk, upload.id, replace=orders)
    inline.run_queued(desk)
    next_version(desk, site, orders)
    first = datasets.versions(desk, orders)[-1]
    datasets.use_version(desk, orders, first.id)
    age(desk, orders, 1, 2, 3, 4)
    assert fetched.sweep(desk) == 1
    assert numbers(desk, orders) == [4, 3, 1]


def test_where_files_are_kept_for_good_so_are_versions(desk: Desk, site: Website, orders: str):
    choices.choose(desk, choices.Retention, export_days=0)
    next_version(desk, site, orders)
    age(desk, orders, 1, 2)
    assert (fetched.kept_days(desk), fetched.sweep(desk), numbers(desk, orders)) == (0, 0, [2, 1])


def test_what_a_job_still_reads_waits_and_what_asks_for_it_later_is_told_kindly(desk: Desk, site: Website, orders: str):
    made = exports.start(desk, spec(orders))
    inline.run_queued(desk)
    waiting = exports.start(desk, spec(orders))
    site.pages["/orders.csv"] = Page(b"n\n1\n2\n")
    with desk.store.writing() as session:
        session.get(Job, waiting.id).queue = "elsewhere"
    feeds.refresh(desk, orders)
    inline.run_queued(desk)
    age(desk, orders, 1, 2)
    assert (fetched.sweep(desk), numbers(desk, orders)) == (0, [2, 1])
    exports.cancel(desk, waiting.id)
    assert (fetched.sweep(desk), numbers(desk, orders)) == (1, [2])
    with pytest.raises(NotFound, match="no longer there") as gone:
        converting.convert(desk, made.id, "json")
    assert gone.value.next_step == "Run it again on the data as it is now."
    exports.retry(desk, waiting.id)
    with desk.store.writing() as session:
        session.get(Job, waiting.id).queue = "default"
    inline.run_queued(desk)
    assert exports.get(desk, waiting.id).error["next_step"] == "Run it again on the data as it is now."
    again = exports.run_again(desk, made.id)
    inline.run_queued(desk)
    assert exports.get(desk, again.id).rows == 2


def test_a_workspace_that_is_full_fetches_nothing_and_says_so(desk: Desk, site: Website, orders: str):
    space.set_quota(desk, desk.workspace_id, 1)
    site.pages["/orders.csv"] = Page(b"n\n" + b"".join(b"%d\n" % (n * 7919) for n in range(200_000)))
    assert feeds.job(desk, feeds.refresh(desk, orders).id).state == "queued"
    inline.run_queued(desk)
    assert numbers(desk, orders) == [1]  # what came would not fit beside what is there
    feed = feeds.get(desk, orders)
    assert feed.error["message"].startswith("There is no room for “Orders”")
    assert [*desk.files.datasets.iterdir()] == [desk.files.dataset(datasets.get(desk, orders).version_id)]


def test_where_the_disk_is_low_nothing_is_even_asked_for(desk: Desk, site: Website, orders: str):
    choices.choose(desk, Storage, low_disk_mb=10**9)
    asked = len(site.asked)
    job = feeds.refresh(desk, orders)
    inline.run_queued(desk)
    ended = feeds.job(desk, job.id)
    assert (ended.error["code"], len(site.asked)) == ("DiskFull", asked)
