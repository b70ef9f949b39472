"""JSON as a stream of text: values one after the other, numbers as their own text, and the list of records found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from core.errors import BadFile

MAX_RECORD = 64 << 20  # characters of one record
SPACE = " \t\r\n\ufeff"
WHERE = frozenset(
    {"data", "result", "results", "response", "payload", "body", "content", "d"}
)  # objects worth entering


class Digits(str):
    """A number of the file, as its own text."""

    __slots__ = ()


DECODER = json.JSONDecoder(parse_float=Digits, parse_int=Digits, parse_constant=Digits)


class Text:
    """A text read in blocks, with the position where decoding stands."""

    def __init__(self, blocks: Iterator[str], name: str) -> None:
        self.blocks, self.name = blocks, name
        self.data, self.at, self.consumed, self.line, self.ended = "", 0, 0, 1, False

    def more(self) -> bool:
        """Read another block, forgetting what was taken; False at the end of the file."""
        block = next(self.blocks, None)
        if block is None:
            self.ended = True
            return False
        self.line += self.data.count("\n", 0, self.at)
        self.data, self.at = self.data[self.at :] + block, 0
        self.consumed += len(block)
        return True

    def double(self) -> bool:
        """Read until twice as much is at hand: a long value is then tried few times. False at the end of the file."""
        enough = max(1, 2 * (len(self.data) - self.at))
        grown = False
        while len(self.data) - self.at < enough and self.more():
            grown = True
        return grown

    @property
    def taken(self) -> int:
        """Characters taken so far."""
        return self.consumed - (len(self.data) - self.at)

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self.at < len(self.data) and self.data[self.at] in SPACE:
                self.at += 1
            if self.at < len(self.data):
                return self.data[self.at]
            if not self.more():
                return ""

    def value(self) -> Any:
        """Decode the value that begins here, reading on until it is whole. Raises BadFile with the line."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self.data, self.at)
            except json.JSONDecodeError as trouble:
                if len(self.data) - self.at > MAX_RECORD or not self.double():
                    raise self.broken(trouble.msg, trouble.pos) from None
                continue
            except RecursionError:
                raise self.broken("it is nested too deeply", self.at) from None
            # A number at the end of what was read may go on in the next block.
            if end == len(self.data) and not self.ended and self.more():
                continue
            self.at = end
            return value

    def broken(self, what: str, position: int | None = None) -> BadFile:
        at = self.at if position is None else position
        line = self.line + self.data.count("\n", 0, at)
        around = " ".join(self.data[max(0, at - 20) : at + 40].split())
        return BadFile(
            f"“{self.name}” is no valid JSON: line {line:,}, near “{around}” ({what}).",
            "Export it again, or check that line.",
            line=line,
        )


def find_records(start: Callable[[], Text], wanted: str | None) -> tuple[Text, str]:
    """A text that stands at the list of records, and the dotted keys that lead there ("" = at the top).

    `wanted` are the keys a person named. Left alone, the first list of objects under a key of the top or of an object
    with a telling name is taken, then the first anywhere. Raises BadFile if there is none.
    """
    text = start()
    first, keys = text.peek(), [k for k in (wanted or "").split(".") if k]
    if first == "[" and not keys:
        return text, ""
    if first == "{":
        if keys:
            if _follow(text, keys):
                return text, ".".join(keys)
        else:
            for enter in (lambda key: key.casefold() in WHERE, lambda key: True):
                text = start()
                text.peek()
                path = _search(text, enter)
                if path is not None:
                    return text, ".".join(path)
    raise BadFile(
        f"“{text.name}” holds no list of records" + (f" under “{wanted}”." if wanted else "."),
        "It should be a list of objects, or one under a key: name the keys that lead to it, separated by dots.",
        field="json_path",
    )


def _keys(text: Text) -> Iterator[str]:
    """The keys of the object that begins here; after each the text stands at its value, which the caller must take."""
    text.at += 1
    while True:
        mark = text.peek()
        if mark == ",":
            text.at += 1
            continue
        if mark in ("}", ""):
            text.at += 1
            return
        key = text.value()
        if not isinstance(key, str) or isinstance(key, Digits) or text.peek() != ":":
            raise text.broken("a key was expected")
        text.at += 1
        text.peek()
        yield key


def _follow(text: Text, keys: list[str]) -> bool:
    """Move along these keys to a list."""
    for key in _keys(text):
        opening = text.peek()
        if key == keys[0] and opening == "[" and len(keys) == 1:
            return True
        if key == keys[0] and opening == "{" and len(keys) > 1:
            return _follow(text, keys[1:])
        text.value()
    return False


def _search(text: Text, enter: Callable[[str], bool]) -> list[str] | None:
    """Move to the first list of objects, entering the objects whose key is worth it; the keys that led there."""
    for key in _keys(text):
        opening = text.peek()
        if opening == "[" and _holds_objects(text):
            return [key]
        if opening == "{" and enter(key):
            path = _search(text, enter)
            if path is not None:
                return [key, *path]
            continue
        text.value()
    return None


def _holds_objects(text: Text) -> bool:
    """Whether the list that begins here begins with an object or is empty, without moving."""
    while True:
        rest = text.data[text.at + 1 :].lstrip(SPACE)
        if rest or not text.more():
            return rest[:1] in ("{", "]")


def values(text: Text) -> Iterator[Any]:
    """The values of the list that begins here, one by one."""
    text.at += 1
    while True:
        mark = text.peek()
        if mark == ",":
            text.at += 1
        elif mark == "]":
            text.at += 1
            return
        elif mark == "":
            raise text.broken("the list is never closed")
        else:
            yield text.value()
