"""SQL expressions that turn a typed column into text: the one place that knows how each kind is written down.

All take a result column (o1 … oN) and give a VARCHAR that is NULL exactly where the value is.
"""

from __future__ import annotations

from core.engine.display import DATE_FORMATS, NUMBER_FORMATS, DateFormat, NumberFormat
from core.engine.rendering import OutColumn
from core.engine.session import literal, quoted
from core.engine.values import DATED, NUMBERS, TEXTS, Kind


def plain(column: OutColumn, zone: str) -> str:
    """A value as plain text: numbers with a point and all their digits, dates and times as in ISO 8601 (a blank between).

    A zoned timestamp is shown in `zone` with its offset; what is not finite as NaN, Infinity, infinity.
    """
    name = quoted(column.key)
    if column.kind in TEXTS:
        return name
    if column.kind is Kind.FLOAT:
        return finite_or(name, "NaN", "Infinity")
    if column.kind is Kind.TIMESTAMP_TZ:
        return zoned(name, column.zone or zone)
    if column.kind is Kind.DECIMAL and column.trim and column.scale:
        return f"rtrim(rtrim({name}::varchar, '0'), '.')"
    return f"{name}::varchar"


def shown(column: OutColumn, zone: str, *, date_format: str | None = None, decimal_comma: bool = False) -> str:
    """A value as `plain` text, or by the column's own display format, or for dates by `date_format`."""
    if column.kind in NUMBERS:
        number = NUMBER_FORMATS.get(column.format or "")
        sql = formatted_number(column, number) if number else plain(column, zone)
        if decimal_comma and (number or column.kind is not Kind.WHOLE):
            return f"translate({sql}, '.,', ',.')"
        return sql
    if column.kind in DATED:
        way = DATE_FORMATS.get(column.format or "") or DATE_FORMATS.get(date_format or "")
        if way and way.key != "iso":
            return formatted_date(column, way, zone)
    return plain(column, zone)


def programs_date(column: OutColumn, zone: str, date_format: str | None = None) -> str:
    """A finite date or timestamp as programs expect it: ISO 8601 with a T, or by a display format where one was chosen."""
    text = shown(column, zone, date_format=date_format)
    if text != plain(column, zone):
        return text
    name = quoted(column.key)
    if column.kind is Kind.TIMESTAMP_TZ:
        return zoned(name, column.zone or zone, separator="T")
    if column.kind is Kind.TIMESTAMP:
        return f"replace({name}::varchar, ' ', 'T')"
    return text


def is_nan(name: str) -> str:
    """Whether a float is NaN, by what its text contains.

    DuckDB 2.0 answers isnan(), and any comparison, from Parquet's statistics, which leave NaN out; functions of text it asks
    of each value.
    """
    return f"contains({name}::varchar, 'nan')"


def finite_or(name: str, nan: str, infinity: str) -> str:
    """A float as text, with these words for what is not finite. A missing one stays NULL."""
    said = {
        is_nan(name): nan,
        f"starts_with({name}::varchar, '-')": f"-{infinity}",
        f"contains({name}::varchar, 'inf')": infinity,
    }
    words = f"case {' '.join(f'when {test} then {literal(word)}' for test, word in said.items())} end"
    return f"case when isfinite({name}) then {name}::varchar else {words} end"


def wall(name: str, zone: str) -> str:
    """A zoned timestamp as the wall clock of `zone` shows it (a TIMESTAMP)."""
    return f"timezone({literal(zone)}, {name})"


def zoned(name: str, zone: str, *, separator: str = " ") -> str:
    """A zoned timestamp as text with its offset, `2026-10-31 07:00:00+07:00`."""
    clock = f"{wall(name, zone)}::varchar"
    if separator != " ":
        clock = f"replace({clock}, ' ', {literal(separator)})"
    if zone == "UTC":
        return f"case when isfinite({name}) then concat({clock}, '+00:00') else {name}::varchar end"
    seconds = f"date_diff('second', timezone('UTC', {name}), {wall(name, zone)})"
    size = f"abs({seconds})"
    offset = (
        f"concat(case when {seconds} < 0 then '-' else '+' end, lpad(({size} // 3600)::varchar, 2, '0'), ':', "
        f"lpad(({size} % 3600 // 60)::varchar, 2, '0'), "
        f"case when {size} % 60 > 0 then ':' || lpad(({size} % 60)::varchar, 2, '0') else '' end)"
    )
    return f"case when isfinite({name}) then concat({clock}, {offset}) else {name}::varchar end"


def formatted_date(column: OutColumn, way: DateFormat, zone: str) -> str:
    """A date or timestamp by a display format; the clock time follows, with its fraction where there is one."""
    name = quoted(column.key)
    moment = wall(name, column.zone or zone) if column.kind is Kind.TIMESTAMP_TZ else name
    day = f"strftime({moment}, {literal(way.strftime)})"
    if column.kind is not Kind.DATE and way.with_time:
        day = f"({day} || ' ' || {moment}::time::varchar)"
    return f"case when isfinite({name}) then {day} else {name}::varchar end"


def formatted_number(column: OutColumn, way: NumberFormat) -> str:
    """A number by a display format, computed in decimals so that no digit is lost; too large for that: as it is."""
    name = quoted(column.key)
    exact = f"try_cast({name} as decimal(38, {way.places}))"  # the cast rounds
    if way.percent:
        part = f"try_cast({name} as decimal(35, {way.places + 2}))"
        exact = f"({part} * 100::decimal(3, 0))::decimal(38, {way.places})"
    text = f"{exact}::varchar"
    if way.thousands:
        whole = f"split_part({text}, '.', 1)"
        grouped = (
            f"regexp_replace(reverse(regexp_replace(reverse({whole}), '([0-9]{{3}})', '\\1,', 'g')), '^(-?),', '\\1')"
        )
        text = f"({grouped} || '.' || split_part({text}, '.', 2))" if way.places else grouped
    if way.percent:
        text = f"({text} || '%')"
    plain_text = finite_or(name, "NaN", "Infinity") if column.kind is Kind.FLOAT else f"{name}::varchar"
    return f"case when {name} is null then null else coalesce({text}, {plain_text}) end"
