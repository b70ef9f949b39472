"""Numbers, sizes and times as an office worker reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from core.workspaces import Clock
from pages.texts import N_, _, language, n_

_UNITS = (N_("{size} bytes"), N_("{size} KB"), N_("{size} MB"), N_("{size} GB"), N_("{size} TB"))
# What a browser calls itself; most also call themselves by the names after theirs.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def rows(n: int) -> str:
    """ "0 rows", "1 row", "24,854 rows" """
    return n_("{n} row", "{n} rows", n)


def columns(n: int) -> str:
    return n_("{n} column", "{n} columns", n)


def files(n: int) -> str:
    return n_("{n} file", "{n} files", n)


def things(kind: str, n: int) -> str:
    """So many of a kind: "dataset", "export", "template", "set" …; any other is a project. In the singular or the plural."""
    match kind.removesuffix("s"):
        case "dataset":
            return n_("{n} dataset", "{n} datasets", n)
        case "export":
            return n_("{n} export", "{n} exports", n)
        case "template":
            return n_("{n} template", "{n} templates", n)
        case "set":
            return n_("{n} saved set", "{n} saved sets", n)
        case "destination":
            return n_("{n} destination", "{n} destinations", n)
        case "schedule":
            return n_("{n} schedule", "{n} schedules", n)
        case _:
            return n_("{n} project", "{n} projects", n)


def size(n: int | None) -> str:
    """Bytes in steps of 1000, as file managers show them: 0 bytes, 12 KB, 3.1 MB, 2.04 GB."""
    if n is None:
        return "–"
    value, unit = float(n), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return _(_UNITS[unit]).format(size=f"{value:.0f}" if unit < 2 else f"{value:.1f}")


def seconds(n: float) -> str:
    """A duration: "1 s", "48 s", "3 min", "1 h 20 min"."""
    whole = max(1, round(n))
    if whole < 90:
        return _("{seconds} s").format(seconds=whole)
    hours, minutes = divmod(round(whole / 60), 60)
    if not hours:
        return _("{minutes} min").format(minutes=minutes)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)


def day(at: datetime, clock: Clock) -> str:
    """A day as the workspace writes it, its month in the reader's language: "2026-10-12", "12 Oct 2026"."""
    return format_date(at.astimezone(ZoneInfo(clock.zone)), clock.pattern, locale=language())


def long_day(at: datetime) -> str:
    """A day as a heading: "12 October 2026"; `at` is where whoever looks is."""
    return format_date(at, "d MMMM y", locale=language())


def run(at: datetime) -> str:
    """A run that is to be, on the clock `at` is on: "Mon 12 Oct 2026, 08:00"."""
    return f"{format_date(at, 'EEE d MMM y', locale=language())}, {at:%H:%M}"


def moment(at: datetime | None, clock: Clock | str = "UTC", *, now: datetime | None = None) -> str:
    """A time by the workspace's clock: "just now", "today 14:05", "yesterday 09:30", "12 Oct 2026, 09:30".

    A zone alone (IANA name) is taken with the last of these styles.
    """
    if at is None:
        return _("never")
    clock = Clock(clock, "dmy_words") if isinstance(clock, str) else clock
    here = ZoneInfo(clock.zone)
    then, today = at.astimezone(here), (now or datetime.now(UTC)).astimezone(here)
    if 0 <= (today - then).total_seconds() < 60:
        return _("just now")
    days = (today.date() - then.date()).days
    if days in (0, 1):
        return (_("yesterday {time}") if days else _("today {time}")).format(time=f"{then:%H:%M}")
    return f"{day(then, clock)}, {then:%H:%M}"


def listing(items: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return _("{items} and {last}").format(items=", ".join(items[:-1]), last=items[-1])


def capital(text: str) -> str:
    """With a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def program(agent: str) -> str:
    """What somebody speaks with, from its User-Agent (RFC 9110, 10.1.5): "Firefox on Windows", "curl/8.5"."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if not browser:
        return agent.split(" ")[0][:40]
    return _("{browser} on {system}").format(browser=browser, system=system) if system else browser
