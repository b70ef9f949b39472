"""What people and files wrote, where Streamlit reads Markdown."""

import re

import pytest

from pages.components import layout

# what remark-gfm, which Streamlit reads Markdown with, makes links of: within one run of text, whether escaped or not
LINKED = re.compile(r"https?://|www(?=\.)|[-.\w+]+@[-\w]+\.[-\w]+", re.IGNORECASE)


def runs_of_text(markdown: str) -> list[str]:
    return re.sub(r"\\(.)", r"\1", markdown.replace(layout.NOTHING, "\0")).split("\0")


def test_text_from_a_file_is_never_read_as_markdown():
    assert layout.plain("*a* [x](y) :red[d] $e$") == r"\*a\* \[x\]\(y\) \:red\[d\] \$e\$"


@pytest.mark.parametrize("shown", [layout.plain, layout.said])
@pytest.mark.parametrize(
    "text",
    [
        "budi@example.org",
        "told to budi@example.org, now",
        "https://example.org/a.csv",
        "HTTP://example.org",
        "see Www.example.org.",
    ],
)
def test_addresses_stay_text_and_not_a_character_of_them_is_changed(shown, text):
    pieces = runs_of_text(shown(text))
    assert "".join(pieces) == text
    assert len(pieces) == 2
    assert not any(LINKED.search(piece) for piece in pieces)


@pytest.mark.parametrize("text", ["10:30", "a/b", "@ noon", "wwwww", "half past 3: 4/5"])
def test_what_is_no_address_stays_in_one_piece(text):
    assert runs_of_text(layout.plain(text)) == [text]
