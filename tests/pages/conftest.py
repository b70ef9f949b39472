"""The screens as Streamlit runs them, from navigation.py, on a fresh desk; jobs run in a supervisor of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import datasets, exports, uploads
from core.access import sign_in
from core.desk import Desk, open_desk
from core.engine.spec import ColumnRef, Condition, ExportSpec, Group, Output, Source
from core.engine.table import Table
from core.engine.values import Column, Kind
from core.settings import Settings
from core.work import inline
from tests import people
from tests.pages import everybody
from tests.pages.everybody import Browser

ROOT = Path(__file__).parents[2]
CSV = "id,name,country,joined\n" + "".join(
    f"{n:04d},Person {n},{('Indonesia', 'Malaysia')[n % 2]},2026-0{1 + n % 9}-1{n % 9}\n" for n in range(1, 101)
)

PAYMENTS = (
    ("c1", "country", Kind.TEXT),
    ("c2", "amount", Kind.DECIMAL),
    ("c3", "paid_at", Kind.TIMESTAMP),
    ("c4", "born", Kind.DATE),
    ("c5", "active", Kind.YES_NO),
)


@pytest.fixture
def page_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The desk the screens open by themselves: data folder by DESK_DATA_DIR."""
    monkeypatch.setenv("DESK_DATA_DIR", str(tmp_path / "data"))
    st.cache_resource.clear()
    yield open_desk(Settings())
    st.cache_resource.clear()


@pytest.fixture
def open_page(page_desk: Desk) -> Callable[..., AppTest]:
    """`open_page("data/data.py", dataset="team")`: that page, with these query parameters, after its first run."""

    def opened(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / "navigation.py"), default_timeout=20).run()
        for key, value in query.items():
            app.query_params[key] = value
        app.switch_page(name).run()
        assert not app.exception, app.exception[0].value
        return app

    return opened


@pytest.fixture
def open_as(
    page_desk: Desk, open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AppTest]:
    """`open_as("budi@example.org", "data/data.py", role="viewer")`: a page of a desk people sign in to, as one of them sees it.

    Ana (tests.people.OWNER) has set it up.
    """
    monkeypatch.setenv("DESK_SIGN_IN", "required")
    st.cache_resource.clear()
    ana = people.set_up(open_desk(Settings()))

    def opened(email: str, name: str, role: str = "editor", **query: str) -> AppTest:
        held = people.cookie(people.somebody(ana, email, role), email)
        Browser(held, (("User-Agent", people.CALLER.agent),), people.CALLER.address).comes(monkeypatch)
        return open_page(name, **query)

    return opened


@pytest.fixture
def page_as(open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """`page_as(budi, "people/people.py")`: the page as somebody sees it whose Desk a test has (tests.things.add_person)."""
    monkeypatch.setenv("DESK_SIGN_IN", "required")

    def opened(person: Desk, name: str, **query: str) -> AppTest:
        Browser({sign_in.COOKIE: everybody.signed_in(person)}).comes(monkeypatch)
        return open_page(name, **query)

    return opened


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[everybody.World]:
    """Two workspaces full of things, for tests that only look (tests.pages.everybody)."""
    st.cache_resource.clear()
    made = everybody.build(Settings(data_dir=tmp_path_factory.mktemp("world") / "data", zone="UTC", sign_in="required"))
    yield made
    st.cache_resource.clear()
    made.ana.store.close()


@pytest.fixture
def team(page_desk: Desk) -> str:
    """The slug of a table of 100 people, half of them from Indonesia."""
    upload = uploads.store(page_desk, "Team.csv", CSV.encode())
    job = datasets.add(page_desk, upload.id, name="Team")
    inline.run_queued(page_desk)
    done = datasets.job(page_desk, job.id)
    assert done.state == "succeeded", done.error
    return str((done.result or {})["datasets"][0]["slug"])


@pytest.fixture
def indonesians(team: str) -> ExportSpec:
    kept = Condition(column=ColumnRef(name="country"), operator="is", values=("Indonesia",))
    return ExportSpec(
        name="Indonesians", sources=(Source(dataset=team, filters=Group(items=(kept,))),), output=Output(format="csv")
    )


@pytest.fixture
def exported(page_desk: Desk, indonesians: ExportSpec) -> str:
    """The id of a finished export."""
    job = exports.start(page_desk, indonesians)
    inline.run_queued(page_desk)
    assert exports.get(page_desk, job.id).state == "succeeded", exports.get(page_desk, job.id).error
    return job.id


@pytest.fixture
def table() -> Table:
    """A table of payments that no file is behind: for drafts."""
    columns = tuple(Column(id=i, name=name, kind=kind) for i, name, kind in PAYMENTS)
    return Table(Path("d1/table.parquet"), "Payments", columns, 100, "c3")


@pytest.fixture
def builder(open_page: Callable[..., AppTest], team: str) -> AppTest:
    """The builder on the table of 100 people."""
    return open_page("builder/builder.py", dataset=team)


@pytest.fixture
def orders(page_desk: Desk) -> str:
    """The name of a second table: ten orders of two countries."""
    rows = "".join(f"{n},{('Indonesia', 'Malaysia')[n % 2]},{n * 10}\n" for n in range(1, 11))
    upload = uploads.store(page_desk, "Orders.csv", f"order,country,amount\n{rows}".encode())
    datasets.add(page_desk, upload.id, name="Orders")
    inline.run_queued(page_desk)
    return "Orders"


def texts(app: AppTest) -> str:
    """All that a person can read on the page."""
    kinds = (app.title, app.header, app.markdown, app.caption, app.text, app.error, app.success, app.info)
    return "\n".join(str(e.value) for kind in kinds for e in kind)


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until it holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{true} did not come about within {seconds} s"
        time.sleep(0.02)
