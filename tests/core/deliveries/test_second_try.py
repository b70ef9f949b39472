"""A delivery of several files that was cut short: when it is sent again the rest follows, under the names that were chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core import deliveries, destinations, exports
from core.deliveries import Delivery
from core.delivery.base import MARK_DIGITS
from core.desk import Desk
from core.destinations import Destination
from core.engine.spec import ExportSpec
from core.work import inline
from storage.tables import Dataset, Job
from tests.core.deliveries.test_deliveries import arrived

Ran = Callable[[Job], list[Delivery]]
Folder = Callable[..., Destination]


@pytest.fixture
def failed(open_desk: Desk, people: Dataset, folder: Folder, of: Ran, tmp_path: Path) -> Callable[[str], Job]:
    """`failed(existing)`: an export of a file for each country, of which the first has arrived and the second could not."""

    def made(existing: str) -> Job:
        spec = ExportSpec.model_validate(
            {
                "sources": [{"dataset": people.slug}],
                "output": {"format": "csv", "file_name": "{part}"},
                "packaging": {"compression": "none", "split": {"by": "value", "column": "country"}},
                "delivering": {"destinations": [folder(existing=existing).id]},
            }
        )
        job = exports.start(open_desk, spec)
        assert inline.run_next(open_desk)
        _first, second = exports.receipt(open_desk, job.id).files
        (tmp_path / "share" / "team").mkdir()
        part = tmp_path / "share" / "team" / f".{second.name}.{second.sha256[:MARK_DIGITS]}.part"
        part.symlink_to("in the way")
        assert [one.state for one in of(job)] == ["failed"]
        return job

    return made


@pytest.mark.parametrize("existing", ["refuse", "keep_both", "replace"])
def test_the_file_that_is_missing_follows_and_the_first_is_neither_doubled_nor_in_the_way(
    open_desk: Desk, failed: Callable[[str], Job], of: Ran, tmp_path: Path, existing: str
) -> None:
    job = failed(existing)
    assert {*arrived(tmp_path / "share")} == {"team/Indonesia.csv"}
    deliveries.send_again(open_desk, deliveries.list(open_desk, job.id)[0].id)
    (sent,) = of(job)
    assert (sent.state, [one["name"] for one in sent.arrivals]) == ("sent", ["Indonesia.csv", "Peru.csv"])
    assert {*arrived(tmp_path / "share")} == {"team/Indonesia.csv", "team/Peru.csv"}


def test_what_arrived_and_was_taken_away_before_it_was_sent_again_by_hand_follows_too(
    open_desk: Desk, failed: Callable[[str], Job], of: Ran, tmp_path: Path
) -> None:
    job = failed("refuse")
    (tmp_path / "share" / "team" / "Indonesia.csv").unlink()
    deliveries.send_again(open_desk, deliveries.list(open_desk, job.id)[0].id)
    assert [one.state for one in of(job)] == ["sent"]
    assert {*arrived(tmp_path / "share")} == {"team/Indonesia.csv", "team/Peru.csv"}


def test_a_destination_that_was_changed_in_between_gets_all_files(
    open_desk: Desk, failed: Callable[[str], Job], of: Ran, tmp_path: Path
) -> None:
    job = failed("refuse")
    (one,) = deliveries.list(open_desk, job.id)
    root = str(tmp_path / "share")
    options = {"root": root, "folder": "other", "existing": "refuse"}
    destinations.change(open_desk, one.destination_id, options=options)
    deliveries.send_again(open_desk, one.id)
    assert [one.state for one in of(job)] == ["sent"]
    assert {*arrived(tmp_path / "share")} == {"team/Indonesia.csv", "other/Indonesia.csv", "other/Peru.csv"}
