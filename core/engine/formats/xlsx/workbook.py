"""Writing the workbook: the shell's halves, the rendered rows between them, one zip."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from core.engine.formats.base import Context, Section, Written
from core.engine.formats.sheets.options import SheetOptions
from core.engine.formats.sheets.package import Package
from core.engine.formats.sheets.plan import plan
from core.engine.formats.sheets.reading import Frame
from core.engine.formats.sheets.values import Reach
from core.engine.formats.xlsx import cells, shell

CELL_BYTES = 75  # markup and number of one cell, at most; its text comes on top


def write(sections: Sequence[Section], path: Path, options: SheetOptions, context: Context, reach: Reach) -> Written:
    """Write all sections to `path`. Raises LimitReached for what a workbook cannot hold, before anything is written."""
    planned = plan(sections, options, context, reach)
    made = shell.build(planned, options, context)
    frames: dict[str, Frame] = {}
    with Package(path, context.now) as package:
        for section, dressed in zip(planned.sections, made.sections, strict=True):
            columns = section.columns
            row = cells.row(columns, section.facts, dressed.styles, section.rows.zone, section.shown)
            with section.stream(row) as stream:
                for sheet in dressed.sheets:
                    rendered = (batch.bytes for batch in stream.take(sheet.rows))
                    content = chain[bytes | memoryview](
                        (sheet.head, sheet.header), rendered, (sheet.footer, sheet.tail)
                    )
                    at_most = sheet.rows * len(columns) * CELL_BYTES + 2 * section.text_bytes
                    package.add(sheet.member, content, bytes=at_most)
                    frames[sheet.member] = Frame(sheet.rows, bool(sheet.header), bool(sheet.footer), len(columns))
        for name, part in made.parts:
            package.add(name, (part,))
    return package.written(planned.rows, planned.notes, sheets=frames)
