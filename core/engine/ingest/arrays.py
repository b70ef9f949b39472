"""Text columns of Arrow from Python values, without dragging pandas in: `pa.array` imports it, which takes a second."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from pyarrow.lib import StringBuilder

SHORT = 20_000  # values; longer columns are worth the import, which makes them six times faster


def text_array(values: Sequence[str | None]) -> pa.Array:
    """One column of text, None for empty."""
    if len(values) >= SHORT:
        return pa.array(values, pa.string())
    builder = StringBuilder()
    builder.append_values(values)
    return builder.finish()
