"""Who is measured: each writes the whole table from its Parquet file to one file, the way its own guide says is fastest.

Imports are inside the functions: a contender pays for its own modules alone, before the watch starts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

Work = Callable[[], dict[str, float]]  # does the work; may name parts of its seconds


def ours(source: Path, target: Path, format: str, packaging: Mapping[str, Any] | None = None, **output: str) -> Work:
    from datetime import UTC, datetime

    from core.engine import pipeline
    from core.engine.formats import get
    from core.engine.spec import ExportSpec, Output, Packaging, Resolved, Source
    from core.engine.table import Table

    get(format)
    scratch = target.parent / f"{target.name}.scratch"
    scratch.mkdir(exist_ok=True)
    spec = ExportSpec(
        name="benchmark",
        sources=(Source(dataset="benchmark"),),
        output=Output.model_validate({"format": format, **output}),
        packaging=Packaging.model_validate(packaging or {}),
    )

    def work() -> dict[str, float]:
        receipt = pipeline.run(
            spec,
            Table.open(source),
            Resolved(now=datetime(2026, 1, 1, tzinfo=UTC), zone="UTC"),
            folder=target.parent,
            stored=lambda n: target.name,
            scratch=scratch,
            report=lambda progress: None,
            password="a password" if spec.packaging.password else None,
        )
        return receipt.seconds

    return work


def _python_rows(source: Path) -> Iterator[tuple[Any, ...]]:
    import duckdb

    reader = duckdb.connect().sql(f"select * from '{source}'").to_arrow_reader(10_000)
    for batch in reader:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _header() -> list[str]:
    from benchmarks.data import COLUMNS

    return [column.name for column in COLUMNS]


def xlsxwriter_constant_memory(source: Path, target: Path, format: str) -> Work:
    import xlsxwriter

    def work() -> dict[str, float]:
        book = xlsxwriter.Workbook(
            str(target), {"constant_memory": True, "default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}
        )
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, _header())
        for number, row in enumerate(_python_rows(source), 1):
            sheet.write_row(number, 0, row)
        book.close()
        return {}

    return work


def openpyxl_write_only(source: Path, target: Path, format: str) -> Work:
    from openpyxl import Workbook

    def work() -> dict[str, float]:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(_header())
        for row in _python_rows(source):
            sheet.append(row)
        book.save(target)
        return {}

    return work


def rustpy_xlsxwriter(source: Path, target: Path, format: str) -> Work:
    from rustpy_xlsxwriter import FastExcel

    header = _header()

    def work() -> dict[str, float]:
        records = (dict(zip(header, row, strict=True)) for row in _python_rows(source))
        FastExcel(str(target)).sheet("Data", records).save()
        return {}

    return work


def rustpy_xlsxwriter_polars(source: Path, target: Path, format: str) -> Work:
    import polars as pl
    from rustpy_xlsxwriter import FastExcel

    def work() -> dict[str, float]:
        FastExcel(str(target)).sheet("Data", pl.read_parquet(source)).save()
        return {}

    return work


def pandas(source: Path, target: Path, format: str) -> Work:
    import pandas as pd

    def work() -> dict[str, float]:
        frame = pd.read_parquet(source)
        match format:
            case "csv":
                frame.to_csv(target, index=False)
            case "tsv":
                frame.to_csv(target, index=False, sep="\t")
            case "json":
                frame.to_json(target, orient="records", date_format="iso")
            case "jsonl":
                frame.to_json(target, orient="records", lines=True, date_format="iso")
            case "xlsx":
                frame.to_excel(target, index=False, engine="openpyxl")
            case "parquet":
                frame.to_parquet(target)
            case "html":
                frame.to_html(target, index=False)
        return {}

    return work


def polars(source: Path, target: Path, format: str) -> Work:
    import polars as pl

    def work() -> dict[str, float]:
        frame = pl.read_parquet(source)
        match format:
            case "csv":
                frame.write_csv(target)
            case "tsv":
                frame.write_csv(target, separator="\t")
            case "json":
                frame.write_json(target)
            case "jsonl":
                frame.write_ndjson(target)
            case "xlsx":
                frame.write_excel(target)
            case "parquet":
                frame.write_parquet(target)
        return {}

    return work


COPY_OPTIONS = {
    "csv": "format csv, header",
    "tsv": "format csv, header, delimiter '\t'",
    "json": "format json, array true",
    "jsonl": "format json",
    "parquet": "format parquet, compression zstd",
}


def duckdb_copy(source: Path, target: Path, format: str) -> Work:
    import duckdb

    connection = duckdb.connect()

    def work() -> dict[str, float]:
        connection.execute(f"copy (select * from '{source}') to '{target}' ({COPY_OPTIONS[format]})")
        return {}

    return work


TABLE_ROWS = 500  # of one ReportLab table: a longer one takes quadratic time


def reportlab_tables(source: Path, target: Path, format: str) -> Work:
    from reportlab.lib import colors, pagesizes
    from reportlab.platypus import LongTable, SimpleDocTemplate, TableStyle

    style = TableStyle([("FONTSIZE", (0, 0), (-1, -1), 7), ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.grey)])
    widths = [40, 95, 115, 65, 65, 75, 90, 55, 45, 120]  # given, so that it need not look for them

    def work() -> dict[str, float]:
        story, held = [], []
        for row in _python_rows(source):
            held.append(["" if value is None else str(value) for value in row])
            if len(held) == TABLE_ROWS:
                story.append(LongTable([_header(), *held], widths, repeatRows=1, style=style))
                held = []
        if held:
            story.append(LongTable([_header(), *held], widths, repeatRows=1, style=style))
        SimpleDocTemplate(str(target), pagesize=pagesizes.landscape(pagesizes.A4)).build(story)
        return {}

    return work


YAML_ROWS = 10_000  # PyYAML takes minutes for a million: it writes so many, and its seconds are scaled up


def pyyaml(source: Path, target: Path, format: str) -> Work:
    import pyarrow.parquet as pq
    import yaml

    header = _header()
    rows = pq.read_metadata(source).num_rows
    slice_ = [
        {name: float(v) if isinstance(v, Decimal) else v for name, v in zip(header, row, strict=True)}
        for row in islice(_python_rows(source), YAML_ROWS)
    ]

    def work() -> dict[str, float]:
        began = time.perf_counter()
        with target.open("w", encoding="utf-8") as file:
            yaml.dump(slice_, file, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
        return {"scaled": (time.perf_counter() - began) * max(rows / len(slice_), 1)}

    return work


def lxml_xmlfile(source: Path, target: Path, format: str) -> Work:
    from lxml import etree

    header = _header()

    def work() -> dict[str, float]:
        with etree.xmlfile(str(target), encoding="utf-8") as file:
            file.write_declaration()
            with file.element("rows"):
                for row in _python_rows(source):
                    element = etree.Element("row")
                    for name, value in zip(header, row, strict=True):
                        if value is not None:
                            etree.SubElement(element, name).text = str(value)
                    file.write(element)
        return {}

    return work


def sqlite_dump(source: Path, target: Path, format: str) -> Work:
    import sqlite3

    import pandas as pd

    def work() -> dict[str, float]:
        connection = sqlite3.connect(":memory:")
        pd.read_parquet(source).astype({"c5": float}).to_sql("data", connection, index=False)
        with target.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in connection.iterdump())
        return {}

    return work


TEXT = ("csv", "tsv", "json", "jsonl")
MARKED = ("xml", "yaml", "sql")
# contender → the formats it writes; the first of each format's peers is what the ratio is taken against
CONTENDERS: dict[str, tuple[Callable[[Path, Path, str], Work], tuple[str, ...]]] = {
    "Export Desk": (ours, (*TEXT, *MARKED, "html", "parquet", "xlsx", "pdf")),
    "DuckDB COPY": (duckdb_copy, (*TEXT, "parquet")),
    "XlsxWriter constant_memory": (xlsxwriter_constant_memory, ("xlsx",)),
    "rustpy-xlsxwriter": (rustpy_xlsxwriter, ("xlsx",)),
    "rustpy-xlsxwriter (polars)": (rustpy_xlsxwriter_polars, ("xlsx",)),
    "openpyxl write-only": (openpyxl_write_only, ("xlsx",)),
    "ReportLab tables of 500 rows": (reportlab_tables, ("pdf",)),
    "polars": (polars, (*TEXT, "parquet", "xlsx")),
    "pandas": (pandas, (*TEXT, "html", "parquet", "xlsx")),
    "lxml xmlfile": (lxml_xmlfile, ("xml",)),
    "PyYAML CSafeDumper (scaled up)": (pyyaml, ("yaml",)),
    "sqlite3 iterdump": (sqlite_dump, ("sql",)),
}
# rows a format is measured with, where that is not the whole table: ReportLab's tables hold the whole document in memory, and
# a million rows are 30,000 pages. Three sizes show whether the time is linear. A web page takes 100,000 rows, no more.
SIZES: dict[str, tuple[int, ...]] = {"pdf": (20_000, 40_000, 80_000), "html": (100_000,)}
