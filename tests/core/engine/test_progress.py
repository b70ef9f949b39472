"""Progress: steps in words, few reports, a guess of what is left that does not jump."""

from __future__ import annotations

from core.engine.progress import Meter, Progress


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def metered(steps=3):
    clock = Clock()
    reports: list[Progress] = []
    return Meter(reports.append, steps=steps, source="people", clock=clock), clock, reports


def test_each_step_is_told_at_once():
    meter, _, reports = metered()
    meter.phase("Counting rows", 10)
    meter.phase("Writing rows", 5)
    assert [(r.phase, r.step, r.steps, r.total, r.source) for r in reports] == [
        ("Counting rows", 1, 3, 10, "people"),
        ("Writing rows", 2, 3, 5, "people"),
    ]


def test_at_most_five_reports_a_second():
    meter, clock, reports = metered()
    meter.phase("Writing rows", 1_000_000)
    for _ in range(1000):
        clock.now += 0.002
        meter.advance(1000)
    assert 8 <= len(reports) <= 11
    assert [r.rows for r in reports] == sorted(r.rows for r in reports)


def test_seconds_left_come_after_half_a_second_from_the_smoothed_rate():
    meter, clock, reports = metered()
    meter.phase("Writing rows", 10_000)
    for _ in range(20):
        clock.now += 0.25
        meter.advance(250)
    early = [r for r in reports[1:] if r.rows < 500]
    assert all(r.seconds_left is None for r in early)
    assert reports[-1].seconds_left == 5.0
    assert reports[-1].fraction == 0.5


def test_what_was_sorted_is_counted_anew_when_it_is_written():
    meter, clock, reports = metered()
    meter.phase("Writing rows", 100)
    clock.now += 1
    meter.reach(50, "Sorting rows")
    meter.again("Writing rows")
    clock.now += 1
    meter.advance(10)
    assert [(r.phase, r.rows) for r in reports] == [("Writing rows", 0), ("Sorting rows", 50), ("Writing rows", 10)]
