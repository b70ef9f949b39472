from datetime import UTC, datetime

import pytest

from pages.components import words


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (12_345, "12 KB"),
        (999_600, "1.0 MB"),
        (3_140_000, "3.1 MB"),
        (5 * 10**12, "5.0 TB"),
    ],
)
def test_sizes_read_as_a_file_manager_shows_them(n, said):
    assert words.size(n) == said


@pytest.mark.parametrize(("n", "said"), [(0.2, "1 s"), (48, "48 s"), (150, "2 min"), (4800, "1 h 20 min")])
def test_durations_are_rounded_to_what_a_person_waits_for(n, said):
    assert words.seconds(n) == said


def test_counts_know_singular_and_plural():
    assert [words.rows(n) for n in (0, 1, 24_854)] == ["0 rows", "1 row", "24,854 rows"]
    assert [words.things(kind, n) for kind, n in (("template", 1), ("projects", 2))] == ["1 template", "2 projects"]


def test_times_are_told_in_the_workspace_zone():
    now = datetime(2026, 10, 12, 18, 0, tzinfo=UTC)
    told = [
        words.moment(datetime.fromisoformat(f"{at}Z"), "Asia/Jakarta", now=now)
        for at in ("2026-10-12T17:59:30", "2026-10-12T17:05", "2026-10-12T16:30", "2026-03-01T02:30")
    ]
    assert told == ["just now", "today 00:05", "yesterday 23:30", "1 Mar 2026, 09:30"]
    assert words.moment(None) == "never"


def test_lists_read_as_english():
    assert [words.listing(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
