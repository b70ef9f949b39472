"""Poppler and qpdf open our files and find nothing to complain of. They must be installed (Debian: poppler-utils, qpdf)."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from core.engine.formats.pdf import FORMAT
from tests.core.engine.formats.pdf.test_nasty_values import GOLDEN
from tests.core.engine.formats.pdf.test_scripts_picture import scripts_pdf

pytestmark = pytest.mark.slow_real


def ran(*command: str) -> str:
    assert shutil.which(command[0]), f"{command[0]} is not installed: apt-get install poppler-utils qpdf"
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


def test_poppler_reads_every_script_as_it_was_written(tmp_path):
    text = ran("pdftotext", str(scripts_pdf(tmp_path).path), "-")
    for word in (
        "Nguyễn Thị Thu Hà",
        "Екатерина",
        "Παπαδόπουλος",
        "فاطمة الزهراء بنت محمد",
        "田中さくら",
        "王小明",
        "김민준",
    ):
        assert word in text


def test_poppler_finds_every_font_embedded(tmp_path):
    lines = ran("pdffonts", str(scripts_pdf(tmp_path).path)).splitlines()[2:]
    assert len(lines) >= 6
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in lines)  # embedded, subset, readable as Unicode


def test_qpdf_finds_no_fault(tmp_path):
    assert "No syntax or stream encoding errors found" in ran("qpdf", "--check", str(GOLDEN))
    locked = tmp_path / "locked.pdf"
    FORMAT.lock(GOLDEN, locked, "secret")
    assert "AESv3" in ran("qpdf", "--password=secret", "--show-encryption", str(locked))
    ran("qpdf", "--password=secret", "--check", str(locked))
