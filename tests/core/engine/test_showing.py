"""A page of a query as the screen prints it: text, formats applied, empty cells empty, only what was asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.engine.query import build
from core.engine.session import open_session
from core.engine.showing import LONGEST, show
from core.engine.spec import Resolved, Source
from core.engine.table import METADATA_KEY, Meaning, Table
from core.engine.values import Column, Kind

RESOLVED = Resolved(now=datetime(2026, 10, 31, tzinfo=UTC))


@pytest.fixture
def table(tmp_path: Path) -> Table:
    columns = (
        Column(id="c1", name="name", kind=Kind.TEXT),
        Column(id="c2", name="amount", kind=Kind.DECIMAL, precision=9, scale=2),
        Column(id="c3", name="born", kind=Kind.DATE),
    )
    rows = pa.table(
        {
            "c1": ["Zoë", None, "x" * (LONGEST + 5)],
            "c2": pa.array([Decimal("1234.50"), None, Decimal("-0.10")], pa.decimal128(9, 2)),
            "c3": [date(1999, 12, 31), date(2026, 1, 2), None],
        }
    )
    path = tmp_path / "table.parquet"
    meaning = Meaning(name="People", columns=columns)
    pq.write_table(rows.replace_schema_metadata({METADATA_KEY: meaning.model_dump_json().encode()}), path)
    return Table.open(path)


def page(table: Table, source: Source, offset: int = 0, limit: int = 10, columns: int | None = None) -> list[object]:
    con = open_session(None)
    try:
        return list(show(con, build(source, table, RESOLVED), offset, limit, "UTC", columns=columns))
    finally:
        con.close()


def test_values_are_the_text_of_the_file_and_empty_cells_are_none(table: Table) -> None:
    rows = page(table, Source(dataset="people"), limit=2)

    assert rows == [("Zoë", "1234.50", "1999-12-31"), (None, None, "2026-01-02")]


def test_display_formats_are_applied(table: Table) -> None:
    source = Source.model_validate(
        {
            "dataset": "people",
            "columns": [
                {"column": "born", "format": "dmy_slash"},
                {"column": "amount", "format": "thousands_decimals"},
            ],
        }
    )

    assert page(table, source)[0] == ("31/12/1999", "1,234.50")


def test_a_page_begins_where_it_was_asked_to(table: Table) -> None:
    assert page(table, Source(dataset="people"), offset=1, limit=1) == [(None, None, "2026-01-02")]


def test_a_very_long_value_is_shortened_on_the_screen(table: Table) -> None:
    assert page(table, Source(dataset="people"), offset=2) == [("x" * LONGEST + "…", "-0.10", None)]


def test_of_a_wide_result_only_the_first_columns_are_rendered(table: Table) -> None:
    assert page(table, Source(dataset="people"), limit=1, columns=2) == [("Zoë", "1234.50")]
