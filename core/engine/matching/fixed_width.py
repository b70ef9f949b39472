"""A sample of fixed width: lines of one length, and the places where its columns begin."""

from __future__ import annotations

from collections.abc import Sequence

from core.engine.ingest import dialect as dialects
from core.engine.matching import styles
from core.engine.matching.delimited import Text
from core.engine.matching.sample import MOST_ROWS, Sample, columns_of

FEWEST_LINES = 2
DAY = 8  # digits of a day without signs
SHORTEST = 8  # characters of a line: shorter ones are alike by chance
DIGITS = frozenset("0123456789")
NUMERIC = DIGITS | frozenset(" +-.,")


def looks_fixed(text: str, *, whole: bool = True) -> bool:
    """Whether every line is as long as the others and its cells are parted by their places rather than by a sign."""
    found = _lines(text, whole)
    if len(found) < FEWEST_LINES or len(found[0]) < SHORTEST or len({len(line) for line in found}) > 1:
        return False
    for sign in (";", "\t", "|"):
        if len({line.count(sign) for line in found}) == 1 and sign in found[0]:
            return False
    even = dialects.detect(text)
    cells = [record.cells for record in dialects.records(text, even)]
    if (
        len({len(row) for row in cells}) == 1 and len(cells[0]) > 1
    ):  # a comma in each line: cells, or decimals in their places
        return sum("  " in line for line in found) >= 0.5 * len(found)
    return True


def read(source: Text) -> Sample:
    """The widths and the columns of such a file."""
    found = _lines(source.text, source.whole)[: MOST_ROWS + 1]
    body = found[1:] if len(found) > FEWEST_LINES and _is_header(found) else found
    header = len(body) < len(found)
    starts = _with_dates(_starts(found if header else body, body), body)
    ends = [*starts[1:], len(found[0])]
    widths = [end - start for start, end in zip(starts, ends, strict=True)]
    rows = _cut(body, starts)
    names = [found[0][start:end].strip() if header else "" for start, end in zip(starts, ends, strict=True)]
    raw = [[row[place] for row in rows] for place in range(len(widths))]
    columns = columns_of(names, [[cell.strip() for cell in row] for row in rows])
    options = {
        "widths": ", ".join(
            _width(width, cells, last=place == len(widths) - 1)
            for place, (width, cells) in enumerate(zip(widths, raw, strict=True))
        ),
        "header": header,
        "encoding": source.encoding,
        "line_ends": source.line_ends,
    }
    shown = ", ".join(map(str, widths))
    said = [
        *source.understood,
        f"Every line has {len(found[0])} characters: fixed width.",
        f"{len(widths)} columns of {shown} characters were found by their blanks and digits: compare them with the description "
        "of the file.",
        "The first row holds the names of the columns." if header else "There is no header row.",
    ]
    sample = Sample("fixed", columns, options, said, [*source.differences], fields=widths)
    if source.bom:
        sample.differences.append("The sample begins with a byte order mark, which is not written in fixed width.")
    sample.decimal = styles.file_decimal([column.values for column in columns])
    return sample


def _lines(text: str, whole: bool) -> list[str]:
    found = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not whole or not found[-1]:
        found.pop()  # the text ended with a line, or in the middle of one
    return found


def _is_header(lines: Sequence[str]) -> bool:
    """Whether the first line has letters where all others have digits."""
    below = lines[1:]
    return any(
        sign.isalpha() and all(line[at] in NUMERIC for line in below) and any(line[at] in DIGITS for line in below)
        for at, sign in enumerate(lines[0])
    )


def _starts(lines: Sequence[str], body: Sequence[str]) -> list[int]:
    """Where columns begin: after a place that is blank throughout, and where digits give way to letters or the reverse."""
    blank = [all(line[at] == " " for line in lines) for at in range(len(lines[0]))]
    found = [0]
    for at in range(1, len(lines[0])):
        after_gap = blank[at - 1] and not blank[at]
        if after_gap or (
            not blank[at] and not blank[at - 1] and _kind(body, at) != _kind(body, at - 1) and _settled(body, at)
        ):
            found.append(at)
    return [
        start
        for start in found
        if start == 0 or any(not blank[at] for at in range(found[found.index(start) - 1], start))
    ]


def _cut(lines: Sequence[str], starts: Sequence[int]) -> list[list[str]]:
    ends = [*starts[1:], len(lines[0]) if lines else 0]
    return [[line[start:end] for start, end in zip(starts, ends, strict=True)] for line in lines]


def _with_dates(starts: list[int], lines: Sequence[str]) -> list[int]:
    """Days in eight digits that stand right before or behind a number, found by being days in every line."""
    found = list(starts)
    for place, cells in enumerate(zip(*_cut(lines, starts), strict=True)):
        width = len(cells[0])
        if width <= DAY or styles.date_style([cell.strip() for cell in cells]):
            continue
        if _are_days([cell[-DAY:] for cell in cells]) and all(cell[:-DAY].strip() for cell in cells):
            found.append(starts[place] + width - DAY)
        elif _are_days([cell[:DAY] for cell in cells]) and all(cell[DAY:].strip() for cell in cells):
            found.append(starts[place] + DAY)
    return sorted(found)


def _are_days(texts: Sequence[str]) -> bool:
    style = styles.date_style(texts)
    return style is not None and style.key in ("ymd_digits", "dmy_digits")


def _kind(lines: Sequence[str], at: int) -> str:
    signs = {line[at] for line in lines}
    if signs == {" "}:
        return "blank"
    return "digits" if signs <= DIGITS else "number" if signs <= NUMERIC else "text"


def _settled(lines: Sequence[str], at: int) -> bool:
    """Whether the change at a place is one of columns: a date's dashes and a number's blanks and point are not."""
    kinds = {_kind(lines, at - 1), _kind(lines, at)}
    return "text" in kinds and len(kinds) == 2 and "blank" not in kinds


def _width(width: int, cells: Sequence[str], *, last: bool) -> str:
    """The width, the side where all values stand, zeros where they fill up, and the gap behind where nothing ever stands."""
    filled = [cell for cell in cells if cell.strip()]
    gap = 0 if last else min((len(cell) - len(cell.rstrip()) for cell in filled), default=0)
    ends = {len(cell) - len(cell.rstrip()) for cell in filled}
    starts = {len(cell) - len(cell.lstrip()) for cell in filled}
    if len(ends) == 1 and len(starts) > 1:
        return f">{width - gap}+{gap}" if gap else f">{width}"
    zeros = all(cell.strip().lstrip("-").isdigit() and len(cell.strip()) == width - gap for cell in filled)
    if filled and zeros and any(cell.strip().lstrip("-").startswith("0") for cell in filled):
        return f"0{width - gap}+{gap}" if gap else f"0{width}"
    return f"<{width}"
