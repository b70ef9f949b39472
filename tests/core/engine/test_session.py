"""The one door to DuckDB: bounded, offline, and its failures in words."""

from __future__ import annotations

import errno
import time

import duckdb
import pytest

from core.engine.session import explain, explained, interruptible, literal, open_session, quoted
from core.errors import Cancelled, DiskFull, LimitReached, Trouble


def test_a_query_that_needs_more_than_its_memory_says_so(tmp_path):
    with open_session(None, memory_mb=32) as con, pytest.raises(LimitReached, match="more memory"), explained():
        con.sql("select md5(range::varchar) m from range(5000000) order by m").to_arrow_table()


def test_a_sort_spills_to_the_scratch_folder_and_nowhere_else(tmp_path):
    with open_session(tmp_path, memory_mb=64, threads=1) as con:
        rows = con.sql("select md5(range::varchar) m from range(1000000) order by m").to_arrow_reader(10_000)
        first = rows.read_next_batch()
        assert (tmp_path / "spill").is_dir()
        assert first.num_rows == 10_000
        assert sum(len(batch) for batch in rows) == 990_000


def test_a_question_that_takes_too_long_is_stopped():
    with open_session(None) as con:
        begun = time.monotonic()
        with pytest.raises(LimitReached, match=r"longer than 0\.3 seconds"), interruptible(con, 0.3):
            con.sql("select count(*) from range(100000) a, range(1000000) b where a.range % 7 = b.range % 3").fetchall()
        assert time.monotonic() - begun < 10
        assert con.sql("select 1").fetchall() == [(1,)]


def test_what_begins_when_the_time_is_already_over_is_stopped_all_the_same():
    def late(con: duckdb.DuckDBPyConnection) -> None:
        begun = time.monotonic()
        while time.monotonic() < begun + 0.02:  # the first interruption finds nothing to stop
            pass
        con.sql("select count(*) from range(100000) a, range(1000000) b where a.range % 7 = b.range % 3").fetchall()

    with open_session(None) as con, pytest.raises(LimitReached), interruptible(con, 0.0):
        late(con)


def test_the_timer_does_not_stop_what_comes_after():
    with open_session(None) as con:
        with interruptible(con, 0.05):
            pass
        assert con.sql("select count(*) from range(30000000) where range % 3 = 1").fetchall() == [(10_000_000,)]


def test_no_extension_can_be_fetched():
    with open_session(None) as con, pytest.raises(duckdb.Error):
        con.sql("select * from st_read('x')")


def test_python_variables_are_no_tables():
    people = [1]
    with open_session(None) as con, pytest.raises(duckdb.CatalogException):
        con.sql("select * from people").fetchall()
    assert people == [1]


@pytest.mark.parametrize("name", ['a"b', "select", "", "x; drop table y", "é"])
def test_any_name_is_an_identifier_when_quoted(name):
    with open_session(None) as con:
        assert con.sql(f"select 1 as {quoted(name or 'x')}").columns == [name or "x"]
        assert con.sql(f"select {literal(name)}").fetchall() == [(name,)]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
        (OSError("IO Error: Could not write file: No space left on device"), DiskFull),
        (OSError("Out of Memory Error: failed to allocate data of size 32.0 MiB"), LimitReached),
        (MemoryError(), LimitReached),
        (OSError("INTERRUPT Error: Interrupted!"), Cancelled),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), Trouble),
        (duckdb.OutOfRangeException("Out of Range Error: Overflow in HUGEINT"), LimitReached),
    ],
)
def test_a_failure_becomes_one_of_ours(trouble, kind):
    assert isinstance(explain(trouble), kind)


def test_a_fault_of_our_own_stays_what_it_is():
    assert explain(ValueError("bad argument")) is None
    with pytest.raises(duckdb.BinderException), open_session(None) as con, explained():
        con.sql("select nope")
