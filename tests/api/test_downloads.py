"""Names in Content-Disposition: any name people give arrives, and none breaks the header."""

import hashlib
import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from api.downloads import attachment, download
from core.exports import FileRef


def test_a_plain_name_stays_plain():
    assert attachment("orders 2026.csv") == 'attachment; filename="orders 2026.csv"'


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Données été.xlsx", "Donnees ete.xlsx"),
        ("報告.csv", "export.csv"),
        ('say "hi".csv', "say _hi_.csv"),
        ("a%20b.csv", "a_20b.csv"),
    ],
)
def test_other_names_come_with_an_ascii_one_for_old_readers(name, plain):
    assert attachment(name).startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")


@given(st.text(min_size=1, max_size=80).filter(lambda s: s.isprintable()))
def test_every_printable_name_survives_and_the_header_stays_one_line_of_ascii(name):
    header = attachment(name)
    assert header.isascii()
    assert header.isprintable()
    extended = re.search(r"filename\*=UTF-8''(.*)$", header)
    assert (unquote(extended[1]) if extended else re.search(r'filename="(.*)"$', header)[1]) == name


@pytest.fixture
def fetch(tmp_path):
    """`fetch(method, range)` a file of 1,000 bytes: (how many bytes came, what was noted: True for a later piece)."""
    path = tmp_path / "file"
    path.write_bytes(b"0123456789" * 100)
    file = FileRef(path, "file.csv", "text/csv", 1000, hashlib.sha256(path.read_bytes()).hexdigest(), "job")
    noted: list[bool] = []
    app = Starlette(routes=[Route("/", lambda request: download(request, file, noted.append))])

    def fetched(method, asked):
        noted.clear()
        answer = TestClient(app).request(method, "/", headers={"Range": asked} if asked else {})
        return len(answer.content), [*noted]

    return fetched


@pytest.mark.parametrize(
    "asked", [None, "bytes=0-", "bytes=-99999", "bytes=00-", "bytes= 0-", "BYTES=0-", "bytes=1-1,0-", "bytes=0-998"]
)
def test_whatever_may_hold_the_beginning_of_a_file_is_noted(fetch, asked):
    came, noted = fetch("GET", asked)
    assert came >= 999
    assert noted == [False]


def test_a_piece_that_is_plainly_a_later_one_is_told_apart(fetch):
    assert fetch("GET", "bytes=1-") == (999, [True])
    assert fetch("GET", "bytes=500-599") == (100, [True])
    assert fetch("HEAD", None) == (0, [])
