"""The file itself, before it is made: what the real writers give of the first rows, as a screen can show it."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pypdfium2

from core.desk import Desk
from core.engine import pipeline
from core.engine.formats.base import RowFormat
from core.engine.formats.ods import picture as ods
from core.engine.formats.sheets.picture import SheetPicture
from core.engine.formats.xlsx import picture as xlsx
from core.engine.planning import Plan
from core.engine.spec import ExportSpec, Packaging
from core.engine.targets import Loose
from core.engine.writing import Writer
from core.preview_sessions import session
from core.previews import asked_of

ROWS = 20  # of each table
LONGEST = 20_000  # characters of text
PDF_SCALE = 1.6  # pixels a point: sharp at the width of the screen's column


@dataclass(frozen=True)
class FileView:
    """What a person may look at: `kind` says which of the fields holds it.

    text: the first lines. html: a page that needs no other file. picture: PNG of the first page. sheets: neutral cells.
    """

    kind: str  # text | html | picture | sheets
    name: str  # of the file, as it would be called
    note: str
    text: str = ""
    picture: bytes = b""
    sheets: Sequence[SheetPicture] = ()


def file_view(desk: Desk, spec: ExportSpec) -> FileView:
    """Write the first rows with the export's own writer and show what comes of it. Raises BadSpec, LimitReached."""
    asked = asked_of(desk, _first_rows(spec))
    made = pipeline.plan(asked.spec, asked.by_name, asked.resolved)
    with tempfile.TemporaryDirectory(prefix="file-view-") as folder, session(*asked.tables) as con:
        target = Loose(made, Path(folder), str)
        Writer(made, con, target, Path(folder)).write(pipeline.counted(made, con))
        first = target.finished[0]
        shown = VIEWS[made.format.view](first.path, made)
        more = f" of {made.table_title(0)}" if len(spec.sources) > 1 and not made.together else ""
        note = shown.note or f"The first {ROWS} rows{more}, written as the export will write them."
        return FileView(shown.kind, first.name, note, shown.text, shown.picture, shown.sheets)


def _first_rows(spec: ExportSpec) -> ExportSpec:
    """The same export of the first rows, without what is put round it. A split into sheets keeps its sheets."""
    sources = tuple(source.model_copy(update={"limit": min(ROWS, source.limit or ROWS)}) for source in spec.sources)
    together = spec.output.layout == "together"
    packaging = Packaging(compression="none", split=spec.packaging.split if together else None)
    if not together:
        sources = sources[:1] if spec.output.layout == "apart" else sources
    return spec.model_copy(update={"sources": sources, "packaging": packaging})


def _text(path: Path, made: Plan) -> FileView:
    encoding = made.format.encoding(made.options) if isinstance(made.format, RowFormat) else "utf-8"
    text = path.read_bytes().decode(encoding)
    note = f"The first {LONGEST:,} characters of the first {ROWS} rows." if len(text) > LONGEST else ""
    return FileView("text", "", note, text[:LONGEST])


def _html(path: Path, made: Plan) -> FileView:
    return FileView("html", "", "", path.read_text(encoding="utf-8"))


def _picture(path: Path, made: Plan) -> FileView:
    document = pypdfium2.PdfDocument(path)
    try:
        pages = len(document)
        out = io.BytesIO()
        document[0].render(scale=PDF_SCALE).to_pil().save(out, "PNG")
    finally:
        document.close()
    note = f"The first page, with the first {ROWS} rows." if pages > 1 else ""
    return FileView("picture", "", note, picture=out.getvalue())


def _workbook(path: Path, made: Plan) -> FileView:
    return FileView("sheets", "", "", sheets=xlsx.sheets(path, rows=ROWS))


def _spreadsheet(path: Path, made: Plan) -> FileView:
    return FileView("sheets", "", "", sheets=ods.sheets(path, rows=ROWS))


def _schema(path: Path, made: Plan) -> FileView:
    lines = [f"{field.name}: {field.type}" for field in pq.read_schema(path)]
    return FileView("text", "", "A Parquet file is read by programs only: these are its columns.", "\n".join(lines))


VIEWS: dict[str, Callable[[Path, Plan], FileView]] = {
    "text": _text,
    "html": _html,
    "picture": _picture,
    "workbook": _workbook,
    "spreadsheet": _spreadsheet,
    "schema": _schema,
}
