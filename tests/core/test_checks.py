"""Check a file: byte for byte, value for value, or what differs from what comes nearest."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from core import checks, datasets, exports, matching, sharing, uploads
from core.backup import backups
from core.checks import Found
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import Forbidden, NotFound
from core.work import inline
from storage.tables import JobState, Role
from tests.things import add_person, make_things

CSV = "code,amount,due,note\n" + "".join(f"{n:05d},{n}.50,2026-10-{n:02d},=n {n}\n" for n in range(1, 29))
Export = Callable[..., str]


@pytest.fixture
def export(desk: Desk, dataset_factory: Any) -> Export:
    """`export("csv", delimiter=";")`: the id of a finished export of the orders."""
    dataset = dataset_factory(CSV, name="Orders")

    def made(format: str = "csv", name: str = "Late", columns: tuple[Any, ...] = (), **options: Any) -> str:
        spec = {
            "name": name,
            "sources": [{"dataset": dataset.id, "columns": columns}],
            "output": {"format": format, "options": options},
        }
        job = exports.start(desk, ExportSpec.model_validate(spec))
        inline.run_queued(desk)
        done = exports.get(desk, job.id)
        assert done.state == JobState.SUCCEEDED, done.error
        return job.id

    return made


def check(desk: Desk, content: bytes, name: str = "theirs.csv") -> Found:
    job = checks.check(desk, uploads.store(desk, name, content).id)
    inline.run_queued(desk)
    found = checks.found(desk, job.id)
    assert found is not None
    return found


def content(desk: Desk, job_id: str) -> bytes:
    return exports.file(desk, job_id).path.read_bytes()


def test_the_very_file_is_known_whatever_it_is_called(desk: Desk, export: Export):
    job_id = export("pdf")
    found = check(desk, content(desk, job_id), "from the mail.bin")
    assert (found.verdict.verdict, found.export.id, found.by) == ("bytes", job_id, "Owner")
    assert checks.sentence(found) == "Yes: this is “Late.pdf” of the export “Late”, byte for byte."


def test_a_file_from_within_a_zip_is_known(desk: Desk, export: Export):
    [dataset] = datasets.list(desk)
    spec = {
        "sources": [{"dataset": dataset.id}],
        "output": {"format": "csv"},
        "packaging": {"split": {"by": "rows", "rows": 10}},
    }
    job = exports.start(desk, ExportSpec.model_validate(spec))
    inline.run_queued(desk)
    with zipfile.ZipFile(exports.file(desk, job.id).path) as archive:
        inside = next(name for name in archive.namelist() if name.endswith(".csv"))
        found = check(desk, archive.read(inside))
    assert (found.verdict.verdict, found.export.id, found.verdict.file) == ("bytes", job.id, inside)


def test_the_same_rows_in_another_format_and_order_are_known(desk: Desk, export: Export):
    job_id, other = export("xlsx"), export("json", "Not kept")
    export("xlsx", "Other", ("code",))
    written = content(desk, other)
    exports.delete(desk, other)
    header, *rows = CSV.splitlines()
    backwards = gzip.compress("\n".join([header, *reversed(rows)]).encode())
    for file, name in ((written, "theirs.json"), (backwards, "theirs.csv.gz")):
        found = check(desk, file, name)
        assert (found.verdict.verdict, found.export.id, found.verdict.said) == ("values", job_id, [])


def test_a_workbook_that_was_saved_again_is_known(desk: Desk, export: Export):
    job_id = export("xlsx")
    book, again = openpyxl.load_workbook(io.BytesIO(content(desk, job_id))), io.BytesIO()
    book.save(again)
    assert again.getvalue() != content(desk, job_id)
    found = check(desk, again.getvalue(), "again.xlsx")
    assert (found.verdict.verdict, found.export.id) == ("values", job_id)


def test_values_that_were_written_as_text_are_compared_with_the_file_itself(desk: Desk, export: Export):
    job_id = export("csv", date_format="dmy_slash")  # and for spreadsheets, which get '=n 1 for =n 1
    text = content(desk, job_id).decode("utf-8-sig")
    found = check(desk, text.replace("\r\n", "\n").encode(), "theirs.csv")
    assert (found.verdict.verdict, found.export.id) == ("values", job_id)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda t: t.replace("7.50", "8.50"), "Values are others in “amount”."),
        (lambda t: "\n".join(t.splitlines()[:-3]), "It has 25 rows, the export has 28."),
        (lambda t: "\n".join(line.rpartition(",")[0] for line in t.splitlines()), "It lacks “note”."),
        (lambda t: "\n".join(f"{line},x" for line in t.splitlines()), "It has “x” besides."),
        (
            lambda t: t.replace("00001,1.50", "00001,2.50").replace("00002,2.50", "00002,1.50"),
            "Each column holds the same values, but in other rows.",
        ),
    ],
)
def test_what_differs_from_the_nearest_is_said(desk: Desk, export: Export, changed: Callable[[str], str], said: str):
    job_id = export("csv")
    export("csv", "Other", ("code",))
    found = check(desk, changed(CSV).encode())
    assert (found.verdict.verdict, found.export.id, found.verdict.said) == ("near", job_id, [said])


def test_what_has_nothing_in_common_is_none_of_ours(desk: Desk, export: Export):
    export("csv")
    assert check(desk, b"x,y\n1,2\n").verdict.verdict == "none"
    found = check(desk, b"\x89PNG\r\n\x1a\n" + bytes(100), "picture.png")
    assert found.verdict.verdict == "unreadable"
    assert found.verdict.said


def test_only_exports_one_may_see_are_told(desk: Desk, stranger: Desk):
    citra, dewi = add_person(desk, "Citra", Role.EDITOR), add_person(desk, "Dewi", Role.EDITOR)
    things = make_things(citra, "Citras")
    written = content(citra, things.export)
    assert check(citra, written).verdict.verdict == "bytes"
    for other in (dewi, stranger):
        assert check(other, written).verdict.verdict == "none"
    sharing.share(citra, "export", things.export)
    found = check(dewi, written)
    assert (found.export.id, found.by) == (things.export, "Citra")
    job = checks.check(dewi, uploads.store(dewi, "a.csv", written).id)
    inline.run_queued(desk)
    with pytest.raises(NotFound):
        checks.found(stranger, job.id)
    sharing.share(citra, "export", things.export, False)
    with pytest.raises(NotFound, match="not there any more"):
        checks.found(dewi, job.id)


def test_a_viewer_checks_a_file_and_makes_no_data_of_it(desk: Desk, export: Export):
    job_id = export()
    dataset = datasets.list(desk)[0]
    sharing.share(desk, "dataset", dataset.id)
    sharing.share(desk, "export", job_id)
    viewer = add_person(desk, "Vera", Role.VIEWER)
    upload = uploads.store(viewer, "theirs.csv", content(desk, job_id), use="exports.check")
    job = checks.check(viewer, upload.id)
    inline.run_queued(desk)
    told = checks.found(viewer, job.id)
    assert told is not None
    assert (told.verdict.verdict, told.verdict.export) == ("bytes", job_id)
    sent = uploads.store(viewer, "theirs.csv", b"name,n\nAnn,1\n", use="exports.check")
    for use in (
        lambda: uploads.store(viewer, "mine.csv", b"name,n\nAnn,1\n"),
        lambda: datasets.inspect(viewer, sent.id),
        lambda: datasets.add(viewer, sent.id),
        lambda: datasets.add(viewer, sent.id, replace=dataset.id),
        lambda: matching.match_sample(viewer, sent.id, dataset.id),
        lambda: backups.restore(viewer, sent.id),
    ):
        with pytest.raises(Forbidden):
            use()
