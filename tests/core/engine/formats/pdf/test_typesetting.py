"""Text into lines: where they break, in what order letters stand, what nobody has a shape for."""

from __future__ import annotations

import pytest
import uharfbuzz as hb
from bidi import get_display
from hypothesis import example, given
from hypothesis import strategies as st

from core.engine.formats.pdf.bidi import base_level, levels, reordered
from core.engine.formats.pdf.fonts import Fonts
from core.engine.formats.pdf.typefaces import ARABIC, CHINESE, JAPANESE, KOREAN, REGULAR, SANS, east_asian, font
from core.engine.formats.pdf.typesetting import Cluster, Typesetter

SIZE = 10.0


@pytest.fixture
def setter():
    return Typesetter(Fonts(), SIZE)


def clusters(setter: Typesetter, text: str) -> list[Cluster]:
    return setter._clusters(text, setter.regular)[0]


def test_letters_that_stand_alone_take_the_quick_way_and_others_are_shaped(setter):
    for text in ("plain", "Nguyễn Thị", "Привет", "Ελλάδα", "€ 1.234,50 – ½"):
        assert setter.regular.plain(text) is not None, text
    for text in ("مرحبا", "שלום", "日本", "e\u0301", "ไทย", "हिन्दी", "a\tb", "🎉"):
        assert setter.regular.plain(text) is None, text


def test_the_quick_way_is_as_wide_as_the_shaped_one_without_kerning(setter):
    text = "Nguyễn Thị Thu Hà, Привет, Ελλάδα 1234567890"
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font(SANS, REGULAR), buffer, {"kern": False, "liga": False})
    shaped = sum(position.x_advance for position in buffer.glyph_positions) * SIZE / 1000
    assert setter.line(text).width == pytest.approx(shaped, abs=0.2)


@given(st.text(alphabet=st.sampled_from("abc def,-/\n日本語のアالعربية12 🎉é\t"), max_size=60), st.floats(15, 200))
def test_no_letter_is_lost_and_no_line_is_wider_than_its_room(text, room):
    setter = Typesetter(Fonts(), SIZE)
    lines = setter.lines(text, room)
    assert all(line.width <= room + 0.01 for line in lines)
    kept = "".join(text.split())
    found = "".join(part for line in lines for part in _texts(setter, line.operators))
    assert sorted("".join(found.split())) == sorted(kept)


def _texts(setter: Typesetter, operators: str) -> list[str]:
    """What the codes of some operators stand for."""
    fonts = {font.name: font for font in setter.fonts}
    used, found = setter.regular.font, []
    for word in operators.replace("[", " ").replace("]", " ").replace("<", " <").replace(">", "> ").split():
        if word.startswith("/"):
            used = fonts[word[1:]]
        elif word.startswith("<"):
            found += [used._texts[int(word[i : i + 4], 16)] for i in range(1, len(word) - 1, 4)]
    return found


def test_lines_break_at_spaces_hyphens_and_slashes_and_within_a_word_only_where_they_must(setter):
    def broken(text: str, room: float) -> list[str]:
        return ["".join(_texts(setter, line.operators)) for line in setter.lines(text, room)]

    assert broken("one two three", 40) == ["one two", "three"]
    assert broken("well-known fact/figure", 45) == ["well-", "known", "fact/", "figure"]
    assert broken("incomprehensible", 40)[0].startswith("incom")
    assert broken("two\r\nlines\rthree", 100) == ["two", "lines", "three"]


def test_no_line_of_japanese_begins_with_a_full_stop(setter):
    text = "長い文章です。次の文章です。"
    for room in range(20, 140, 10):
        for line in setter.lines(text, room):
            assert not "".join(_texts(setter, line.operators)).startswith("。")


def test_arabic_letters_are_joined_and_run_from_right_to_left(setter):
    line = setter.line("مرحبا")
    assert line.leftwards
    alone = sum(font(ARABIC, REGULAR).get_glyph_h_advance(c.codepoint) for c in _alone("مرحبا")) * SIZE / 1000
    assert line.width < alone * 0.8  # joined letters are narrower
    texts = _texts(setter, line.operators)
    assert "".join(texts) == "مرحبا"[::-1]


def _alone(text):
    for letter in text:
        buffer = hb.Buffer()
        buffer.add_str(letter)
        buffer.guess_segment_properties()
        hb.shape(font(ARABIC, REGULAR), buffer)
        yield from buffer.glyph_infos


@given(st.text(alphabet=st.sampled_from("abאבمح 12()[],.-"), min_size=1, max_size=14).map(str.strip).filter(bool))
@example("مرحبا (abc) 42!")
@example("abc שלום (123) def")
def test_letters_stand_in_the_order_of_the_reference_algorithm(text):
    assert "".join(text[place] for place in reordered(levels(text))) == get_display(text)


@given(
    st.text(max_size=12),
    st.text(alphabet="\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069אa1 ", max_size=12),
)
def test_every_text_can_be_set_whatever_controls_it_holds(text, turned):
    whole = text + turned
    assert len(levels(whole)) == len(whole)
    for line in Typesetter(Fonts(), SIZE).lines(whole, 50):
        assert line.width >= 0


def test_the_first_letter_decides_where_a_paragraph_begins():
    assert base_level("12 שלום abc") == 1
    assert base_level("abc שלום") == 0


@given(st.lists(st.integers(0, 4), max_size=30))
def test_reordering_loses_no_piece(line):
    assert sorted(reordered(line)) == list(range(len(line)))


def test_a_character_is_drawn_as_its_text_says_chinese_japanese_or_korean():
    assert east_asian("骨") is CHINESE
    assert east_asian("骨を") is JAPANESE
    assert east_asian("骨 뼈") is KOREAN


def test_what_no_typeface_has_is_a_box_that_still_reads_as_itself(setter):
    line = setter.line("a🎉b\x01")
    assert line.missing == "🎉\x01"
    assert "".join(_texts(setter, line.operators)) == "a🎉b\x01"


def test_joiners_and_marks_of_direction_are_obeyed_not_shown(setter):
    assert not setter.line("می\u200cخواهم \u200e a\u200b").missing
    hidden = setter.line("\u2066abc\u2069")
    assert not hidden.missing
    assert hidden.width == pytest.approx(setter.line("abc").width, abs=0.1)


def test_marks_sit_on_their_letters(setter):
    first, second = clusters(setter, "e\u0301x")
    assert (first.text, second.text) == ("e\u0301", "x")
    assert setter.line("e\u0301x").width == pytest.approx(setter.line("\u00e9x").width, abs=0.3)


def test_a_text_that_does_not_fit_is_cut_behind_an_ellipsis(setter):
    line = setter.cut("a rather long heading", 50)
    assert line.width <= 50
    assert "".join(_texts(setter, line.operators)).endswith("…")
    assert setter.cut("short", 50) == setter.line("short")


def test_the_same_glyph_for_two_characters_reads_as_each(setter):
    assert "".join(_texts(setter, setter.line("Å\u212b Ω\u2126").operators)) == "Å\u212b Ω\u2126"


def test_a_font_that_runs_out_of_codes_still_draws_every_glyph():
    used = Fonts().get(SANS, REGULAR)
    used._last = 0xFFFD
    assert used.code(5, "a") == "fffe"
    assert used.code(5, "b") == "fffe"
