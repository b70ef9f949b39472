"""Whatever texts a table holds: written as CSV, taken in and written out again, no value has changed unseen."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import zip_longest
from random import Random

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.engine import pipeline
from core.engine.ingest import ImportOptions, ingest
from core.engine.spec import ExportSpec, Output, Resolved, Source
from core.engine.table import Table
from core.errors import BadFile

TRAPS = [
    "", "00123", "0", "-5", "1.5", "1.50", "2.25", "-0", "1e5", "1E+05", "+62 812", "1234567890123456", "0.1", ".5", "5.",
    "nan", "inf", "1/2/2024", "31/12/2024", "2024-01-05", "2024-02-30", "2024-01-05 10:00:00", "2024-01-05T10:00:00Z",
    "24:00", "12:30", "true", "FALSE", "yes", "No", "1,5", "1,234", "1.234,5", "1 234", "N/A", "NULL", "-", "5%", "€5",
    "=1+1", "@x", "\ufeff", "a\u2028b", " x", "x ", "\t", 'say "hi"', "a,b", "a;b", "a\nb", "a\r\nb", "'", "\\", "\\n",
    "😀", "ﷺ", "0x1F", "1_000", "१२३", "12.", "--1",
]  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(TRAPS),
    st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=6),
    st.text(alphabet=" \",;'\n\r\t|a01.-+/:", max_size=6),
    st.decimals(-(10**6), 10**6, places=2).map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.dates().map(str),
)


@st.composite
def tables(draw):
    """Rows of two to four columns; a column's cells come from a few values, so that whole columns agree by chance."""
    height = draw(st.integers(1, 10))
    columns = []
    for _ in range(draw(st.integers(2, 4))):
        pool = draw(st.lists(CELLS, min_size=1, max_size=3))
        columns.append(draw(st.lists(st.sampled_from(pool), min_size=height, max_size=height)))
    return [list(row) for row in zip(*columns, strict=True)]


def round_trip(folder, rows, delimiter, line_end):
    source = folder / "source.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        # Python's writer leaves a lone CR unquoted, which no reader can tell from a line end
        quoting = csv.QUOTE_ALL if any("\r" in cell for row in rows for cell in row) else csv.QUOTE_MINIMAL
        out = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
        out.writerow([f"h{n}" for n in range(len(rows[0]))])
        out.writerows(rows)
    options = ImportOptions(delimiter=delimiter, quote='"', header_row=1)
    (taken,) = ingest(source, "source.csv", folder / "taken", options, scratch=folder)
    spec = ExportSpec(
        sources=(Source(dataset="x"),), output=Output(format="csv", options={"audience": "programs"}, file_name="out")
    )
    files, scratch = folder / "files", folder / "scratch"
    files.mkdir()
    scratch.mkdir()
    resolved = Resolved(now=datetime(2026, 1, 1, tzinfo=UTC))
    pipeline.run(
        spec,
        Table.open(taken.path),
        resolved,
        folder=files,
        stored=lambda n: "out",
        scratch=scratch,
        report=lambda p: None,
    )
    text = (files / "out").read_bytes().decode("utf-8-sig")
    return taken, list(csv.reader(io.StringIO(text, newline="")))[1:]


def same_value(column, before, after):
    """Whether a typed cell says what the text said; only the notation may differ, and `why` owns up to it."""
    if before == after:
        return True
    match column.kind.value:
        case "decimal" | "whole":  # which mark is which is the business of test_inference
            plain = {before.replace(",", ""), before.replace(",", "."), before.replace(".", "").replace(",", ".")}
            return any(Decimal(after) == Decimal(p) for p in plain if p.count(".") <= 1)
        case "yes_no":
            return before.casefold() == after
        case "date" | "timestamp" | "timestamp_tz" | "time":
            return bool(column.why)  # the forms' own tests compare these value by value
    return False


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(rows=tables(), delimiter=st.sampled_from([",", ";", "\t", "|"]), line_end=st.sampled_from(["\n", "\r\n"]))
def test_every_text_comes_back_as_it_went_in(tmp_path_factory, rows, delimiter, line_end):
    taken, back = round_trip(tmp_path_factory.mktemp("trip"), rows, delimiter, line_end)
    assert taken.problems == 0
    assert len(back) == taken.rows
    for before, after in zip_longest(rows, back):
        if after is None:  # empty rows at the end are left out, and the notes say how many
            assert all(cell == "" for cell in before)
            continue
        for column, old, new in zip(taken.columns, before, after, strict=True):
            if column.kind.value == "text":
                assert new == old, column.why
            else:
                assert same_value(column, old, new), (old, new, column.why)


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(text=st.text(alphabet=",\na1;", min_size=1, max_size=60))
def test_without_quotes_every_line_is_a_row_a_problem_or_in_a_note(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("lines")
    lines = [line for line in text.split("\n") if line]
    (folder / "x.csv").write_text("a,b\n" + text + "\n", newline="")
    (taken,) = ingest(
        folder / "x.csv", "x.csv", folder / "o", ImportOptions(delimiter=",", header_row=1), scratch=folder
    )
    told = sum(int(note.split()[0]) for note in taken.understood.notes if "empty row" in note)
    assert taken.rows + taken.problems + told == len(lines)


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(data=st.binary(min_size=1, max_size=60))
def test_any_bytes_are_read_or_refused_with_a_sentence(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "x.csv").write_bytes(b"a,b\n1," + data + b"\n3,4\n")
    refused = None
    try:
        ingest(folder / "x.csv", "x.csv", folder / "o", scratch=folder)
    except BadFile as refusal:
        refused = refusal
    assert refused is None or (refused.message and refused.next_step)


def test_line_breaks_in_cells_are_safe_in_a_file_that_is_read_in_pieces(tmp_path):
    """Larger than the reader's buffer, with cells whose inside looks like rows: a parallel reader got these wrong."""
    random = Random(1)
    count = size = letters = 0
    with (tmp_path / "x.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["id", "text", "more"])
        while size < 70_000_000:
            text = random.choice(
                ["x", "a,b", "one\ntwo", '"q"', "\n" * 40, "1,2,3\n" * random.randint(1, 400), '",\n"\n']
            )
            out.writerow([count, text, "y"])
            count, size, letters = count + 1, size + len(text) + 10, letters + len(text)
    (taken,) = ingest(tmp_path / "x.csv", "x.csv", tmp_path / "o", scratch=tmp_path)
    assert (taken.rows, taken.problems) == (count, 0)
    query = "select count(*), sum(length(c2)), bool_and(c3 = 'y'), max(c1) from read_parquet($1)"
    with duckdb.connect() as con:
        assert con.execute(query, [str(taken.path)]).fetchall() == [(count, letters, True, count - 1)]


@pytest.mark.parametrize("value", TRAPS)
def test_each_trap_alone_survives(tmp_path, value):
    taken, back = round_trip(tmp_path, [[value, "x"], [value, "y"]], ",", "\n")
    if taken.columns[0].kind.value == "text":
        assert [row[0] for row in back] == [value, value]
    else:
        assert same_value(taken.columns[0], value, back[0][0])
    assert json.loads(taken.columns[0].model_dump_json())["why"]
