"""Are the rows of an export others than last time? Told by their values: a file may differ by the moment it was written.

The order of rows does not count, how often one occurs does; so do the headers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from core.engine.query import build
from core.engine.session import explained, open_session
from core.engine.spec import ExportSpec, Resolved
from core.engine.table import Table


def fingerprint(
    spec: ExportSpec, tables: Mapping[str, Table], resolved: Resolved, *, scratch: Path, memory_mb: int
) -> str:
    """64 hex digits, the same for the same rows in any order. One more scan of the data. Raises BadSpec, Trouble."""
    found = []
    used = [tables[source.dataset] for source in spec.sources]
    with closing(open_session(scratch, memory_mb=memory_mb, columns=max(len(t.columns) for t in used))) as con:
        for source, table in zip(spec.sources, used, strict=True):
            query = build(source, table, resolved)
            row = f"hash({', '.join(column.key for column in query.columns)})"
            figures = f"count(*), coalesce(sum({row}::hugeint), 0)::varchar, coalesce(bit_xor({row}), 0)::varchar"
            with explained():
                values = con.sql(f"select {figures} from ({query.unordered})", params=query.params or None).fetchall()
            found.append([[column.label for column in query.columns], values])
    return hashlib.sha256(json.dumps(found, ensure_ascii=False).encode()).hexdigest()
