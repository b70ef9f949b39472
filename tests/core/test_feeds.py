"""Fresh data: a dataset that is fetched again from where it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from core import datasets, exports, feeds, fetching, uploads
from core.desk import Desk
from core.errors import BadInput, BadSpec, Conflict, Forbidden, NotFound
from core.notifying import notices
from core.settings import Settings
from core.work import inline
from storage.tables import Dataset, Feed, Job, JobState, Role, utc_now
from tests.servers.website import Page, Website
from tests.things import add_person, spec

CSV = b"code,amount,due\n00123,1.50,2026-10-31\n00124,2.25,2026-11-01\n"
SECRET = "Bearer a-long-secret"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "shared").mkdir()
    return Settings(
        data_dir=tmp_path / "data",
        zone="UTC",
        inside_networks="127.0.0.0/8,::1/128",
        allowed_folders=f"{tmp_path / 'shared'},{tmp_path / 'data'}",
    )


@pytest.fixture
def fetched(desk: Desk, site: Website) -> str:
    """The id of a dataset that came from the website."""
    site.pages["/orders.csv"] = Page(CSV)
    job = feeds.add(desk, "Orders", "web", {"url": f"{site.url}/orders.csv"}, {"headers": f"Authorization: {SECRET}"})
    inline.run_queued(desk)
    done = feeds.job(desk, job.id)
    assert done.state == JobState.SUCCEEDED, done.error
    return str(done.result["datasets"][0]["id"])


def refresh(desk: Desk, dataset: str) -> Job:
    job = feeds.refresh(desk, dataset)
    inline.run_queued(desk)
    return feeds.job(desk, job.id)


def at_once(desk: Desk) -> None:
    """What failed in passing is tried again without waiting."""
    with desk.store.writing() as session:
        for job in session.exec(select(Job)).all():
            job.run_after = 0.0
    inline.run_queued(desk)


def test_a_dataset_that_comes_from_elsewhere_is_there_once_it_was_fetched(desk: Desk, site: Website, fetched: str):
    dataset = datasets.get(desk, fetched)
    version = datasets.version(desk, dataset.version_id)
    assert (dataset.name, dataset.slug, version.rows, version.source_name) == ("Orders", "orders", 2, "orders.csv")
    feed = feeds.get(desk, "orders")
    assert feeds.place(feed) == f"{site.url}/orders.csv"
    assert utc_now() - feed.refreshed_at < timedelta(minutes=1)
    assert site.asked[-1].headers["authorization"] == SECRET


def test_one_that_cannot_be_fetched_leaves_nothing(desk: Desk, site: Website):
    job = feeds.add(desk, "Gone", "web", {"url": f"{site.url}/gone.csv"})
    inline.run_queued(desk)
    done = feeds.job(desk, job.id)
    assert (done.state, done.error["title"]) == (JobState.FAILED, "The data was not fetched")
    assert datasets.list(desk) == []
    assert [*desk.files.datasets.iterdir()] == []


def test_new_bytes_make_a_version_and_the_same_bytes_make_none(desk: Desk, site: Website, fetched: str):
    before = feeds.get(desk, fetched).refreshed_at
    done = refresh(desk, fetched)
    assert done.result["datasets"][0]["unchanged"] is True
    assert len(datasets.versions(desk, fetched)) == 1
    assert feeds.get(desk, fetched).refreshed_at > before
    site.pages["/orders.csv"] = Page(CSV + b"00125,3.00,2026-11-02\n")
    done = refresh(desk, fetched)
    assert (done.result["datasets"][0]["unchanged"], done.result["datasets"][0]["rows"]) == (False, 3)
    assert [one.number for one in datasets.versions(desk, fetched)] == [2, 1]
    assert [*desk.files.scratches.iterdir()] == []


def test_a_column_that_was_text_stays_text_on_a_day_without_zeros_at_the_front(desk: Desk, site: Website, fetched: str):
    site.pages["/orders.csv"] = Page(b"code,amount,due\n123,1.50,2026-10-31\n")
    done = refresh(desk, fetched)
    assert done.result["datasets"][0]["warning"] == ""
    assert datasets.table(desk, fetched).columns[0].kind == "text"


def test_changed_columns_are_told(desk: Desk, site: Website, fetched: str):
    site.pages["/orders.csv"] = Page(b"code,amount,paid\n00123,much,yes\n")
    done = refresh(desk, fetched)
    said = "Missing: “due”. New: “paid”. Of another type: “amount” (was number, is text)."
    assert feeds.warning(done) == f"The columns of “Orders” changed. {said}"
    assert len(datasets.versions(desk, fetched)) == 2


def test_changed_columns_are_refused_where_that_was_chosen(desk: Desk, site: Website, fetched: str):
    feed = feeds.get(desk, fetched)
    feeds.connect(desk, fetched, "web", feed.options, on_change="refuse")
    site.pages["/orders.csv"] = Page(b"code,amount\n00123,1.50\n")
    done = refresh(desk, fetched)
    assert done.state == JobState.FAILED
    assert "Missing: “due”." in done.error["message"]
    assert len(datasets.versions(desk, fetched)) == 1
    assert len([*desk.files.datasets.iterdir()]) == 1
    assert "Missing" in feeds.get(desk, fetched).error["message"]


def test_what_went_wrong_is_told_once_and_over_when_it_works_again(desk: Desk, site: Website, fetched: str):
    site.pages["/orders.csv"] = Page(status=404)
    for _ in range(2):
        assert refresh(desk, fetched).state == JobState.FAILED
    assert feeds.get(desk, fetched).error["field"] == "url"
    told, _ = notices.list(desk)
    assert [(one.title, one.path) for one in told] == [("Orders could not be fetched", "/data?dataset=orders")]
    site.pages["/orders.csv"] = Page(CSV)
    refresh(desk, fetched)
    assert feeds.get(desk, fetched).error is None
    site.pages["/orders.csv"] = Page(status=404)
    refresh(desk, fetched)
    assert len(notices.list(desk)[0]) == 2


def test_a_passing_fault_is_tried_again(desk: Desk, site: Website, fetched: str):
    site.pages["/orders.csv"] = Page(status=503)
    job = feeds.refresh(desk, fetched)
    inline.run_queued(desk)
    assert feeds.job(desk, job.id).state == JobState.QUEUED
    site.pages["/orders.csv"] = Page(CSV)
    at_once(desk)
    assert feeds.job(desk, job.id).state == JobState.SUCCEEDED


def test_one_that_is_on_its_way_is_not_begun_again(desk: Desk, fetched: str):
    assert feeds.refresh(desk, fetched).id == feeds.refresh(desk, fetched).id == feeds.on_its_way(desk, fetched).id


def test_several_are_fetched_in_one_job_all_or_none(
    desk: Desk, site: Website, fetched: str, dataset_factory: Callable[..., Any]
):
    other, plain = dataset_factory("a\n1\n", name="Other"), dataset_factory("a\n1\n", name="Plain")
    feeds.connect(desk, other.id, "web", {"url": f"{site.url}/other.csv"})
    site.pages["/orders.csv"] = Page(CSV + b"00125,3.00,2026-11-02\n")
    site.pages["/other.csv"] = Page(status=404)
    with desk.store.writing() as session:
        assert feeds.enqueue(session, desk, [plain.id]) is None
        job = feeds.enqueue(session, desk, [fetched, other.id, plain.id])
    inline.run_queued(desk)
    assert feeds.job(desk, job.id).error["details"]["dataset"] == other.id
    assert len(datasets.versions(desk, fetched)) == 1
    assert (feeds.get(desk, fetched).error, bool(feeds.get(desk, other.id).error)) == (None, True)
    site.pages["/other.csv"] = Page(b"a\n2\n")
    with desk.store.writing() as session:
        job = feeds.enqueue(session, desk, [fetched, other.id, plain.id])
    inline.run_queued(desk)
    assert [one["name"] for one in feeds.job(desk, job.id).result["datasets"]] == ["Orders", "Other"]
    assert [len(datasets.versions(desk, one)) for one in (fetched, other.id, plain.id)] == [2, 2, 1]


def test_secrets_are_sealed_and_forgotten_when_the_server_changes(desk: Desk, site: Website, fetched: str):
    feed = feeds.get(desk, fetched)
    with desk.store.reading() as session:
        rows = [*session.exec(select(Job)).all(), *session.exec(select(Feed)).all()]
        assert SECRET not in json.dumps([row.model_dump(mode="json") for row in rows])
    feeds.connect(desk, fetched, "web", feed.options, on_change="refuse")
    refresh(desk, fetched)
    assert site.asked[-1].headers["authorization"] == SECRET
    site.pages["/other.csv"] = Page(CSV)
    moved = feeds.connect(desk, fetched, "web", {"url": f"{site.url}/other.csv"})
    assert moved.secrets == {}
    refresh(desk, fetched)
    assert "authorization" not in site.asked[-1].headers


@pytest.mark.parametrize("how", ["fetched", "failed", "stopped"])
def test_no_job_keeps_the_secrets_it_was_given_once_it_is_over(desk: Desk, site: Website, how: str):
    site.pages["/orders.csv"] = Page(CSV)
    page = "nothing" if how == "failed" else "orders"
    job = feeds.add(desk, "New", "web", {"url": f"{site.url}/{page}.csv"}, {"headers": f"Authorization: {SECRET}"})
    assert job.payload["new"]["secrets"]
    if how == "stopped":
        feeds.cancel(desk, job.id)
    inline.run_queued(desk)
    assert feeds.job(desk, job.id).payload["new"]["secrets"] == {}


POSTGRES = {"host": "127.0.0.1", "port": 9, "database": "staff", "user": "reader"}


@pytest.fixture
def lent(desk: Desk, fetched: str) -> tuple[Desk, Desk, str]:
    """Ana's shared dataset with her database's password; Ben, who may change it; its id."""
    ana, ben = (add_person(desk, name, Role.EDITOR) for name in ("Ana", "Ben"))
    with desk.store.writing() as session:
        dataset, feed = session.get_one(Dataset, fetched), session.get_one(Feed, fetched)
        dataset.owner_id, dataset.shared = ana.account_id, True
        session.delete(feed)
    feeds.connect(ana, fetched, "postgresql", POSTGRES | {"table": "public.rooms"}, {"password": "hunter22"})
    return ana, ben, fetched


def test_somebody_elses_password_fetches_nothing_but_what_they_chose(desk: Desk, lent: tuple[Desk, Desk, str]):
    ana, ben, dataset = lent
    other = POSTGRES | {"query": "select * from salaries"}
    with pytest.raises(Forbidden, match="passwords that are kept of others"):
        feeds.connect(ben, dataset, "postgresql", other)
    same = feeds.connect(ben, dataset, "postgresql", POSTGRES | {"table": "public.rooms"}, on_change="refuse")
    assert (same.on_change, [*same.secrets], same.owner_id) == ("refuse", ["password"], ana.account_id)
    theirs = feeds.connect(ben, dataset, "postgresql", other, {"password": "my own"})
    assert theirs.owner_id == ben.account_id
    with pytest.raises(Forbidden, match="passwords that are kept of others"):
        feeds.connect(ana, dataset, "postgresql", POSTGRES | {"table": "public.rooms"})
    assert feeds.connect(desk, dataset, "postgresql", POSTGRES | {"table": "public.rooms"}).secrets  # an administrator


def test_somebody_elses_password_lists_no_tables(desk: Desk, lent: tuple[Desk, Desk, str]):
    ana, ben, dataset = lent
    found, way = datasets.get(ana, dataset), fetching.get("postgresql")
    wanted = feeds.get(ana, dataset).options
    assert feeds._kept(ana, way, wanted, found) == {"password": "hunter22"}
    assert feeds._kept(desk, way, wanted, found) == {"password": "hunter22"}
    assert feeds._kept(ben, way, wanted, found) == {}


def test_what_does_not_fit_is_said_before_anything_is_kept(desk: Desk, fetched: str):
    with pytest.raises(BadSpec, match="Unknown way to fetch") as unknown:
        feeds.connect(desk, fetched, "gopher", {})
    assert unknown.value.next_step.startswith("Known ones: web, s3, sftp")
    with pytest.raises(BadInput, match="Address: a web address begins with"):
        feeds.connect(desk, fetched, "web", {"url": "file:///etc/passwd"})
    with pytest.raises(BadInput, match="no secret called “password”"):
        feeds.connect(desk, fetched, "web", {"url": "https://example.org"}, {"password": "x"})
    assert feeds.get(desk, fetched).options["url"].endswith("/orders.csv")


def test_one_that_is_disconnected_keeps_what_was_fetched(desk: Desk, fetched: str):
    feeds.disconnect(desk, fetched)
    assert feeds.get(desk, fetched) is None
    assert datasets.table(desk, fetched).rows == 2
    with pytest.raises(Conflict, match="fetched from nowhere"):
        feeds.refresh(desk, fetched)


def test_nobody_elsewhere_sees_or_changes_where_it_comes_from(stranger: Desk, fetched: str):
    for use in (feeds.get, feeds.refresh, feeds.disconnect, feeds.on_its_way):
        with pytest.raises(NotFound):
            use(stranger, fetched)
    with stranger.store.writing() as session:
        assert feeds.enqueue(session, stranger, [fetched]) is None
    assert feeds.of(stranger, [fetched]) == {}


def test_the_desks_own_data_is_no_allowed_folder(desk: Desk, dataset_factory: Callable[..., Any]):
    job = feeds.add(desk, "Own", "sqlite", {"root": str(desk.files.root), "file": "desk.db", "table": "job"})
    inline.run_queued(desk)
    assert "may not be read from" in feeds.job(desk, job.id).error["message"]


def test_of_a_workbook_the_same_sheet_is_taken_again(desk: Desk, tmp_path: Path):
    import openpyxl

    def save(*sheets: str) -> None:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for sheet in sheets:
            book.create_sheet(sheet).append(["name"])
            book[sheet].append([f"of {sheet}"])
        book.save(tmp_path / "shared" / "book.xlsx")

    save("May", "June")
    options = {"root": str(tmp_path / "shared"), "file": "*.xlsx"}
    job = feeds.add(desk, "Book", "folder", options, sheet="June")
    inline.run_queued(desk)
    [made] = feeds.job(desk, job.id).result["datasets"]
    assert datasets.rows(desk, made["id"]) == [["of June"]]
    save("April", "May", "June", "July")
    refresh(desk, made["id"])
    assert datasets.rows(desk, made["id"]) == [["of June"]]
    save("May")
    assert "no sheet “June”" in refresh(desk, made["id"]).error["message"]


def test_what_was_said_of_the_sheet_holds_until_something_else_is_said(desk: Desk, tmp_path: Path):
    import openpyxl

    book = openpyxl.Workbook()
    for sheet in ("May", "June"):
        book.create_sheet(sheet).append(["name"])
        book[sheet].append([f"of {sheet}"])
    book.save(tmp_path / "shared" / "book.xlsx")
    options = {"root": str(tmp_path / "shared"), "file": "book.xlsx"}
    job = feeds.add(desk, "Book", "folder", options, sheet="June")
    inline.run_queued(desk)
    [made] = feeds.job(desk, job.id).result["datasets"]
    assert feeds.sheet(feeds.connect(desk, made["id"], "folder", options, on_change="refuse")) == "June"
    assert feeds.sheet(feeds.connect(desk, made["id"], "folder", options, sheet="May")) == "May"
    refresh(desk, made["id"])
    assert datasets.rows(desk, made["id"]) == [["of May"]]  # of the very same file
    assert refresh(desk, made["id"]).result["datasets"][0]["unchanged"]
    assert feeds.sheet(feeds.connect(desk, made["id"], "folder", options, sheet="")) == ""
    assert refresh(desk, made["id"]).result["datasets"][0]["unchanged"]
    reading = datasets.ImportOptions(decimal=",")
    kept = feeds.connect(desk, made["id"], "folder", options, reading=reading, sheet="June")
    assert datasets.ImportOptions.model_validate(kept.reading) == reading.model_copy(update={"sheets": ("June",)})


def test_an_export_says_since_when_its_data_is_as_it_is(desk: Desk, site: Website, fetched: str):
    refresh(desk, fetched)
    job = exports.start(desk, spec(fetched))
    assert exports.data_at(job) == feeds.get(desk, fetched).refreshed_at
    site.pages["/orders.csv"] = Page(CSV + b"00125,3.00,2026-11-02\n")
    refresh(desk, fetched)
    assert exports.data_at(exports.get(desk, job.id)) < feeds.get(desk, fetched).refreshed_at
    upload = uploads.store(desk, "plain.csv", b"a\n1\n")
    plain = datasets.add(desk, upload.id)
    inline.run_queued(desk)
    made = datasets.job(desk, plain.id).result["datasets"][0]
    again = exports.start(desk, spec(made["id"]))
    assert exports.data_at(again) == datasets.version(desk, made["version"]).created_at


def test_a_refresh_that_was_stopped_changes_nothing(desk: Desk, fetched: str):
    job = feeds.refresh(desk, fetched)
    feeds.cancel(desk, job.id)
    assert feeds.job(desk, job.id).state == JobState.CANCELLED
    assert feeds.get(desk, fetched).error is None
    inline.run_queued(desk)
    assert len(datasets.versions(desk, fetched)) == 1
