"""Workbooks that kill readers are refused with a sentence, in a process that has little memory to lose (safety.md)."""

import io
import struct
import subprocess
import sys
import textwrap
import zipfile
import zlib

import openpyxl
import pytest

from tests.core.engine.ingest.binary_workbook import xlsb

LIMIT_MB = 700
READ = textwrap.dedent(
    """
    import resource, sys
    from pathlib import Path
    from core.engine.ingest import ingest, inspect
    from core.errors import DeskError
    limit = int(sys.argv[4]) << 20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    path, name, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    for read in (lambda: inspect(path, name, scratch=folder), lambda: ingest(path, name, folder / "o", scratch=folder)):
        try:
            found = read()
        except DeskError as refusal:
            print("REFUSED", refusal.message, "|", refusal.next_step)
        else:
            print("READ", [getattr(t, "rows", None) for t in found])
    """
)


@pytest.fixture
def read_in_little_memory(tmp_path):
    """Inspect and ingest in a process of its own under RLIMIT_DATA; the two lines it says."""

    def run(data, name):
        (tmp_path / "upload").write_bytes(data)
        command = [sys.executable, "-c", READ, str(tmp_path / "upload"), name, str(tmp_path), str(LIMIT_MB)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.splitlines()

    return run


def workbook(**parts):
    """A small good workbook, with parts replaced or added; a part is text, bytes or a function of the old text."""
    book = openpyxl.Workbook()
    book.active.append(["Name", "Age"])
    book.active.append(["Ann", 31])
    good, out = io.BytesIO(), io.BytesIO()
    book.save(good)
    names = {"sheet": "xl/worksheets/sheet1.xml", "book": "xl/workbook.xml", "strings": "xl/sharedStrings.xml"}
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for info in old.infolist():
            key = next((k for k, v in names.items() if v == info.filename), None)
            content = old.read(info)
            change = parts.get(key)
            new.writestr(info.filename, change(content.decode()) if callable(change) else content)
    return out.getvalue()


def far_cell(xml):
    return xml.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')


def both_refused(lines, words):
    assert len(lines) == 2
    for line in lines:
        assert line.startswith("REFUSED"), line
        assert words in line
        assert line.split("|")[1].strip()


def test_one_cell_at_the_far_end_of_a_sheet(read_in_little_memory):
    data = workbook(sheet=far_cell)
    assert len(data) < 8_000
    both_refused(read_in_little_memory(data, "far.xlsx"), "stands far away in XFD1048576")


def test_one_cell_at_the_far_end_written_with_other_quotes(read_in_little_memory):
    data = workbook(sheet=lambda xml: far_cell(xml).replace('r="XFD1048576"', "r='XFD1048576'"))
    both_refused(read_in_little_memory(data, "far.xlsx"), "stands far away")


def test_one_cell_at_the_far_end_of_a_binary_sheet(read_in_little_memory):
    both_refused(read_in_little_memory(xlsb([["a"], [1]], at=(1_048_575, 16_383)), "far.xlsb"), "spans 1,048,576 rows")


def test_a_part_that_unpacks_to_hundreds_of_times_its_size(read_in_little_memory):
    data = workbook(sheet=lambda xml: xml.replace("<sheetData>", "<sheetData>" + " " * (300 << 20)))
    assert len(data) < 600_000
    both_refused(read_in_little_memory(data, "bomb.xlsx"), "200 times its size")


def test_a_directory_that_declares_more_than_two_gigabytes(read_in_little_memory):
    data = bytearray(workbook())
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 0xFFFFFFFE)
    both_refused(read_in_little_memory(bytes(data), "big.xlsx"), "more than 2 GB")


def test_a_directory_that_lies_about_the_size_of_a_part(read_in_little_memory):
    """The part says 2,000 bytes and unpacks to 300 MB: what is real counts."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(300)) + packer.flush()
    data = workbook(sheet=lambda xml: "@@@")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, packed if info.filename.endswith("sheet1.xml") else old.read(info))
    raw = bytearray(out.getvalue())
    for mark, method, size in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        at = raw.index(mark)
        while at >= 0:
            name_at = at + (30 if mark == b"PK\x03\x04" else 46)
            if raw[name_at : name_at + 30].startswith(b"xl/worksheets/sheet1.xml"):
                struct.pack_into("<H", raw, at + method, 8)
                struct.pack_into("<I", raw, at + size, 2_000)
            at = raw.find(mark, at + 4)
    lines = read_in_little_memory(bytes(raw), "liar.xlsx")
    assert all(line.startswith("REFUSED") for line in lines)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_entities_that_expand_without_end(read_in_little_memory, codec):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    dtd = f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]>'

    def change(xml):
        xml = xml.replace("UTF-8", codec.upper())
        head, end, rest = xml.partition("?>") if xml.startswith("<?xml") else ("", "", xml)
        return (head + end + dtd + rest).encode(codec)

    both_refused(read_in_little_memory(workbook(sheet=change), "laughs.xlsx"), "document type definition")


def test_more_parts_than_any_workbook_has(read_in_little_memory):
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as archive:
        for n in range(10_001):
            archive.writestr(f"xl/x{n}.xml", "")
    both_refused(read_in_little_memory(out.getvalue(), "many.xlsx"), "more than 10,000 parts")


def test_two_parts_of_the_same_name(read_in_little_memory):
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", "<x/>")
    both_refused(read_in_little_memory(out.getvalue(), "twice.xlsx"), "same name")


def test_an_open_document_whose_cells_repeat_without_end(read_in_little_memory):
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="S">{row}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    both_refused(read_in_little_memory(out.getvalue(), "repeat.ods"), "repeated many millions of times")


def test_a_workbook_with_a_password_says_so(read_in_little_memory):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 2_000
    both_refused(read_in_little_memory(ole, "secret.xlsx"), "protected with a password")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"PK\x03\x04" + b"\0" * 100, "broken.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4_000, "broken.xls"),
        (workbook()[:2_000], "cut.xlsx"),
        (workbook(book=lambda xml: "<workbook"), "book.xlsx"),
        (workbook(sheet=lambda xml: xml[: len(xml) // 2]), "sheet.xlsx"),
    ],
)
def test_a_damaged_workbook_is_refused_not_fatal(read_in_little_memory, data, name):
    lines = read_in_little_memory(data, name)
    assert all(line.startswith("REFUSED") for line in lines), lines


def test_an_archive_that_only_calls_itself_a_workbook(read_in_little_memory):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("list.csv", "a,b\n1,2\n")
    both_refused(read_in_little_memory(out.getvalue(), "list.xlsx"), "is no spreadsheet")


def test_a_good_workbook_passes_under_the_same_limit(read_in_little_memory):
    assert read_in_little_memory(workbook(), "good.xlsx") == ["READ [[['Ann', '31']]]", "READ [1]"]
