"""Columns that say who somebody is, written so that they do not: masked, or as a pseudonym.

Masked: enough is left to recognise a mistake by, not a person ("a***@example.org", "***67", the year of a date). A pseudonym
is the same for the same value, in every export of a workspace, and leads back to nothing: HMAC-SHA-256 (RFC 2104) with a key
that is never in a file. Empty cells stay empty.
"""

from __future__ import annotations

from core.engine.rendering import OutColumn
from core.engine.session import quoted
from core.engine.text import plain
from core.engine.values import DATED, Column, Kind
from core.errors import BadSpec

MASK, PSEUDONYM = "mask", "pseudonym"
WAYS = {MASK: "masked", PSEUDONYM: "as pseudonyms"}  # a key of OutputColumn.format → how sentences say it
BLOCK = 64  # bytes of SHA-256's blocks, to which HMAC fills its key up
DIGITS = 20  # of a pseudonym: 80 bits, of a thousand million values no two are alike by chance
FEW = 6  # characters: of anything shorter nothing is shown


def protected(column: Column, way: str, key: str, zone: str) -> str:
    """A SQL expression of text over a dataset's column; `key` is hex digits. Raises BadSpec for a pseudonym without one."""
    if way == PSEUDONYM and not key:
        raise BadSpec(
            f"“{column.name}” cannot become a pseudonym here: that takes the key of a workspace.",
            "Run this export on a desk, or mask the column.",
            field=column.name,
        )
    text = plain(OutColumn(column.id, column.name, column.kind, column.precision, column.scale, column.trim), zone)
    return (
        f"case when trim({text}) != '' then {_pseudonym(text, key) if way == PSEUDONYM else _masked(column, text)} end"
    )


def _masked(column: Column, text: str) -> str:
    if column.kind in DATED:
        return f"strftime({quoted(column.id)}, '%Y')"
    mail = f"left(trim({text}), 1) || '***@' || split_part(trim({text}), '@', -1)"
    end = f"case when length(trim({text})) >= {FEW} then '***' || right(trim({text}), 2) else '***' end"
    return f"case when contains({text}, '@') then {mail} else {end} end" if column.kind is Kind.TEXT else end


def _pseudonym(text: str, key: str) -> str:
    """Without regard to case and to blanks round it, as people compare such values. The letter before it keeps spreadsheets
    from reading digits with an e as a number."""
    secret = bytes.fromhex(key).ljust(BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in secret).hex() for pad in (0x36, 0x5C))
    message = f"unhex('{inner}') || encode(lower(trim({text})))"
    return f"'p' || left(sha256(unhex('{outer}') || unhex(sha256({message}))), {DIGITS})"
