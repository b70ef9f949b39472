"""Names in Content-Disposition: any name people give arrives, and none breaks the header."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.downloads import attachment


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
