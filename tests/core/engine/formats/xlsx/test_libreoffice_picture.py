"""LibreOffice draws a workbook of several sheets; the picture is kept for the user guide. Debian: libreoffice-calc."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageOps

from core.engine.formats.base import Context, Part, Section
from core.engine.formats.xlsx import FORMAT
from core.engine.values import Kind
from tests.core.engine.formats.xlsx.workbooks import NOW, column, rows_of

pytestmark = pytest.mark.slow_real
PICTURE = Path(__file__).parents[5] / "build" / "screenshots" / "xlsx-libreoffice.png"
DOTS = 110  # per inch
MARGIN = 24  # pixels round and between the sheets
FOOTER = 0.88  # the share of a page above its number
COLUMNS = [
    column(1, "Member", Kind.TEXT),
    column(2, "Branch", Kind.TEXT),
    column(3, "Card number", Kind.TEXT),
    column(4, "Joined", Kind.DATE, format="dmy_words"),
    column(5, "Visits", Kind.WHOLE, format="thousands"),
    column(6, "Paid", Kind.DECIMAL, precision=12, scale=2, format="thousands_decimals"),
    column(7, "Share", Kind.DECIMAL, precision=6, scale=4, format="percent_decimals"),
    column(8, "Active", Kind.YES_NO),
]
MEMBERS = (
    "Ayu Lestari", "Nguyễn Thị Hoa", "Ольга Петрова", "Ελένη Παπαδάκη", "Çağla Yıldız", "José Álvarez", "Zoë Müller",
    "Budi Santoso", "Émile Dubois", "Siti Rahma", "Łukasz Nowak", "Mai Phạm",
)  # fmt: skip


def members(branch: str, first: int, count: int) -> list[tuple[Any, ...]]:
    return [
        (
            MEMBERS[i % len(MEMBERS)],
            branch,
            f"{7_919 * (i + 3) % 100_000:07}",
            date(2023, 1, 9) + timedelta(days=37 * i),
            (i * 613) % 1_800 + 3,
            Decimal((i * 48_611 + 12_550) % 900_000) / 100,
            Decimal((i * 739 + 412) % 10_000) / 10_000,
            i % 4 != 3,
        )
        for i in range(first, first + count)
    ]


def test_libreoffice_draws_every_sheet_of_a_workbook(tmp_path):
    book = tmp_path / "members.xlsx"
    values = members("Jakarta", 0, 18) + members("Bandung", 18, 12)
    with rows_of(COLUMNS, values) as rows:
        sections = [Section(rows, (Part("Jakarta", 18), Part("Bandung", 12)))]
        FORMAT.write_sections(sections, book, FORMAT.Options(totals=True), Context("Members", (), NOW))
    pages = drawn(book, tmp_path)
    assert len(pages) == 2
    for page, branch, total in zip(pages, ("Jakarta", "Bandung"), (18, 12), strict=True):
        text = page.get_textpage().get_text_range()
        paid = sum(row[5] for row in values if row[1] == branch)
        assert "Member Branch Card number Joined Visits Paid Share Active" in text
        assert text.count(branch) == total
        assert f"{paid:,.2f}" in text
    assert "0023757" in pages[0].get_textpage().get_text_range()  # leading zeros
    keep([trimmed(page) for page in pages])


def trimmed(page: pypdfium2.PdfPage) -> Image.Image:
    """What is printed on a page, without its white margins and its number."""
    image = page.render(scale=DOTS / 72).to_pil().convert("RGB")
    image = image.crop((0, 0, image.width, int(image.height * FOOTER)))
    return image.crop(ImageOps.invert(image).getbbox())


def keep(sheets: list[Image.Image]) -> None:
    """One picture, sheet beneath sheet."""
    width = max(sheet.width for sheet in sheets) + 2 * MARGIN
    picture = Image.new("RGB", (width, sum(sheet.height + MARGIN for sheet in sheets) + MARGIN), "white")
    top = MARGIN
    for sheet in sheets:
        picture.paste(sheet, (MARGIN, top))
        top += sheet.height + MARGIN
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    picture.save(PICTURE, optimize=True)


def drawn(book: Path, folder: Path) -> list[pypdfium2.PdfPage]:
    """The pages LibreOffice prints of a workbook."""
    assert shutil.which("soffice"), "LibreOffice is not installed: apt-get install libreoffice-calc"
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", folder, book], check=True, capture_output=True, timeout=120)
    return list(pypdfium2.PdfDocument(folder / f"{book.stem}.pdf"))
