"""Workbooks with Excel's own password: opened by others with the right one, by nobody with a wrong one."""

from __future__ import annotations

import io
import zipfile

import msoffcrypto
import openpyxl
import pytest
from msoffcrypto.exceptions import InvalidKeyError

from core.engine.formats.xlsx import FORMAT
from core.engine.values import Kind
from core.errors import Trouble
from tests.core.engine.formats.xlsx.workbooks import column, workbook

PASSWORD = "Größe-42 密"
NAMES = [column(1, "Name", Kind.TEXT)]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return workbook(tmp_path_factory.mktemp("lock") / "a.xlsx", NAMES, [(f"Member {i * 7919}",) for i in range(3_000)])


@pytest.fixture(scope="module")
def locked(made):
    path = made.path.with_suffix(".locked")
    FORMAT.lock(made.path, path, PASSWORD)
    return path


def opened(path, password: str) -> bytes:
    """What msoffcrypto, which is not ours, finds; the integrity of the file is checked."""
    plain = io.BytesIO()
    with path.open("rb") as file:
        office = msoffcrypto.OfficeFile(file)
        assert office.is_encrypted()
        office.load_key(password=password, verify_password=True)
        office.decrypt(plain, verify_integrity=True)
    return plain.getvalue()


def test_another_program_opens_it_with_the_password(made, locked):
    content = opened(locked, PASSWORD)
    assert content == made.path.read_bytes()
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet["A3001"].value == f"Member {2_999 * 7919}"


def test_another_program_does_not_open_it_with_a_wrong_password(locked):
    with pytest.raises(InvalidKeyError):
        opened(locked, PASSWORD.lower())


def test_nothing_of_the_workbook_can_be_read_without_the_password(made, locked):
    content = locked.read_bytes()
    assert content.startswith(b"\xd0\xcf\x11\xe0")
    assert b"PK\x03\x04" not in content
    assert b"worksheets" not in content


def test_it_is_aes_with_256_bits_and_sha_512(locked):
    with locked.open("rb") as file:
        info = msoffcrypto.OfficeFile(file).info
    assert (info["passwordKeyBits"], info["keyDataHashAlgorithm"], info["spinValue"]) == (256, "SHA512", 100_000)


def test_unlocking_gives_the_same_bytes_again(made, locked, tmp_path):
    FORMAT.unlock(locked, tmp_path / "again.xlsx", PASSWORD)
    assert (tmp_path / "again.xlsx").read_bytes() == made.path.read_bytes()


def test_the_same_workbook_locked_twice_gives_different_bytes(made, locked, tmp_path):
    FORMAT.lock(made.path, tmp_path / "b.xlsx", PASSWORD)
    assert (tmp_path / "b.xlsx").read_bytes() != locked.read_bytes()


def test_a_wrong_password_is_told_when_unlocking(locked, tmp_path):
    with pytest.raises(Trouble, match="does not open"):
        FORMAT.unlock(locked, tmp_path / "again.xlsx", "wrong")
    assert not (tmp_path / "again.xlsx").exists()


@pytest.mark.parametrize("share", [0.3, 0.5, 0.99])
def test_a_locked_file_that_was_changed_is_found(locked, tmp_path, share):
    content = bytearray(locked.read_bytes())
    at = int(len(content) * share) // 512 * 512 + 100
    content[at : at + 400] = bytes(400)
    (tmp_path / "bad.xlsx").write_bytes(content)
    with pytest.raises(Trouble):
        FORMAT.unlock(tmp_path / "bad.xlsx", tmp_path / "again.xlsx", PASSWORD)


@pytest.mark.parametrize("bytes_left", [0, 100, 5_000, -1_000])
def test_a_locked_file_cut_short_is_found(locked, tmp_path, bytes_left):
    (tmp_path / "short.xlsx").write_bytes(locked.read_bytes()[:bytes_left])
    with pytest.raises(Trouble):
        FORMAT.unlock(tmp_path / "short.xlsx", tmp_path / "again.xlsx", PASSWORD)


def test_a_workbook_without_a_password_is_not_taken_for_a_locked_one(made, tmp_path):
    with pytest.raises(Trouble, match="not locked"):
        FORMAT.unlock(made.path, tmp_path / "again.xlsx", PASSWORD)


def test_the_smallest_workbook_can_be_locked(tmp_path):
    """Up to 4,096 bytes would be kept otherwise in a compound file (MS-CFB 2.4); no workbook of ours is as small."""
    small = workbook(tmp_path / "a.xlsx", [column(1, "", Kind.TEXT)], [], header=False, filter=False)
    FORMAT.lock(small.path, tmp_path / "locked", "x")
    assert opened(tmp_path / "locked", "x") == small.path.read_bytes()


@pytest.mark.parametrize("size", [4_096, 4_097, 8_191, 8_192, 7_400_000])
def test_packages_of_every_size_fit_their_segments(tmp_path, size):
    """7.4 MB: from there on the compound file needs a table of tables (MS-CFB 2.5)."""
    path = tmp_path / "any.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", bytes(size))
    FORMAT.lock(path, tmp_path / "locked", "x")
    assert opened(tmp_path / "locked", "x") == path.read_bytes()
    FORMAT.unlock(tmp_path / "locked", tmp_path / "again", "x")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()
