"""Insights: figures of what was exported, of what whoever asks may see."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from core import stats, workspaces
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import BadInput
from core.templating.templates import save
from storage.stats import Figures
from storage.tables import Job, JobKind, JobState, Role
from tests.things import add_person

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
Ended = Callable[..., Job]


@pytest.fixture
def ended(desk: Desk) -> Ended:
    """`ended(days=3, rows=10)`: an export that was begun so long before NOW, and ended so."""

    def made(whose: Desk | None = None, *, days: float = 0, seconds: float = 1, **parts: Any) -> Job:
        at = NOW - timedelta(days=days)
        given: dict[str, Any] = {
            "kind": JobKind.EXPORT,
            "state": JobState.SUCCEEDED,
            "format": "csv",
            "rows": 10,
            "bytes": 100,
        }
        given |= {"name": "An export", "payload": {}, "created_at": at, "started_at": at}
        job = Job(
            workspace_id=desk.workspace_id,
            owner_id=(whose or desk).account_id,
            **given | {"finished_at": at + timedelta(seconds=seconds)} | parts,
        )
        with desk.store.writing() as session:
            session.add(job)
        return job

    return made


def test_figures_of_a_period_without_gaps(desk: Desk, ended: Ended):
    ended(days=1)
    ended(days=1, state=JobState.FAILED, rows=None, bytes=None)
    ended(days=6, rows=5, format="xlsx")
    ended(days=7)  # the day before the seven
    ended(kind=JobKind.INGEST)
    ended(state=JobState.CANCELLED, rows=None)
    found = stats.insights(desk, "7_days", now=NOW)
    assert found.total == Figures(4, 2, 1, 15, 200)
    assert found.success == 2 / 3
    assert (found.by, found.since) == ("day", date(2026, 11, 4))
    assert [(day.day, figures.exports) for day, figures in found.over_time] == [
        (4, 1), (5, 0), (6, 0), (7, 0), (8, 0), (9, 2), (10, 1),
    ]  # fmt: skip
    assert [(name, figures.exports) for name, figures in found.formats] == [("csv", 3), ("xlsx", 1)]
    assert stats.insights(desk, "30_days", now=NOW).total.exports == 5


def test_a_day_is_that_of_the_workspace(desk: Desk, ended: Ended):
    workspaces.change(desk, zone="Asia/Kathmandu")  # 5 hours 45 minutes ahead
    ended(created_at=datetime(2026, 11, 9, 18, 14, 59, tzinfo=UTC))
    ended(created_at=datetime(2026, 11, 9, 18, 15, 0, tzinfo=UTC))
    found = stats.insights(desk, "7_days", now=NOW)
    assert [figures.exports for _day, figures in found.over_time][-2:] == [1, 1]


def test_a_long_time_is_told_by_the_month(desk: Desk, ended: Ended):
    ended(days=0)
    ended(days=300)
    found = stats.insights(desk, "12_months", now=NOW)
    assert found.by == "month"
    assert [day for day, _ in found.over_time][::11] == [date(2025, 12, 1), date(2026, 11, 1)]
    assert sum(figures.exports for _, figures in found.over_time) == 2
    assert len(stats.insights(desk, "all", now=NOW).over_time) == 11


def test_nothing_exported_yet_is_no_fault(desk: Desk):
    for period in stats.PERIODS:
        found = stats.insights(desk, period)
        assert (found.total, found.success, [*found.slowest]) == (Figures(), None, [])
    with pytest.raises(BadInput, match="no period “ever”"):
        stats.insights(desk, "ever")


def test_the_slowest_and_the_most_used_are_named(desk: Desk, ended: Ended, dataset_factory: Any):
    dataset = dataset_factory("a\n1\n")
    spec = ExportSpec.model_validate({"sources": [{"dataset": dataset.id}]})
    weekly, daily = save(desk, "Weekly", "", spec), save(desk, "Daily", "", spec)
    for n, template in enumerate((weekly, daily, daily)):
        ended(seconds=n + 0.5, name=f"Run {n}", template_id=template.id)
    ended(seconds=99, deleted_at=NOW)
    ended(seconds=98, state=JobState.FAILED)
    found = stats.insights(desk, now=NOW)
    assert [(one.name, round(one.seconds, 1)) for one in found.slowest] == [
        ("Run 2", 2.5),
        ("Run 1", 1.5),
        ("Run 0", 0.5),
    ]
    assert [(name, figures.exports) for name, figures in found.templates] == [("Daily", 2), ("Weekly", 1)]


def test_what_others_keep_to_themselves_is_not_counted(desk: Desk, ended: Ended, stranger: Desk):
    viewer = add_person(desk, "Vera", Role.VIEWER)
    ended(name="Secret", seconds=50)
    ended(name="Known", shared=True)
    found = stats.insights(viewer, now=NOW)
    assert (found.total.exports, [one.name for one in found.slowest]) == (1, ["Known"])
    assert [name for name, _ in found.people] == ["Owner"]
    assert stats.insights(desk, now=NOW).total.exports == 2
    assert stats.insights(stranger, now=NOW).total.exports == 0


def test_the_csv_holds_all_of_it_and_no_formula(desk: Desk, ended: Ended):
    ended(name="=cmd|' /C calc'!A0", days=2)
    read = [*csv.DictReader(io.StringIO(stats.as_csv(stats.insights(desk, "7_days", now=NOW))))]
    assert read[0] == {
        "about": "total", "which": "7_days", "exports": "1", "succeeded": "1", "failed": "0", "rows": "10",
        "bytes": "100", "seconds": "",
    }  # fmt: skip
    assert next(row["which"] for row in read if row["about"] == "day") == "2026-11-04"
    assert [row["which"] for row in read if row["about"] == "slowest"] == ["'=cmd|' /C calc'!A0"]


def test_figures_are_read_from_the_index_alone(desk: Desk):
    """Not from the rows: those hold whole receipts."""
    asked: list[tuple[str, Any]] = []

    @event.listens_for(desk.store.engine, "before_cursor_execute")
    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM job" in statement:
            asked.append((statement, parameters))

    stats.insights(desk)
    event.remove(desk.store.engine, "before_cursor_execute", note)
    with desk.store.reading() as session:
        explain = session.connection().exec_driver_sql
        plans = [
            str(explain(f"explain query plan {sql}", given).all()) for sql, given in asked if "WHERE job.id" not in sql
        ]
    assert len(plans) == 5
    assert all("USING COVERING INDEX ix_job_stats" in plan for plan in plans), plans
