"""Calls and answers of the server, apart from sockets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NO_JSON = b"<html>gateway</html>"
JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Call:
    """A request as it came."""

    method: str
    path: str
    query: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    content: Any
    """A JSON value, or bytes that go as they are."""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE

    def body(self) -> bytes:
        """Return the bytes of the content."""
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


def error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an error in the shape of the API."""
    told = {"message": message, "type": code, "code": code, "param": None}
    return Answer(status, {"error": told}, headers or {})
