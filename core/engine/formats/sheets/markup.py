"""Text within XML, as SQL: what every kind of sheet shares."""

from __future__ import annotations

CONTROLS = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"  # what XML 1.0 has no way to say


def without_markup(sql: str) -> str:
    """SQL text that holds no XML markup."""
    return f"replace(replace(replace({sql}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
