"""Text in another encoding: buffers may end anywhere, a missing character is named, and the way back finds the same text."""

from __future__ import annotations

import io

import pytest

from core.engine import formats
from core.engine.formats.transcoding import ENCODINGS, Transcoded, Transcoding, transcoding
from core.engine.values import Kind
from core.errors import BadSpec, LimitReached, Trouble
from tests.core.engine.making import export, make_table, spec_of

SAMPLES = {
    "utf-8": "é 🎉 日本",
    "utf-16": "é 🎉 日本",
    "windows-1252": "é € ß",
    "iso-8859-1": "é ß",
    "iso-8859-15": "é €",
    "windows-1250": "Łódź ß",
    "windows-1251": "Привет",
    "windows-1253": "Ελλάδα",
    "windows-1254": "İstanbul ğ",
    "windows-1256": "مرحبا",
    "windows-1258": "Đông",
    "shift_jis": "日本語テキスト",
    "gb18030": "中文 🎉",
    "big5": "繁體中文",
    "euc-kr": "한국어",
    "ascii": "plain",
}


def test_every_encoding_offered_has_a_sample_here():
    assert SAMPLES.keys() == ENCODINGS.keys()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_buffers_may_end_within_a_character(encoding):
    out = io.BytesIO()
    sink = transcoding(out, encoding)
    data = (SAMPLES[encoding] + "\n").encode()
    for byte in range(len(data)):
        assert sink.write(memoryview(data)[byte : byte + 1]) == 1
    assert out.getvalue().decode(encoding) == SAMPLES[encoding] + "\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_way_back_gives_the_same_text_however_little_is_asked_for(encoding, size):
    text = SAMPLES[encoding] * 20
    back, found = Transcoded(io.BytesIO(text.encode(encoding)), encoding), b""
    while piece := back.read(size):
        assert len(piece) <= size
        found += piece
    assert found.decode() == text


def test_a_sink_that_takes_little_at_a_time_gets_everything():
    class Slow(io.BytesIO):
        def write(self, data):
            return super().write(bytes(data[:3]))

    out = Slow()
    Transcoding(out, "utf-16").write(b"a longer text")
    assert out.getvalue().decode("utf-16") == "a longer text"


def test_a_character_the_encoding_does_not_have_is_named_with_what_stands_round_it():
    with pytest.raises(LimitReached, match=r"“ł” \(U\+0142\) cannot be written as Windows Western European") as refused:
        Transcoding(io.BytesIO(), "windows-1252").write("first\nsome Pawł here\nlast\n".encode())
    assert "“…some Pawł here…”" in refused.value.message
    assert "Choose UTF-8" in refused.value.next_step


def test_bytes_that_are_no_text_of_the_encoding_are_damage():
    with pytest.raises(Trouble, match="not text in the encoding"):
        Transcoded(io.BytesIO(b"\x81\x00"), "shift_jis").read(100)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("format", ["csv", "tsv", "fixed", "template"])
def test_an_export_in_every_encoding_passes_its_own_check_and_reads_back(tmp_path, format, encoding):
    table = make_table(tmp_path / "t", {"text": (Kind.TEXT, [SAMPLES[encoding], "x"] * 300)})
    made = export(table, spec_of(format, {"encoding": encoding}), tmp_path / "out")
    text = made.path.read_bytes().decode("utf-8-sig" if encoding == "utf-8" else encoding)
    rows = text.splitlines()[1:] if format in ("csv", "tsv") else text.splitlines()
    assert [row.rstrip() for row in rows] == [SAMPLES[encoding], "x"] * 300
    assert made.receipt.rows == 600


def test_only_utf_8_gets_our_byte_order_mark_and_utf_16_brings_its_own(tmp_path):
    table = make_table(tmp_path / "t", {"a": (Kind.TEXT, ["x"])})
    starts = {}
    for encoding in ("utf-8", "utf-16", "windows-1252"):
        made = export(table, spec_of("csv", {"encoding": encoding, "bom": "yes"}), tmp_path / encoding)
        starts[encoding] = made.path.read_bytes()
    assert starts["utf-8"].startswith(b"\xef\xbb\xbfa")
    assert starts["utf-16"].decode("utf-16") == "a\nx\n"
    assert starts["windows-1252"] == b"a\nx\n"


def test_an_export_that_meets_a_missing_character_leaves_no_file(tmp_path):
    table = make_table(tmp_path / "t", {"name": (Kind.TEXT, ["Ana", "Paweł"])})
    with pytest.raises(LimitReached, match="“ł”"):
        export(table, spec_of("csv", {"encoding": "windows-1252"}), tmp_path / "out")
    assert not list((tmp_path / "out").glob("file*"))


def test_an_unknown_encoding_is_refused_with_the_known_ones():
    with pytest.raises(BadSpec, match="windows-1252"):
        formats.parse_options("csv", {"encoding": "utf-7"})
