"""`python -m core export`: one file in, one file out, in a process of its own."""

import csv
import gzip
import json
import os
import pty
import subprocess
import sys

import openpyxl
import pytest

DATA = "Name,Zip,Fee\nAnn,01067,10.50\nBob,00001,7.25\nZoë,99999,0.00\n"


@pytest.fixture
def export(tmp_path):
    """`export(*arguments)` runs the command in a folder that holds list.csv; gives the finished process."""
    (tmp_path / "list.csv").write_text(DATA, encoding="utf-8")

    def run(*arguments):
        environment = {**os.environ, "PYTHONPATH": os.getcwd(), "DESK_DATA_DIR": str(tmp_path / "never_made")}
        command = [sys.executable, "-m", "core", "export", *map(str, arguments)]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    return run


def test_a_csv_becomes_a_workbook_and_the_receipt_is_json(export, tmp_path):
    done = export("list.csv", "--to", "list.xlsx")
    assert (done.returncode, done.stderr) == (0, "")
    receipt = json.loads(done.stdout)
    assert (receipt["source_rows"], receipt["rows"], receipt["files"][0]["rows"]) == (3, 3, 3)
    rows = [*openpyxl.load_workbook(tmp_path / "list.xlsx").active.iter_rows(values_only=True)]
    assert rows == [("Name", "Zip", "Fee"), ("Ann", "01067", 10.5), ("Bob", "00001", 7.25), ("Zoë", "99999", 0)]
    assert not (tmp_path / "never_made").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["list.csv", "list.xlsx"]


def test_the_ending_says_the_format_and_gz_packs_it(export, tmp_path):
    assert export("list.csv", "--to", "list.jsonl.gz").returncode == 0
    lines = gzip.decompress((tmp_path / "list.jsonl.gz").read_bytes()).decode().splitlines()
    assert json.loads(lines[2]) == {"Name": "Zoë", "Zip": "99999", "Fee": 0.0}


def test_a_spec_says_what_is_kept(export, tmp_path):
    spec = {
        "sources": [
            {
                "dataset": "list",
                "filters": {"items": [{"column": "Name", "operator": "is", "values": ["Ann"]}]},
                "columns": [{"column": "Zip"}, {"column": "Name", "label": "Who"}],
            }
        ],
        "output": {"format": "csv", "file_name": "kept"},
    }
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    done = export("list.csv", "--spec", "spec.json")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "kept.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["Zip", "Who"], ["01067", "Ann"]]
    assert json.loads(done.stdout)["steps"][0]["rows"] == 1


def test_without_an_output_the_file_is_named_after_the_input(export, tmp_path):
    assert export("list.csv").returncode == 0
    assert (tmp_path / "list.xlsx").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.csv"], "There is no file “missing.csv”"),
        (["list.csv", "--to", "list.docx"], "does not say its format"),
        (["list.csv", "--to", "no/such/list.csv"], "There is no folder"),
        (["list.csv", "--to", "x.csv", "--spec", "missing.json"], "There is no file “missing.json”"),
        (["list.csv", "--to", "x.csv", "--options", '{"delimeter": ";"}'], "delimeter"),
        (["list.csv", "--to", "x.csv", "--options", '{"kinds": {"Name": "date"}}'], "cannot be read as date"),
        (["list.csv", "--to", "x.csv", "--zone", "Mars/Base"], "Mars/Base"),
    ],
)
def test_bad_input_ends_with_a_sentence_and_not_with_success(export, tmp_path, arguments, words):
    done = export(*arguments)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["list.csv"]


def test_a_spec_that_does_not_fit_names_the_column(export, tmp_path):
    (tmp_path / "spec.json").write_text('{"sources": [{"dataset": "x", "columns": [{"column": "Colour"}]}]}')
    done = export("list.csv", "--to", "x.csv", "--spec", "spec.json")
    assert (done.returncode, "Colour" in done.stderr) == (1, True)


def test_a_spec_that_is_no_json_is_refused(export, tmp_path):
    (tmp_path / "spec.json").write_text("{")
    done = export("list.csv", "--to", "x.csv", "--spec", "spec.json")
    assert done.returncode == 1
    assert "spec.json cannot be used" in done.stderr


def test_rows_that_do_not_fit_are_kept_beside_the_file_and_told(export, tmp_path):
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n3\n")
    done = export("bad.csv", "--to", "good.csv")
    assert done.returncode == 0
    assert "1 row does not fit the table and was set aside" in done.stderr
    assert json.loads((tmp_path / "good.csv.problems.jsonl").read_text())["line"] == 3


def test_a_workbook_of_several_sheets_asks_which(export, tmp_path):
    book = openpyxl.Workbook()
    for name in ("One", "Two"):
        sheet = book.create_sheet(name)
        sheet.append(["a"])
        sheet.append([name])
    book.save(tmp_path / "book.xlsx")
    refused = export("book.xlsx", "--to", "x.csv")
    assert (refused.returncode, "“One”, “Two”" in refused.stderr) == (1, True)
    assert export("book.xlsx", "--to", "x.csv", "--sheet", "Two").returncode == 0
    assert "Two" in (tmp_path / "x.csv").read_text()


def test_on_a_terminal_a_progress_bar_is_shown(tmp_path):
    (tmp_path / "list.csv").write_text(DATA, encoding="utf-8")
    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-m", "core", "export", "list.csv", "--to", "x.csv"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=slave) as process:
        os.close(slave)
        seen = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:
                break
            if not part:
                break
            seen += part
        assert process.wait(timeout=120) == 0
    os.close(master)
    assert "Looking at every value (2/4)" in seen.decode()


def test_a_zip_with_a_password_from_a_file_opens_with_it(export, tmp_path):
    import pyzipper

    (tmp_path / "secret").write_text("geheim 密码\n", encoding="utf-8")
    done = export("list.csv", "--to", "list.csv.zip", "--password-file", "secret")
    assert (done.returncode, done.stderr) == (0, "")
    assert "geheim" not in done.stdout
    with pyzipper.AESZipFile(tmp_path / "list.csv.zip") as archive:
        archive.setpassword("geheim 密码".encode())
        assert archive.namelist() == ["list.csv", "manifest.json"]
        assert archive.read("list.csv").decode("utf-8-sig").splitlines()[1] == "Ann,01067,10.50"


def test_a_zip_under_another_name_is_refused(export, tmp_path):
    (tmp_path / "password").write_text("open sesame 42\n")
    done = export("list.csv", "--to", "locked.csv", "--password-file", "password")
    assert done.returncode == 1
    assert "makes a zip" in done.stderr
    assert "“locked.csv.zip”" in done.stderr
    assert not (tmp_path / "locked.csv").exists()


def test_sheets_of_a_workbook_become_the_datasets_a_spec_names(export, tmp_path):
    book = openpyxl.Workbook()
    for name in ("One", "Two"):
        sheet = book.create_sheet(name)
        sheet.append(["id", name])
        sheet.append([1, f"from {name}"])
    book.remove(book.worksheets[0])
    book.save(tmp_path / "both.xlsx")
    spec = {"sources": [{"dataset": "Two"}, {"dataset": "One", "name": "First"}], "output": {"format": "xlsx"}}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    done = export("both.xlsx", "--spec", "spec.json", "--to", "out.xlsx")
    assert done.returncode == 0, done.stderr
    made = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert made.sheetnames == ["both - Two", "First"]
    assert made["First"]["B2"].value == "from One"


def test_a_split_is_named_by_what_asked_for_it(export, tmp_path):
    import zipfile

    spec = {"sources": [{"dataset": "list"}], "output": {"format": "csv"},
            "packaging": {"split": {"by": "value", "column": "Zip"}}}  # fmt: skip
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    assert export("list.csv", "--spec", "spec.json", "--to", "parts.zip").returncode == 0
    with zipfile.ZipFile(tmp_path / "parts.zip") as archive:
        assert archive.namelist()[:2] == ["list 00001.csv", "list 01067.csv"]
