import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.engine.table import Table
from core.errors import BadFile


@pytest.fixture
def parquet(tmp_path, take):
    """`parquet(names, arrays)` writes a Parquet file and takes it in."""

    def run(names, arrays, **options):
        path = tmp_path / "source.parquet"
        pq.write_table(
            pa.table([pa.array(*a) if isinstance(a, tuple) else pa.array(a) for a in arrays], names=names), path
        )
        return take(path, "source.parquet", **options)

    return run


def test_columns_of_the_same_name_keep_their_own_values(parquet):
    taken = parquet(["Name", "name", "Name"], [[1, 2], ["a", "b"], [1.5, 2.5]])
    assert [*taken.columns] == ["Name", "name (2)", "Name (3)"]
    assert [taken.values(n) for n in taken.columns] == [[1, 2], ["a", "b"], [1.5, 2.5]]


@pytest.mark.parametrize(
    ("values", "type_", "kind", "stored"),
    [
        ([1, None], pa.int8(), "whole", [1, None]),
        ([2**64 - 1], pa.uint64(), "whole", [Decimal(2**64 - 1)]),
        ([1.5], pa.float32(), "float", [1.5]),
        ([1.5], pa.float16(), "float", [1.5]),
        ([Decimal("1.50")], pa.decimal128(9, 2), "decimal", [Decimal("1.50")]),
        ([Decimal("7")], pa.decimal128(9, 0), "whole", [Decimal("7")]),
        ([Decimal("1.50")], pa.decimal256(60, 2), "text", ["1.50"]),
        ([True], pa.bool_(), "yes_no", [True]),
        ([dt.date(2024, 1, 5)], pa.date64(), "date", [dt.date(2024, 1, 5)]),
        ([dt.datetime(2024, 1, 5, 10)], pa.timestamp("s"), "timestamp", [dt.datetime(2024, 1, 5, 10)]),
        ([dt.time(9, 30)], pa.time32("ms"), "time", [dt.time(9, 30)]),
        ([b"ab"], pa.binary(), "text", ["YWI="]),
        ([[1, 2]], pa.list_(pa.int64()), "nested", ["[1,2]"]),
        ([{"a": 1}], pa.struct([("a", pa.int64())]), "nested", ['{"a":1}']),
        (["x", None], pa.large_string(), "text", ["x", None]),
        ([None], pa.null(), "text", [None]),
    ],
)
def test_every_type_comes_to_one_of_the_ten_kinds(parquet, values, type_, kind, stored):
    taken = parquet(["v"], [(values, type_)])
    assert (taken.kinds["v"], taken.values("v")) == (kind, stored)


def test_dictionaries_are_their_values(parquet):
    assert parquet(["v"], [pa.array(["a", "b", "a"]).dictionary_encode()]).values("v") == ["a", "b", "a"]


def test_zoned_moments_keep_their_zone_and_nanoseconds_are_said(parquet):
    moment = dt.datetime(2024, 1, 5, 3, tzinfo=dt.UTC)
    taken = parquet(["at"], [([moment], pa.timestamp("ns", tz="Asia/Jakarta"))])
    assert (taken.kinds["at"], taken.columns["at"].zone) == ("timestamp_tz", "Asia/Jakarta")
    assert taken.values("at")[0] == moment
    assert "nanoseconds" in taken.notes[0]


def test_a_dataset_of_our_own_keeps_its_headers_and_meaning(take):
    first = take("Näme,Zip\nAnn,01067\nBob,00001\n")
    again = take(first.ingested.path, "again.parquet")
    assert again.kinds == first.kinds
    assert again.columns["Zip"].why == first.columns["Zip"].why


def test_the_dataset_file_carries_its_own_meaning(take):
    taken = take("Name,Registered\nAnn,2024-01-05\n")
    table = Table.open(taken.ingested.path)
    assert [c.id for c in table.columns] == ["c1", "c2"]
    assert (table.rows, table.date_column, table.columns) == (1, "c2", taken.ingested.columns)


def test_a_damaged_parquet_is_refused(take):
    with pytest.raises(BadFile, match="damaged"):
        take(b"PAR1" + b"x" * 100, "x.parquet")


def test_text_called_parquet_is_refused(take):
    with pytest.raises(BadFile, match="called Parquet"):
        take("a,b\n1,2\n", "x.parquet")
