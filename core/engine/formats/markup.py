"""What every file made of XML shares: the characters XML has no way to say, and text without markup, as SQL."""

from __future__ import annotations

import re

FORBIDDEN = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"  # XML 1.0, production 2; as DuckDB's expressions say it
FORBIDDEN_SIGN = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\ufffe\uffff]")  # the same for texts of our own


def without_markup(sql: str) -> str:
    """SQL text that holds no XML markup."""
    return f"replace(replace(replace({sql}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
