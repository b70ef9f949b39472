"""From a spec to a receipt: the pipeline writes a PDF as it writes any other file."""

from __future__ import annotations

import pypdf
import pytest

from core.engine import formats
from core.errors import BadSpec
from tests.core.engine.making import spec_of


def test_an_export_is_written_read_again_and_counted(people, exported):
    spec = spec_of("pdf", {"group_by": "country", "totals": True}, name="People", sort=["country"])
    made = exported(people, spec, zone="Asia/Jakarta")
    text = pypdf.PdfReader(made.path).pages[0].extract_text()
    assert made.receipt.rows == made.receipt.files[0].rows == 8
    assert made.content.startswith(b"%PDF-1.7")
    assert text.startswith("People\n15 November 2026, 10:30 · 8 rows")
    assert "country: Indonesia" in text
    assert "129.84" in text  # all amounts


def test_what_is_wrong_with_an_option_is_said_without_repeating_a_whole_picture():
    with pytest.raises(BadSpec) as refused:
        formats.parse_options("pdf", {"logo": "data:image/png;base64," + "A" * 400_000})
    assert "not a PNG or JPEG" in refused.value.message
    assert len(refused.value.message) < 300


def test_two_runs_of_the_same_moment_give_the_same_bytes(people, exported):
    first, second = (exported(people, spec_of("pdf")) for _ in range(2))
    assert first.content == second.content
