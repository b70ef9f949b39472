"""“Last time” is what a destination really got: conditions compare with it, not with what was only made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from core import deliveries
from core.deliveries import Delivery
from core.desk import Desk
from core.destinations import Destination
from core.engine.spec import ExportSpec
from core.templating import templates
from storage import deliveries as rows
from storage.tables import Dataset, Job
from tests.core.deliveries.conftest import Deliver
from tests.storage.plans import asked, plan

Ran = Callable[[Job], list[Delivery]]
Folder = Callable[..., Destination]
NOBODY = {"filters": {"items": [{"column": "name", "operator": "is", "values": ["Nobody"]}]}}
ONE = {"limit": 1}


@pytest.fixture
def weekly(open_desk: Desk, people: Dataset) -> dict[str, str]:
    """A template whose runs have a last time."""
    spec = ExportSpec.model_validate({"sources": [{"dataset": people.slug}]})
    return {"template_id": templates.save(open_desk, "Weekly", "", spec).id}


def test_a_run_that_waits_for_a_yes_is_no_last_time_for_the_next(
    export: Deliver, folder: Folder, of: Ran, weekly: dict[str, str]
) -> None:
    place, how = folder(), {"of": weekly, "ask_above_percent": 10}
    assert [one.state for one in of(export(place, **how))] == ["sent"]
    for _run in range(2):  # the second asks as the first does: nobody has said yes
        (held,) = of(export(place, source=NOBODY, **how))
        assert (held.state, held.why) == ("held", "0 rows instead of 2 last time (-100%).")


@pytest.mark.parametrize("end", ["stopped", "failed"])
def test_what_was_never_there_is_not_called_unchanged(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran, weekly: dict[str, str], end: str, tmp_path: Any
) -> None:
    place, how = folder(), {"of": weekly, "when": "changed"}
    assert [one.state for one in of(export(place, **how))] == ["sent"]
    if end == "stopped":
        (held,) = of(export(place, source=ONE, hold="ask", **how))
        assert deliveries.undo(open_desk, held.id).state == "stopped"
    else:
        (tmp_path / "share" / "team").rename(tmp_path / "share" / "aside")
        (tmp_path / "share" / "team").write_text("in the way")
        assert [one.state for one in of(export(place, source=ONE, **how))] == ["failed"]
        (tmp_path / "share" / "team").unlink()
        (tmp_path / "share" / "aside").rename(tmp_path / "share" / "team")
    assert [one.state for one in of(export(place, source=ONE, **how))] == ["sent"]
    assert [one.state for one in of(export(place, source=ONE, **how))] == ["not_sent"]


def test_each_destination_has_a_last_time_of_its_own(
    export: Deliver, folder: Folder, of: Ran, weekly: dict[str, str]
) -> None:
    old, new, how = folder("old"), folder("new"), {"of": weekly, "when": "changed"}
    of(export(old, **how))
    assert {one.name: one.state for one in of(export(old, new, **how))} == {"Old": "not_sent", "New": "sent"}


def test_a_run_that_went_nowhere_is_no_last_time(
    export: Deliver, folder: Folder, of: Ran, weekly: dict[str, str]
) -> None:
    place = folder()
    of(export(place, of=weekly, ask_above_percent=10))
    of(export(of=weekly, source=ONE))  # somebody ran the template and took the file along
    assert [one.state for one in of(export(place, of=weekly, ask_above_percent=10))] == ["sent"]


def test_the_last_times_of_all_destinations_are_two_statements_that_read_not_every_job(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran, weekly: dict[str, str]
) -> None:
    places = [folder(name) for name in ("a", "b", "c")]
    first = export(*places, of=weekly)
    of(first)
    second = export(of=weekly)

    def ask(session: Session) -> dict[str, Job]:
        return rows.last_sent(session, second, [place.id for place in places])

    with asked(open_desk.store) as sent, open_desk.store.reading() as session:
        assert {one: job.id for one, job in ask(session).items()} == {place.id: first.id for place in places}
    assert len([statement for statement, _ in sent if statement.startswith("SELECT")]) == 2
    for made_by, index in (("template_id", "ix_job_stats"), ("schedule_id", "ix_job_of_schedule")):
        second = Job.model_validate(second.model_dump() | {"template_id": None, "schedule_id": None, made_by: "x"})
        steps = plan(open_desk.store, ask)
        assert not [step for step in steps if step.startswith("SCAN job")], steps
        assert [step for step in steps if f"INDEX {index} (" in step and "created_at<?" in step], steps
