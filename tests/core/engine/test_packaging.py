"""What is put round files: each packing read back by somebody else's reader, each lock opened and refused."""

from __future__ import annotations

import bz2
import csv
import gzip
import hashlib
import io
import json
import shutil
import subprocess
import zipfile

import duckdb
import msoffcrypto
import pikepdf
import pytest
import pyzipper
from openpyxl import load_workbook

from core.engine import pipeline
from core.engine.archive import Archive, Manifest, opened
from core.engine.formats import FORMATS
from core.engine.formats.base import RowFormat
from core.engine.spec import ExportSpec
from core.errors import BadInput, BadSpec, Trouble
from tests.core.engine.making import NOW, resolved, spec_of

TEXTS = [name for name, format in FORMATS.items() if isinstance(format, RowFormat) and name not in ("html", "template")]
PASSWORD = "Pässwörd-密码-2026"


def packed_spec(format="csv", *, layout="auto", sources=None, **packaging) -> ExportSpec:
    spec = spec_of(format).model_dump(mode="json", exclude_none=True)
    spec["packaging"] = packaging
    spec["output"]["layout"] = layout
    if sources:
        spec["sources"] = sources
    return ExportSpec.model_validate(spec)


def locked(format="csv", **packaging) -> ExportSpec:
    return packed_spec(format, password="its-id", **packaging)


@pytest.mark.parametrize("format", TEXTS)
def test_every_packing_holds_what_the_plain_file_holds(people, exported, format):
    plain = exported(people, packed_spec(format, compression="none")).path.read_bytes()
    made = {kind: exported(people, packed_spec(format, compression=kind)) for kind in ("gzip", "bz2", "zstd", "zip")}
    assert gzip.decompress(made["gzip"].path.read_bytes()) == plain
    assert bz2.decompress(made["bz2"].path.read_bytes()) == plain
    with zipfile.ZipFile(made["zip"].path) as archive:
        assert archive.testzip() is None
        [name, _manifest] = archive.namelist()
        assert archive.read(name) == plain
    for kind, one in made.items():
        [file] = one.receipt.files
        content = one.path.read_bytes()
        assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest()), kind
        assert file.name.endswith({"gzip": ".gz", "bz2": ".bz2", "zstd": ".zst", "zip": ".zip"}[kind])


def test_the_media_type_says_the_encoding_the_text_has(people, exported):
    def media_type(options):
        return exported(people, spec_of("csv", options, columns=["age"])).receipt.files[0].media_type

    assert media_type({}) == "text/csv; charset=utf-8"
    assert media_type({"encoding": "windows-1252"}) == "text/csv; charset=windows-1252"


def test_zstandard_is_read_by_another_reader(people, exported, tmp_path):
    made = exported(people, packed_spec("csv", compression="zstd"))
    named = shutil.copyfile(made.path, tmp_path / "people.csv.zst")
    with duckdb.connect() as con:  # of its own: the default one is everybody's
        found = con.sql(
            f"select count(*) from read_csv('{named}', compression = 'zstd', all_varchar = true)"
        ).fetchall()
    assert found == [(8,)]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_goes_into_a_zip_and_is_counted_there(people, exported, format):
    made = exported(people, packed_spec(format, compression="zip"))
    with zipfile.ZipFile(made.path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        [file] = manifest["files"]
        content = archive.read(file["name"])
    assert (file["rows"], file["bytes"]) == (8, len(content))
    assert file["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
def test_a_locked_zip_opens_with_its_password_and_with_no_other(people, exported, format):
    made = export_locked(people, exported, locked(format, lock="zip"))
    assert made.receipt.files[0].locked
    with pyzipper.AESZipFile(made.path) as archive:
        [name, _] = archive.namelist()
        info = archive.getinfo(name)
        assert (info.wz_aes_strength, info.wz_aes_version) == (3, 2)  # AES-256, AE-2
        with pytest.raises(RuntimeError, match="password"):
            archive.read(name)
        with pytest.raises(RuntimeError, match="Bad password"):
            archive.read(name, pwd=b"wrong")
        content = archive.read(name, pwd=PASSWORD.encode())
        manifest = json.loads(archive.read("manifest.json", pwd=PASSWORD.encode()))
    assert manifest["files"][0]["sha256"] == hashlib.sha256(content).hexdigest()
    assert b"Indonesia" not in made.path.read_bytes()


def export_locked(people, exported, spec):
    return exported(people, spec, password=PASSWORD)


def test_excel_and_pdf_lock_themselves(people, exported):
    book = export_locked(people, exported, locked("xlsx"))
    with open(book.path, "rb") as file:
        office = msoffcrypto.OfficeFile(file)
        assert office.is_encrypted()
        office.load_key(password=PASSWORD)
        office.decrypt(plain := io.BytesIO())
    assert load_workbook(plain).worksheets[0].max_row == 9
    document = export_locked(people, exported, locked("pdf"))
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(document.path)
    with pikepdf.open(document.path, password=PASSWORD) as pdf:
        assert pdf.encryption.bits == 256
    for made in (book, document):
        assert (made.receipt.files[0].rows, made.receipt.files[0].locked) == (8, True)


def test_files_that_lock_themselves_may_go_into_an_open_zip(people, exported):
    split = {"by": "value", "column": "active"}
    made = export_locked(people, exported, locked("xlsx", lock="file", split=split))
    with zipfile.ZipFile(made.path) as archive:
        for name in archive.namelist()[:-1]:
            assert msoffcrypto.OfficeFile(io.BytesIO(archive.read(name))).is_encrypted()


def test_a_split_of_workbooks_with_a_password_is_one_locked_zip(people, exported):
    made = export_locked(people, exported, locked("xlsx", split={"by": "value", "column": "active"}))
    with pyzipper.AESZipFile(made.path) as archive:
        archive.setpassword(PASSWORD.encode())
        assert load_workbook(io.BytesIO(archive.read(archive.namelist()[0]))).worksheets[0].max_row == 4


def test_locks_that_cannot_be_are_refused_with_the_way_out(people):
    def said(spec):
        return pipeline.problems(spec, people, resolved())[0].message

    assert "no password of their own" in said(locked("csv", lock="file"))
    assert "Only a zip can carry a password" in said(locked("csv", compression="gzip"))
    assert pipeline.problems(locked("csv"), people, resolved()) == []


def test_a_password_that_is_gone_stops_the_export_before_it_writes(people, exported):
    with pytest.raises(BadSpec, match="no longer kept"):
        exported(people, locked("csv"))


def test_a_zip_that_was_changed_is_found(tmp_path):
    path = tmp_path / "a.zip"
    with Archive(path, NOW) as archive:
        with archive.member("a.csv") as sink:
            sink.write(b"1,2\n" * 10_000)
        archive.close_with(Manifest("x", "x", NOW), [])
    damaged = bytearray(path.read_bytes())
    damaged[60] ^= 0xFF
    path.write_bytes(damaged)
    with pytest.raises(Trouble, match="not a whole zip"), opened(path) as again:
        again.read("a.csv")


def test_the_same_zip_is_made_twice_alike(people, exported):
    first, second = (exported(people, packed_spec("csv", compression="zip")).path.read_bytes() for _ in range(2))
    assert first == second


def test_two_datasets_are_two_sheets_or_two_files(people, exported):
    sources = [
        {"dataset": "people", "columns": ["name"]},
        {"dataset": "people", "name": "Countries", "columns": ["country", "age"], "limit": 3},
    ]
    book = exported(people, packed_spec("xlsx", sources=sources))
    sheets = load_workbook(book.path).worksheets
    assert [(s.title, s.max_row, s.max_column) for s in sheets] == [("people", 9, 1), ("Countries", 4, 2)]
    apart = exported(people, packed_spec("csv", sources=sources))
    with zipfile.ZipFile(apart.path) as archive:
        assert archive.namelist() == ["people.csv", "Countries.csv", "manifest.json"]
        rows = list(csv.reader(io.StringIO(archive.read("Countries.csv").decode("utf-8-sig"))))
    assert rows[0] == ["country", "age"]
    for made in (book, apart):
        assert [(t.name, t.rows) for t in made.receipt.tables] == [("people", 8), ("Countries", 3)]
        assert made.receipt.rows == 11


@pytest.mark.slow_real
def test_seven_zip_tests_and_opens_what_we_lock(people, exported, tmp_path):
    made = export_locked(people, exported, locked("csv", split={"by": "value", "column": "country"}))
    tested = subprocess.run(["7zz", "t", f"-p{PASSWORD}", made.path], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout
    assert "Everything is Ok" in tested.stdout
    refused = subprocess.run(["7zz", "t", "-pwrong", made.path], capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    listed = subprocess.run(["7zz", "l", "-slt", made.path], capture_output=True, text=True, check=True).stdout
    assert "AES-256" in listed


@pytest.mark.slow_real
@pytest.mark.parametrize("password", ["a" * 99, "é" * 49, "🔒" * 24])
def test_seven_zip_opens_the_longest_passwords_there_are(people, exported, password):
    made = exported(people, locked("csv"), password=password)
    tested = subprocess.run(["7zz", "t", f"-p{password}", made.path], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout


@pytest.mark.parametrize(("format", "lock"), [("csv", "zip"), ("xlsx", "file"), ("pdf", "file")])
def test_a_password_some_reader_would_not_take_is_refused_before_it_locks(people, exported, format, lock):
    with pytest.raises(BadInput, match="1 to 99 characters"):
        exported(people, locked(format, lock=lock), password="a" * 100)


def test_qpdf_finds_nothing_wrong_with_a_locked_pdf(people, exported):
    made = export_locked(people, exported, locked("pdf"))
    done = subprocess.run(
        ["qpdf", "--check", f"--password={PASSWORD}", made.path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "No syntax or stream encoding errors" in done.stdout


def test_a_spec_with_everything_goes_through_json_unchanged():
    spec = locked("xlsx", split={"by": "month", "column": "paid_at"}, lock="zip", compression="zip")
    assert ExportSpec.model_validate_json(spec.model_dump_json()) == spec
