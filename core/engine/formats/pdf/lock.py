"""A PDF behind a password: AES-256 (ISO 32000-2, security handler revision 6), by qpdf.

Streams go from file to file; what is held in memory is the list of objects. Unlocking gives the same objects in another
order, so a locked file is checked by its content (`verify.py`), not by its bytes.
"""

from __future__ import annotations

import stringprep
import unicodedata
from pathlib import Path

import pikepdf

from core.engine.formats.reading import damaged
from core.errors import AGAIN, Trouble


def lock(path: Path, locked: Path, password: str) -> None:
    """Write `path` again to `locked`, which opens with the password alone: for reading, printing and copying.

    As typed it is the owner's, as `_prepared` the user's: half of the readers prepare what is typed, half do not.
    """
    with pikepdf.open(path) as document:
        document.save(
            locked,
            encryption=pikepdf.Encryption(user=_prepared(password), owner=password, R=6, aes=True, metadata=True),
            compress_streams=False,
        )


def unlock(locked: Path, path: Path, password: str) -> None:
    """Write a copy that anybody can open. Raises Trouble where the password does not open it."""
    try:
        if _opens(locked):
            raise damaged("it opens without a password.")
        with pikepdf.open(locked, password=password) as document:
            document.save(path, compress_streams=False)
    except pikepdf.PasswordError as trouble:
        raise Trouble("The PDF does not open with this password.", AGAIN) from trouble
    except pikepdf.PdfError as trouble:
        raise damaged(f"it is not a whole PDF ({trouble}).") from trouble


def _prepared(password: str) -> str:
    """What readers that follow ISO 32000-2, 7.6.4.3.3 make of a typed password: SASLprep (RFC 4013)."""
    return unicodedata.normalize("NFKC", "".join(sign for sign in password if not stringprep.in_table_b1(sign)))


def _opens(path: Path) -> bool:
    """Whether anybody can open it."""
    try:
        with pikepdf.open(path):
            return True
    except pikepdf.PasswordError:
        return False
