from pathlib import Path

import pytest

from core.engine.ingest import ImportOptions, ingest


@pytest.fixture
def profiles(tmp_path):
    """`profiles(text)` takes a CSV in and gives its profile by column name."""

    def run(text, **options):
        (tmp_path / "x.csv").write_text(text)
        (taken,) = ingest(Path(tmp_path / "x.csv"), "x.csv", tmp_path / "o", ImportOptions(**options), scratch=tmp_path)
        return {p.name: p for p in taken.profile}

    return run


def test_a_column_is_summed_up(profiles):
    found = profiles("City,Age\nRome,31\nOslo,25\nRome,\nRome,31\n")
    city, age = found["City"], found["Age"]
    assert (city.rows, city.empty, city.distinct, city.min, city.max) == (4, 0, 2, "Oslo", "Rome")
    assert [(f.value, f.count) for f in city.top] == [("Rome", 3), ("Oslo", 1)]
    assert (age.empty, age.distinct, age.min, age.max) == (1, 2, "25", "31")
    assert not city.approximate


def test_a_histogram_holds_every_value_once(profiles):
    for name, text in {
        "whole": "\n".join(map(str, range(1, 1001))),
        "decimal": "\n".join(f"{n / 8:.3f}" for n in range(1000)),
        "date": "\n".join(f"20{20 + n % 5}-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(1000)),
        "moment": "\n".join(f"2024-01-{n % 28 + 1:02} {n % 24:02}:00" for n in range(1000)),
    }.items():
        found = profiles(f"v,n\n{text}\n".replace("\n", ",x\n").replace("v,n,x", "v,n", 1), header_row=1)["v"]
        assert sum(bucket.count for bucket in found.histogram) == 1000, name
        assert 1 < len(found.histogram) <= 20


def test_whole_numbers_get_buckets_of_the_same_width(profiles):
    found = profiles("v,n\n" + "".join(f"{n},x\n" for n in range(7)))["v"]
    assert [(b.start, b.end, b.count) for b in found.histogram] == [(str(n), str(n + 1), 1) for n in range(7)]


def test_one_value_is_one_bucket(profiles):
    assert [(b.start, b.count) for b in profiles("v,n\n5,x\n5,y\n")["v"].histogram] == [("5", 2)]


def test_a_column_without_values_has_a_profile_all_the_same(profiles):
    found = profiles("v,n\n,x\n,y\n")["v"]
    assert (found.empty, found.distinct, found.min, found.top, found.histogram) == (2, 0, None, (), ())


def test_numbers_that_are_none_do_not_spoil_the_least_and_greatest(profiles):
    found = profiles("v,n\n1.5,x\nnan,y\ninf,z\n", kinds={"v": "float"})["v"]
    assert (found.min, found.max, found.empty) == ("1.5", "1.5", 0)
    assert sum(b.count for b in found.histogram) == 1


def test_dates_at_the_ends_of_time_are_summed_up(profiles):
    found = profiles("v,n\n0001-01-01,x\n9999-12-31,y\n")["v"]
    assert (found.min, found.max) == ("0001-01-01", "9999-12-31")
    assert sum(b.count for b in found.histogram) == 2
