"""The multipart reader: whatever the order of fields and however the bytes are cut, the file comes out byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.multipart import Form
from core.errors import BadInput

TYPE = "multipart/form-data; boundary=xyz"


def body(*parts: bytes) -> bytes:
    return b"".join(b"--xyz\r\n" + p + b"\r\n" for p in parts) + b"--xyz--\r\n"


def field(name: str, value: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()


def file(name: str, contents: bytes) -> bytes:
    return (
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'.encode()
        + contents
    )


def cut(data: bytes, size: int):
    return (data[at : at + size] for at in range(0, len(data), size))


@given(contents=st.binary(max_size=500), size=st.integers(1, 600), first=st.booleans())
def test_the_file_comes_out_byte_for_byte_however_the_body_is_cut(contents, size, first):
    parts = [field("name", "Peserta"), file("données.csv", contents)]
    form = Form(TYPE, cut(body(*(parts if first else parts[::-1])), size))
    assert form.seek() == "données.csv"
    assert b"".join(form.contents()) == contents
    assert form.fields == {"name": "Peserta"}


def test_a_body_without_a_file_says_so():
    with pytest.raises(BadInput, match="no file"):
        list(Form(TYPE, iter([body(field("name", "x"))])).contents())


def test_a_body_that_ends_in_the_middle_is_refused():
    whole = body(file("a.csv", b"a,b\n" * 100))
    form = Form(TYPE, iter([whole[:200]]))
    with pytest.raises(BadInput, match="ended in the middle"):
        list(form.contents())


def test_a_second_file_is_refused():
    with pytest.raises(BadInput, match="two files"):
        list(Form(TYPE, iter([body(file("a.csv", b"1"), file("b.csv", b"2"))])).contents())


def test_another_content_type_is_told_what_to_send():
    with pytest.raises(BadInput, match="multipart/form-data"):
        Form("application/json", iter([b"{}"]))


def test_nonsense_is_refused_with_a_sentence():
    with pytest.raises(BadInput, match="not valid"):
        list(Form(TYPE, iter([b"this is not a multipart body at all"])).contents())


def test_a_field_too_long_to_be_a_name_is_refused():
    with pytest.raises(BadInput, match="too long"):
        list(Form(TYPE, iter([body(field("name", "x" * 100_000), file("a.csv", b"1"))])).contents())
