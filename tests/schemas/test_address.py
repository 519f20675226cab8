"""What a client can call is an address; what it would choke on is none."""

import pytest

from schemas.address import is_address


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8000/v1",
        "https://api.example.org/v1",
        "http://[::1]:8080",
        "http://localhost",
        "http://model_server:1/v1",
        "https://münchen.example/v1",
        "HTTP://HOST:65535",
    ],
)
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:8000",
        "ftp://host/v1",
        "http:///v1",
        "http://user:secret@host/v1",
        "http://[::1/v1",
        "http://127.0.0.1:abc/v1",
        "http://host:99999/v1",
        "http://host:0/v1",
        "http://host:-1/v1",
        "http://host:1_0/v1",
        "http://999.1.1.1/v1",
        "http://a..b/v1",
        "http://a b/v1",
        "http://host/v1\n",
        "http://host/\x7f",
        "http://host/\u202e",
    ],
)
def test_what_is_none(text: str) -> None:
    assert not is_address(text)
