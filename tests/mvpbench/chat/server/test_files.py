"""Forms: any bytes come out as they went in, and what is no form is said to be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvpbench.chat.server.files import Upload

TYPE = "multipart/form-data; boundary=0123456789abcdef"
AWKWARD = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"--", b"a", b"\xff", b"\x00", b"\x0c", b"\xc2\x85"])).map(
    b"".join
)


def form(content: bytes, purpose: str = "batch") -> bytes:
    return (
        b'--0123456789abcdef\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n' + purpose.encode() + b"\r\n"
        b'--0123456789abcdef\r\nContent-Disposition: form-data; name="file"; filename="a b.jsonl"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--0123456789abcdef--\r\n"
    )


@given(content=st.one_of(st.binary(max_size=200), AWKWARD))
def test_any_bytes_come_out_as_they_went_in(content: bytes) -> None:
    assert Upload.read(TYPE, form(content)) == Upload("batch", "a b.jsonl", content)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("", b""),
        (TYPE, b""),
        ("multipart/form-data", form(b"a")),
        (TYPE, form(b"a").replace(b'name="purpose"', b'name="other"')),
        (TYPE, form(b"a").replace(b'name="file"', b'name="other"')),
    ],
)
def test_what_is_no_form(content_type: str, body: bytes) -> None:
    assert Upload.read(content_type, body) is None
