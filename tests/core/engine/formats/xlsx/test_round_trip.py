"""Whatever is written is what openpyxl and calamine read, for tables nobody thought of."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.engine.values import Kind
from tests.core.engine.formats.xlsx.workbooks import column, decoded, moment, workbook

COLUMNS = (
    column(1, "Text", Kind.TEXT),
    column(2, "Whole", Kind.WHOLE),
    column(3, "Decimal", Kind.DECIMAL, precision=18, scale=4),
    column(4, "Float", Kind.FLOAT),
    column(5, "Yes", Kind.YES_NO),
    column(6, "Day", Kind.DATE),
    column(7, "Moment", Kind.TIMESTAMP),
    column(8, "Clock", Kind.TIME),
)
VALUES = st.tuples(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=20),
    st.integers(-(2**63), 2**63 - 1),
    st.decimals("-99999999999999", "99999999999999", places=4),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
).flatmap(lambda row: st.tuples(*(st.sampled_from((value, value, None)) for value in row)))


def read_as(value):
    """What a reader finds for a value, and what Excel cannot hold as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)):
        digits = Decimal(value).normalize().as_tuple().digits if isinstance(value, Decimal) else str(abs(value))
        return f"{value}" if len(digits) > 15 else float(value)
    if isinstance(value, float):
        names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
        return names.get(str(value), value)
    if isinstance(value, (datetime, time)):
        if isinstance(value, datetime) and value < datetime(1900, 3, 1):
            fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
            return value.replace(microsecond=0).isoformat(" ") + fraction
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    if isinstance(value, date):
        return value.isoformat() if value < date(1900, 3, 1) else moment(value)
    return value


def padded(rows, count):
    """calamine leaves out the empty rows and columns at the end."""
    full = [row + [""] * (len(COLUMNS) - len(row)) for row in rows]
    return full + [[""] * len(COLUMNS)] * (count - len(full))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(values=st.lists(VALUES, max_size=12), header=st.booleans())
def test_readers_find_what_was_written(tmp_path_factory, values, header):
    made = workbook(tmp_path_factory.mktemp("trip") / "a.xlsx", COLUMNS, values, header=header)
    wanted = [[read_as(value) for value in row] for row in values]
    names = [[c.label for c in COLUMNS]] if header else []
    by_openpyxl = [[decoded(cell) if isinstance(cell, str) else cell for cell in row] for row in made.sheet()]
    if names or wanted:
        assert by_openpyxl == names + wanted
    by_calamine = [[moment(cell) for cell in row] for row in made.calamine()]
    shown = names + [["" if value is None else value for value in row] for row in wanted]
    assert padded(by_calamine, len(shown)) == shown
