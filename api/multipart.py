"""A multipart/form-data body read as it arrives (RFC 7578): the file goes on to the disk, nothing is kept in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from core.errors import BadInput

MAX_FIELD_BYTES = 64 * 1024  # a name, a few options
MAX_FIELDS = 20


class Form:
    """Fields and one file, in any order. Iterate `contents()` to the end, then all `fields` are known."""

    def __init__(self, content_type: str, pieces: Iterator[bytes]) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise BadInput("Send the file as multipart/form-data, in a field called “file”.", field="file")
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self._pieces = pieces
        self._arrived: deque[bytes] = deque()  # of the file, not yet handed on
        self._header, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._field: str | None = None
        self._text = bytearray()
        self._in_file = self._ended = False
        self._parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": self._headers_begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._part_begins,
                "on_part_data": self._data,
                "on_part_end": self._part_ends,
                "on_end": self._body_ends,
            },
        )

    def contents(self) -> Iterator[bytes]:
        """The bytes of the field `file`, as they arrive. Raises BadInput for a body without one, or a broken one."""
        while self.file_name is None and self._advance():
            pass
        if self.file_name is None:
            raise BadInput(
                "The request has no file.", "Send it as multipart/form-data, in a field called “file”.", field="file"
            )
        more = True
        while more or self._arrived:
            while self._arrived:
                yield self._arrived.popleft()
            more = more and self._advance()
        if not self._ended:
            raise BadInput("The request ended in the middle of the file.", "Send it again.", field="file")

    def seek(self) -> str:
        """Read as far as the file's name and give it."""
        while self.file_name is None and self._advance():
            pass
        return self.file_name or ""

    def _advance(self) -> bool:
        piece = next(self._pieces, b"")
        if not piece:
            return False
        try:
            self._parser.write(piece)
        except MultipartParseError as broken:
            raise BadInput("The body is not valid multipart/form-data.", "Send it again.", field="file") from broken
        return True

    def _headers_begin(self) -> None:
        self._headers = {}
        self._header = self._value = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _part_begins(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name == "file":
            if self.file_name is not None:
                raise BadInput("The request has two files.", "Send one file a request.", field="file")
            self.file_name = options.get(b"filename", b"file").decode("utf-8", "replace")
            self._in_file = True
        else:
            if len(self.fields) >= MAX_FIELDS:
                raise BadInput(f"The request has more than {MAX_FIELDS} fields.")
            self._field, self._text = name, bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._arrived.append(data[start:end])
        else:
            self._text += data[start:end]
            if len(self._text) > MAX_FIELD_BYTES:
                raise BadInput(f"The field “{self._field}” is too long.", field=self._field)

    def _part_ends(self) -> None:
        if not self._in_file and self._field is not None:
            self.fields[self._field] = self._text.decode("utf-8", "replace")
        self._in_file, self._field = False, None

    def _body_ends(self) -> None:
        self._ended = True
