"""Samples as receivers send them: what is proposed writes the very same file again, byte for byte, from the same rows."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.engine.matching import Match, match
from core.engine.spec import ExportSpec, Output, Source
from core.engine.values import Kind
from core.errors import BadFile
from tests.core.engine.making import export, make_table

OURS: dict[str, tuple[Kind, list[Any]]] = {
    "Id": (Kind.WHOLE, [7, 42, 1001]),
    "Customer name": (Kind.TEXT, ["Müller GmbH", "Ana", "Zoë Çelik"]),
    "Amount": (Kind.DECIMAL, [Decimal("1234.50"), Decimal("2.00"), Decimal("-13.25")]),
    "Due date": (Kind.DATE, [date(2026, 10, 31), date(2026, 1, 2), date(2026, 3, 14)]),
    "Paid at": (Kind.TIMESTAMP, [datetime(2026, 11, 1, 8, 5, 9), None, datetime(2026, 3, 14, 23, 59, 59)]),
    "Status": (Kind.TEXT, ["open", "paid", "open"]),
    "VIP": (Kind.YES_NO, [True, False, True]),
}
BANK = (
    "Kundenname;BETRAG;Due_Date;status\r\n"
    "Müller GmbH;1.234,50;31.10.2026;open\r\n"
    "Ana;2,00;02.01.2026;paid\r\n"
    "Zoë Çelik;-13,25;14.03.2026;open\r\n"
).encode("cp1252")  # fmt: skip
SAMPLES: dict[str, bytes] = {
    "bank.csv": BANK,
    "american.csv": (
        '\ufeff"id","customer_name","amount","due_date"\n'
        '"7","Müller GmbH","1,234.50","10/31/2026"\n'
        '"42","Ana","2.00","01/02/2026"\n'
        '"1001","Zoë Çelik","-13.25","03/14/2026"\n'
    ).encode(),
    "unicode text.txt": (
        "Status\tCustomer name\tPaid at\r\n"
        "open\tMüller GmbH\t2026-11-01 08:05:09\r\n"
        "paid\tAna\t\r\n"
        "open\tZoë Çelik\t2026-03-14 23:59:59\r\n"
    ).encode("utf-16"),
    "no header.psv": (
        "7|Müller GmbH|1234.50|20261031|NULL\n42|Ana|2.00|20260102|NULL\n1001|Zoë Çelik|-13.25|20260314|NULL\n"
    ).replace("|NULL\n", "\n").encode(),
    "with nulls.csv": (
        b"Id,Paid at,Status\n7,2026-11-01 08:05:09,open\n42,N/A,paid\n1001,2026-03-14 23:59:59,open\n"
    ),
    "words.csv": b"id;due date\n7;31 Oct 2026\n42;2 Jan 2026\n1001;14 Mar 2026\n",
    "records.json": (
        '[\n{"id":7,"customerName":"Müller GmbH","amount":1234.50,"dueDate":"2026-10-31"},\n'
        '{"id":42,"customerName":"Ana","amount":2.00,"dueDate":"2026-01-02"},\n'
        '{"id":1001,"customerName":"Zoë Çelik","amount":-13.25,"dueDate":"2026-03-14"}\n]\n'
    ).encode(),
    "records.jsonl": (
        b'{"Status":"open","Paid at":"2026-11-01T08:05:09","VIP":true}\n'
        b'{"Status":"paid","Paid at":null,"VIP":false}\n'
        b'{"Status":"open","Paid at":"2026-03-14T23:59:59","VIP":true}\n'
    ),
    "wages.txt": (
        "00000007Müller GmbH  1234.5031102026open\r\n"
        "00000042Ana             2.0002012026paid\r\n"
        "00001001Zoë Çelik     -13.2514032026open\r\n"
    ).encode("cp1252"),
    "wide.txt": (
        "Customer name       Amount  Due date  \n"
        "Müller GmbH        1234.50  2026-10-31\n"
        "Ana                   2.00  2026-01-02\n"
        "Zoë Çelik           -13.25  2026-03-14\n"
    ).encode(),
}  # fmt: skip


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_table(tmp_path_factory.mktemp("ours"), OURS)


def matched(table, folder: Path, name: str, content: bytes) -> Match:
    path = folder / "sample"
    path.write_bytes(content)
    return match(path, name, table, scratch=folder)


def written(table, folder: Path, found: Match) -> bytes:
    spec = ExportSpec(
        sources=(Source(dataset="people", columns=found.columns),), output=Output(format=found.format, options=found.options)
    )  # fmt: skip
    return export(table, spec, folder / "out").path.read_bytes()


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_proposed_writes_the_sample_again_byte_for_byte(table, tmp_path, name):
    found = matched(table, tmp_path, name, SAMPLES[name])
    assert not found.missing
    assert written(table, tmp_path, found) == SAMPLES[name]


def test_a_german_bank_file_is_understood_in_words(table, tmp_path):
    found = matched(table, tmp_path, "bank.csv", BANK)
    assert found.understood == (
        "The encoding is Windows Western European (1252).",
        "Lines end as on Windows (CRLF).",
        "Cells are parted by a semicolon.",
        "The first row holds the names of the columns.",
        "Dates are written such as 31.10.2026.",
        "Numbers are written such as 1.234,50.",
    )
    assert [(pair.sample, pair.column, pair.how) for pair in found.pairs] == [
        ("Kundenname", "Customer name", "values"),
        ("BETRAG", "Amount", "values"),
        ("Due_Date", "Due date", "alike"),
        ("status", "Status", "alike"),
    ]
    assert found.unused == ("Id", "Paid at", "VIP")
    assert (found.ending, found.compression, found.complete) == ("csv", "none", True)


def workbook(title="Zahlungen", top=0, **formats: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for _ in range(top):
        sheet.append(["Zahlungen im Oktober"])
    sheet.append(["Due date", "Amount", "Customer name"])
    for day, amount, name in zip(OURS["Due date"][1], OURS["Amount"][1], OURS["Customer name"][1], strict=True):
        sheet.append([day, float(amount), name])
        sheet.cell(sheet.max_row, 1).number_format = formats.get("day", "dd.mm.yyyy")
        sheet.cell(sheet.max_row, 2).number_format = formats.get("amount", "#,##0.00")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_german_workbook_gives_its_sheet_name_and_cell_formats(table, tmp_path):
    found = matched(table, tmp_path, "Zahlungen.xlsx", workbook(day="[$-407]dd\\.mm\\.yyyy;@"))
    assert found.complete, found.differences
    made = openpyxl.load_workbook(io.BytesIO(written(table, tmp_path, found)))
    sheet = made["Zahlungen"]
    assert [cell.value for cell in sheet[1]] == ["Due date", "Amount", "Customer name"]
    assert [(cell.value, cell.number_format) for cell in sheet[2][:2]] == [
        (datetime(2026, 10, 31), "dd.mm.yyyy"),
        (1234.5, "#,##0.00"),
    ]
    assert sheet["C2"].value == "Müller GmbH"


def test_an_empty_column_of_a_workbook_does_not_move_the_looks_of_the_others(table, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Paid at", "Amount", "Due date"])
    for amount, day in zip(OURS["Amount"][1], OURS["Due date"][1], strict=True):
        book.active.append([None, float(amount), day])
        book.active.cell(book.active.max_row, 3).number_format = "dd/mm/yyyy"
    book.save(tmp_path / "book.xlsx")
    found = match(tmp_path / "book.xlsx", "book.xlsx", table)
    assert [(column.column.name, column.format) for column in found.columns] == [
        ("Paid at", None),
        ("Amount", None),
        ("Due date", "dmy_slash"),
    ]


def test_what_a_workbook_has_and_we_do_not_write_is_said(table, tmp_path):
    found = matched(table, tmp_path, "odd.xlsx", workbook(top=2, amount="0.000", day="dddd dd. mmmm"))
    said = " ".join(found.differences)
    assert "begins in row 3" in said
    assert "“Amount” is shown as 0.000 in the sample" in said
    assert "“Due date” is shown as dddd dd. mmmm in the sample" in said


@pytest.mark.parametrize(("pack", "compression"), [(gzip.compress, "gzip"), (None, "zip")])
def test_a_packed_sample_is_opened_and_its_packing_kept(table, tmp_path, pack, compression):
    if pack:
        content, name = pack(BANK), "bank.csv.gz"
    else:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("bank.csv", BANK)
        content, name = out.getvalue(), "bank.zip"
    found = matched(table, tmp_path, name, content)
    assert (found.compression, found.ending, found.format) == (compression, "csv", "csv")
    assert found.options["encoding"] == "windows-1252"


def test_a_column_we_lack_is_listed_with_the_nearest_names(table, tmp_path):
    found = matched(table, tmp_path, "a.csv", b"Id,Customer number,Colour\n7,K-1,red\n42,K-2,blue\n1001,K-3,red\n")
    assert [(one.sample, one.nearest) for one in found.missing] == [
        ("Customer number", ("Customer name",)),
        ("Colour", ()),
    ]
    assert [pair.column for pair in found.pairs] == ["Id"]


DIFFERENCES = {
    "decimals": (b"Id,Amount\n7,1.125\n42,2.000\n", "The sample's “Amount” has 3 decimals, ours has 2."),
    "rounded": (b"Id,Amount\n7,1.5\n42,2.0\n", "“Amount” has 1 decimal, ours has 2: values are rounded"),
    "strange values": (
        b"Status,Id\nopen,1\nclosed,2\nclosed,3\nopen,4\n",
        "Values of “Status” in the sample occur nowhere in this data: “closed”.",
    ),
    "texts for numbers": (b"Id,Amount\n7,n.v.\n42,none yet\n", "“Amount” holds texts such as “n.v.”; ours holds numbers"),
    "dates for texts": (
        b"Id,Customer name\n7,2026-01-01\n42,2026-02-01\n",
        "“Customer name” holds dates such as 2026-01-01; ours is text",
    ),
    "other dates": (b"Id,Due date\n7,1/2/26\n42,31/12/25\n", "“Due date” such as 1/2/26, which no display format does"),
    "either order": (b"Id;Due date\n7;01/02/2026\n42;03/04/2026\n", "may be day first or month first"),
    "no seconds": (b"Id,Paid at\n7,2026-01-01 10:30\n42,2026-02-01 11:45\n", "“Paid at” ends with the minutes"),
    "a T": (b"Id,Paid at\n7,2026-01-01T10:30:00\n42,2026-02-01T11:45:00\n", "puts a T between day and time"),
    "a clock": (b"Id,Due date\n7,2026-01-01 10:30:00\n42,2026-02-01 00:00:00\n", "“Due date” has a time of day"),
    "words": (b"Id,VIP\n7,ja\n42,nein\n", "“VIP” says ja and nein; ours says true and false"),
    "titles": (b"Report of the month;;\nall payments;;\nId;Amount;VIP\n7;1.50;true\n42;2.50;false\n", "2 lines stand above"),
    "declared": (b"sep=;\nId;Amount\n7;1.50\n42;2.50\n", "begins with a line “sep=”"),
    "quoted texts": (
        b'"Id","Status"\n7,"open"\n42,"paid"\n1001,"open"\n',
        "The sample quotes its texts always and its numbers never",
    ),
    "apostrophes": (b"Id;Amount\n7;1'234.50\n42;12'000.00\n", "parts thousands in a way that is not written here"),
    "percent": (b"Id,Amount\n7,12.50%\n42,3.00%\n", "holds percentages such as 12.50%"),
    "old macs": (b"Id;Status\r7;open\r42;paid\r", "as on old Macs"),
}  # fmt: skip


@pytest.mark.parametrize("what", DIFFERENCES)
def test_what_cannot_be_made_alike_is_said(table, tmp_path, what):
    content, sentence = DIFFERENCES[what]
    found = matched(table, tmp_path, "sample.csv", content)
    assert any(sentence in said for said in found.differences), found.differences
    assert not found.complete


def test_records_that_stand_within_an_object_are_found_and_said(table, tmp_path):
    found = matched(table, tmp_path, "api.json", b'{"data": [{"Id": 7, "VIP": true}, {"Id": 42}]}')
    assert [pair.column for pair in found.pairs] == ["Id", "VIP"]
    assert any("stand under “data”" in said for said in found.differences)
    assert any("leave keys out" in said for said in found.differences)


def test_a_missing_column_leaves_a_fixed_width_file_without_widths(table, tmp_path):
    found = matched(
        table,
        tmp_path,
        "wages.txt",
        b"Id      Colour    Due date\n       7red       31102026\n      42green     02012026\n",
    )
    assert "widths" not in found.options
    assert any("the widths must be given anew" in said for said in found.differences)


def test_cyrillic_is_told_from_western_letters(tmp_path):
    ours = make_table(tmp_path / "t", {"Имя": (Kind.TEXT, ["Анна", "Пётр"]), "Сумма": (Kind.WHOLE, [1, 2])})
    content = "Имя;Сумма;Город проживания клиента\r\nАнна;1;Москва и область\r\nПётр;2;Нижний Новгород\r\n".encode(
        "cp1251"
    )
    found = matched(ours, tmp_path, "клиенты.csv", content)
    assert found.options["encoding"] == "windows-1251"
    assert [pair.sample for pair in found.pairs] == ["Имя", "Сумма"]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.csv", b"", "is empty"),
        ("bank.pdf", b"%PDF-1.7\n", "is a PDF, not a table"),
        ("bank.csv", b"\x89PNG\r\n", "is a picture"),
        ("bank.html", b"<html><table></table></html>", "is a web page"),
        ("bank.xml", b"<?xml version='1.0'?><a/>", "is XML, which cannot be read yet"),
        ("bank.zip", b"PK\x03\x04 broken", "is damaged"),
        ("bank.xlsx", b"PK\x03\x04 broken", "is damaged"),
        ("bank.json", b"[1, 2", "is no valid JSON"),
    ],
)
def test_what_is_no_sample_is_refused_with_a_sentence(table, tmp_path, name, content, why):
    with pytest.raises(BadFile, match=why):
        matched(table, tmp_path, name, content)


def test_a_sample_of_many_columns_takes_seconds_at_most(tmp_path):
    names = [f"Column number {n}" for n in range(600)]
    ours = make_table(tmp_path / "t", {name: (Kind.WHOLE, [n, n + 1]) for n, name in enumerate(names)})
    header = ",".join(name.upper().replace(" ", "_") for name in reversed(names))
    content = f"{header}\n{','.join('1' for _ in names)}\n".encode()
    found = matched(ours, tmp_path, "wide.csv", content)
    assert [pair.column for pair in found.pairs] == names[::-1]


def test_what_differs_is_quoted_shortly(tmp_path):
    table = make_table(tmp_path / "t", {"id": (Kind.WHOLE, range(5))})
    sample = tmp_path / "sample.csv"
    sample.write_text("id\n" + "x" * 50_000 + "\n", encoding="utf-8")
    found = match(sample, "sample.csv", table)
    assert any("“xxxx" in difference for difference in found.differences)
    assert all(len(difference) < 200 for difference in found.differences)


def test_a_sample_of_more_columns_than_anybody_compares_is_refused(table, tmp_path):
    with pytest.raises(BadFile, match="has 2,001 columns; samples of up to 2,000 are compared"):
        matched(table, tmp_path, "wide.csv", (",".join(f"c{n}" for n in range(2001)) + "\n").encode())
