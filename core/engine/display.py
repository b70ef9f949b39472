"""How a date or a number may be shown: in text formats as text, in a workbook as a cell format over the true value.

A column without one is shown the format's own way. A display format changes what a reader sees on purpose; it is never a
default.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.engine.values import DATED, NUMBERS, Kind


@dataclass(frozen=True)
class DateFormat:
    """`strftime` and `excel` show the day; times follow as HH:MM:SS unless `with_time` is false."""

    key: str
    label: str
    example: str  # of 31 October 2026
    strftime: str
    excel: str
    with_time: bool = True


@dataclass(frozen=True)
class NumberFormat:
    """`places` digits after the point (rounded half away from zero), thousands parted or not, times 100 for percent."""

    key: str
    label: str
    example: str  # of 1234.5
    excel: str
    places: int
    thousands: bool = False
    percent: bool = False


DATE_FORMATS: dict[str, DateFormat] = {
    f.key: f
    for f in (
        DateFormat("iso", "Year-month-day", "2026-10-31", "%Y-%m-%d", "yyyy-mm-dd"),
        DateFormat("dmy_slash", "Day/month/year", "31/10/2026", "%d/%m/%Y", "dd/mm/yyyy"),
        DateFormat("mdy_slash", "Month/day/year", "10/31/2026", "%m/%d/%Y", "mm/dd/yyyy"),
        DateFormat("dmy_dot", "Day.month.year", "31.10.2026", "%d.%m.%Y", "dd.mm.yyyy"),
        DateFormat("dmy_dash", "Day-month-year", "31-10-2026", "%d-%m-%Y", "dd-mm-yyyy"),
        DateFormat("dmy_words", "Day, month in letters, year", "31 Oct 2026", "%-d %b %Y", "d mmm yyyy"),
        DateFormat("ymd_slash", "Year/month/day", "2026/10/31", "%Y/%m/%d", "yyyy/mm/dd"),
        DateFormat("ymd_digits", "Year, month, day, digits alone", "20261031", "%Y%m%d", "yyyymmdd"),
        DateFormat("dmy_digits", "Day, month, year, digits alone", "31102026", "%d%m%Y", "ddmmyyyy"),
        DateFormat("day", "The day alone, without the time", "2026-10-31", "%Y-%m-%d", "yyyy-mm-dd", with_time=False),
        DateFormat("month", "The month alone", "2026-10", "%Y-%m", "yyyy-mm", with_time=False),
        DateFormat("year", "The year alone", "2026", "%Y", "yyyy", with_time=False),
    )
}

NUMBER_FORMATS: dict[str, NumberFormat] = {
    f.key: f
    for f in (
        NumberFormat("whole", "Rounded to whole", "1235", "0", 0),
        NumberFormat("one_decimal", "One decimal", "1234.5", "0.0", 1),
        NumberFormat("two_decimals", "Two decimals", "1234.50", "0.00", 2),
        NumberFormat("thousands", "Thousands, rounded to whole", "1,235", "#,##0", 0, thousands=True),
        NumberFormat("thousands_decimals", "Thousands and two decimals", "1,234.50", "#,##0.00", 2, thousands=True),
        NumberFormat("percent", "Percent", "123450%", "0%", 0, percent=True),
        NumberFormat("percent_decimals", "Percent with two decimals", "123450.00%", "0.00%", 2, percent=True),
    )
}


def display_formats(kind: Kind) -> tuple[DateFormat | NumberFormat, ...]:
    """The display formats a column of that kind offers, in menu order; none for kinds that have none."""
    if kind in DATED:
        return tuple(DATE_FORMATS.values())
    if kind in NUMBERS:
        return tuple(NUMBER_FORMATS.values())
    return ()


def date_words() -> dict[str, str]:
    """The date formats by key, each as 31 October 2026 written that way: what a form offers."""
    return {
        f.key: f.example if f.with_time else f"{f.example} ({f.label[0].lower()}{f.label[1:]})"
        for f in DATE_FORMATS.values()
    }
