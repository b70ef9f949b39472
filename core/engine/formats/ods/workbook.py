"""Writing an OpenDocument spreadsheet: one content.xml with every table in it, streamed into a package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.engine.formats.base import Context, Section, Written
from core.engine.formats.ods import cells, document
from core.engine.formats.ods.dress import Dress, Styles, about_table
from core.engine.formats.sheets.looks import ABOUT_WIDTHS
from core.engine.formats.sheets.options import SheetOptions
from core.engine.formats.sheets.package import Package
from core.engine.formats.sheets.plan import ABOUT, Plan, plan
from core.engine.formats.sheets.reading import Frame
from core.engine.formats.sheets.values import Reach

CELL_BYTES = 95  # markup and value of one cell, at most; its text comes on top


def write(sections: Sequence[Section], path: Path, options: SheetOptions, context: Context, reach: Reach) -> Written:
    """Write all sections to `path`. Raises LimitReached for what a sheet cannot hold, before anything is written."""
    planned = plan(sections, options, context, reach)
    made = _Content(planned, options)
    at_most = sum(
        section.rows.count * len(section.columns) * CELL_BYTES + 2 * section.text_bytes for section in planned.sections
    )
    titles = [sheet.title for section in planned.sections for sheet in section.sheets]
    views = [(title, options.header and options.freeze_header, True) for title in titles]
    with Package(path, context.now) as package:
        package.add("mimetype", (document.MEDIA_TYPE.encode(),), stored=True)  # first and bare: that is how it is known
        package.add("content.xml", made.pieces(), bytes=at_most)
        package.add("styles.xml", (document.styles(),))
        package.add("settings.xml", (document.settings([*views, *([(ABOUT, False, False)] if options.about else [])]),))
        package.add("meta.xml", (document.meta(context.title, context.now),))
        package.add("META-INF/manifest.xml", (document.manifest(),))
    return package.written(planned.rows, planned.notes, sheets=tuple(made.frames))


class _Content:
    """content.xml as it is streamed. Styles come first in it, so everything that has one is made beforehand."""

    def __init__(self, planned: Plan, options: SheetOptions) -> None:
        self.planned, self.options = planned, options
        self.frames: list[Frame] = []
        styles = Styles(options)
        self.dresses = [Dress(section, styles) for section in planned.sections]
        self.totals = [
            [dress.totals(part) if options.totals else b"" for part in dress.section.parts] for dress in self.dresses
        ]
        self.about = about_table(ABOUT, planned.about, ABOUT_WIDTHS, styles) if options.about else b""
        self.start = document.content_start(styles.xml)

    def pieces(self) -> Iterator[bytes | memoryview]:
        filters = []
        yield self.start
        for dress, totals in zip(self.dresses, self.totals, strict=True):
            section = dress.section
            row = cells.row(section.columns, section.facts, section.looks, section.rows.zone, section.shown)
            with section.stream(row) as stream:
                for part, footer in zip(section.parts, totals, strict=True):
                    for sheet in part.sheets:
                        last = sheet is part.sheets[-1]
                        yield dress.start(sheet)
                        for batch in stream.take(sheet.rows):
                            yield batch.bytes
                        yield (footer if last else b"") + b"</table:table>"
                        filters.append(dress.filtered(sheet))
                        self.frames.append(
                            Frame(sheet.rows, self.options.header, last and bool(footer), len(section.columns))
                        )
        yield self.about
        yield document.content_end(filters if self.options.header and self.options.filter else [])
