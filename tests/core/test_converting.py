"""An export in another format: the same rows by value, whatever happened to the data since."""

from __future__ import annotations

import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from core import converting, datasets, exports, file_passwords, sharing, uploads
from core.desk import Desk
from core.engine import ingest
from core.engine.formats import FORMATS
from core.engine.spec import ExportSpec
from core.errors import BadSpec, Conflict, NotFound
from core.work import inline
from storage.tables import JobState, Role
from tests.things import add_person, make_things

CSV = "code,amount,due,note\n" + "".join(f'{n:05d},{n}.5,2026-10-{1 + n % 28:02d},"=n {n}"\n' for n in range(1, 201))


@pytest.fixture
def first(desk: Desk, dataset_factory: Any) -> str:
    """A finished export of what was due in the last 30 days, delivered to nobody, as CSV for spreadsheets."""
    dataset = dataset_factory(CSV, name="Orders")
    spec = ExportSpec.model_validate(
        {
            "name": "Late",
            "sources": [{
                "dataset": dataset.slug,
                "filters": {"items": [{"column": "amount", "operator": "higher_than", "values": [20]}]},
                "columns": ["code", {"column": "amount", "label": "Total"}, "due", "note"],
                "sort": [{"column": "amount", "descending": True}],
            }],
            "output": {"format": "csv", "options": {"delimiter": ";"}},
        }
    )  # fmt: skip
    return run(desk, exports.start(desk, spec).id)


def run(desk: Desk, job_id: str) -> str:
    inline.run_queued(desk)
    done = exports.get(desk, job_id)
    assert done.state == JobState.SUCCEEDED, done.error
    return job_id


def rows(desk: Desk, job_id: str) -> list[tuple[Any, ...]]:
    table = pq.read_table(exports.file(desk, job_id).path)
    return [tuple(row.values()) for row in table.to_pylist()]


def test_rows_are_equal_by_value_after_the_data_has_changed(desk: Desk, first: str):
    before = rows(desk, run(desk, converting.convert(desk, first, "parquet").id))
    [dataset] = datasets.list(desk)
    upload = uploads.store(desk, "new.csv", b"code,amount,due,note\n1,99.5,2026-10-01,x\n")
    datasets.add(desk, upload.id, replace=dataset.id)
    inline.run_queued(desk)
    again = converting.convert(desk, first, "parquet")
    assert rows(desk, run(desk, again.id)) == before
    assert len(before) == exports.receipt(desk, first).rows == 181
    assert (before[0][0], str(before[0][1]), before[0][3]) == ("00200", "200.5", "=n 200")
    assert exports.get(desk, again.id).resolved == exports.get(desk, first).resolved


def test_every_format_can_be_had(desk: Desk, first: str):
    wanted = sorted(set(FORMATS) - {"fixed", "template"})
    made = {format: run(desk, converting.convert(desk, first, format).id) for format in wanted}
    receipts = {format: exports.receipt(desk, job_id) for format, job_id in made.items()}
    assert {format: (one.format, one.rows) for format, one in receipts.items()} == {f: (f, 181) for f in wanted}
    assert converting.origin(desk, exports.get(desk, made["xlsx"])).id == first


def test_read_again_the_new_file_says_what_the_first_one_said(desk: Desk, first: str, tmp_path: Any):
    found = exports.file(desk, run(desk, converting.convert(desk, first, "json").id))
    told = json.loads(found.path.read_text())
    [read] = ingest.ingest(exports.file(desk, first).path, "first.csv", tmp_path)
    assert (len(told), [*told[0]]) == (read.rows, [c.name for c in read.columns])


def test_options_of_the_new_format_are_its_own(desk: Desk, first: str):
    found = exports.file(desk, run(desk, converting.convert(desk, first, "tsv").id))
    assert found.name == "Late.tsv"
    assert found.path.read_text(encoding="utf-8-sig").splitlines()[0] == "code\tTotal\tdue\tnote"


def test_a_password_locks_the_new_file_too(desk: Desk, dataset_factory: Any):
    password = file_passwords.keep(desk, "a long password")
    dataset = dataset_factory("a\n1\n", name="Locked")
    spec = {"sources": [{"dataset": dataset.id}], "output": {"format": "xlsx"}}
    spec["packaging"] = {"password": password, "lock": "file"}
    job = run(desk, exports.start(desk, ExportSpec.model_validate(spec)).id)
    made = run(desk, converting.convert(desk, job, "csv").id)
    assert [(f.locked, f.name.rpartition(".")[2]) for f in exports.receipt(desk, made).files] == [(True, "zip")]


def test_what_cannot_be_is_said(desk: Desk, first: str, stranger: Desk):
    with pytest.raises(BadSpec, match="Unknown format “xslx”"):
        converting.convert(desk, first, "xslx")
    with pytest.raises(NotFound):
        converting.convert(stranger, first, "json")
    [dataset] = datasets.list(desk)
    waiting = exports.start(desk, ExportSpec.model_validate({"sources": [{"dataset": dataset.id}]}))
    with pytest.raises(Conflict, match="has succeeded"):
        converting.convert(desk, waiting.id, "json")


def test_of_somebody_elses_export_only_with_the_data_it_was_made_from(desk: Desk):
    citra, dewi = add_person(desk, "Citra", Role.EDITOR), add_person(desk, "Dewi", Role.EDITOR)
    things = make_things(citra, "Citras")
    sharing.share(citra, "export", things.export)
    with pytest.raises(NotFound, match="not shared with you"):
        converting.convert(dewi, things.export, "json")
    sharing.share(citra, "dataset", things.dataset)
    made = converting.convert(dewi, things.export, "json")
    assert (made.owner_id, made.shared) == (dewi.account_id, False)
