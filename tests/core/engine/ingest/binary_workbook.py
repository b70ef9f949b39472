"""Just enough of a writer for XLSB ([MS-XLSB]: records of type, length, body), to have such files to read."""

import io
import struct
import zipfile

ERROR = object()  # stands for a cell that holds #N/A


def record(kind, body=b""):
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = len(body), b""
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return head + size + body


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def cell(column, value):
    place = struct.pack("<II", column, 0)
    if value is ERROR:
        return record(3, place + b"\x2a")
    if isinstance(value, str):
        return record(6, place + wide(value))
    return record(5, place + struct.pack("<d", value))


def row(number, cells):
    head = record(0, struct.pack("<IIHHB", number, 0, 0x12C, 0, 0) + struct.pack("<I", 0))
    return head + b"".join(cell(column, value) for column, value in cells)


def xlsb(rows, at=None):
    """A workbook of one sheet; `at` puts one more cell at (row, column)."""
    body = b"".join(row(n, enumerate(values)) for n, values in enumerate(rows))
    if at:
        body += row(at[0], [(at[1], "far")])
    sheet = (
        record(129)
        + record(148, struct.pack("<4I", 0, len(rows), 0, 8))
        + record(145)
        + body
        + record(146)
        + record(130)
    )
    bundle = record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Sheet1"))
    book = record(131) + record(143) + bundle + record(144) + record(132)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return out.getvalue()
