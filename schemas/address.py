"""Addresses of servers: whether one can be called at all, and whether it is this machine's."""

import ipaddress
from urllib.parse import urlsplit

from schemas.visible import is_seen

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_address(text: str) -> bool:
    """Whether `text` is an http or https address that a client can call: with a host, and without a user or password.

    A port is a number from 1 to 65535; what looks like an IPv4 address is one; nothing in it is a space or unseen.
    """
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
        host.encode("idna")
        if host.replace(".", "").isdecimal():
            ipaddress.IPv4Address(host)
    except ValueError:  # of all four
        return False
    seen = all(is_seen(char) and not char.isspace() for char in text)
    return url.scheme in {"http", "https"} and bool(host) and port != 0 and "@" not in url.netloc and seen


def is_local(url: str) -> bool:
    """Whether an address is on this machine's loopback, which no proxy from the environment can reach."""
    return urlsplit(url).hostname in LOOPBACK
