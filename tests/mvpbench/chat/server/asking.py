"""Asking the local server over its socket, without a client that hides what came back."""

import http.client
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from mvpbench.chat.server import LocalServer
from tests.mvpbench.chat.made import SCHEMA

HOST = "127.0.0.1"
CHAT = "/v1/chat/completions"
PATIENCE_S = 60.0


class Got(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the JSON value of the body."""
        return json.loads(self.body)

    def content(self) -> Any:
        """Return the content of the completion."""
        return self.json()["choices"][0]["message"]["content"]


class Answers(BaseModel):
    """What `SCHEMA` asks for."""

    topic: str
    question: str
    answer_1: str
    answer_2: str


def a_body(text: str = "a", schema: str | None = SCHEMA, **changes: object) -> dict[str, Any]:
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": text}]}
    if schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "schema": json.loads(schema)},
        }
    return body | changes


def ask(server: LocalServer, body: object = None, *, path: str = CHAT, method: str = "POST", key: str = "any") -> Got:
    """Raises http.client.HTTPException or ConnectionError where the answer does not come whole."""
    return ask_at((HOST, server.server_address[1]), body, path=path, method=method, key=key)


def ask_at(
    address: tuple[str, int], body: object = None, *, path: str = CHAT, method: str = "POST", key: str = "any"
) -> Got:
    connection = http.client.HTTPConnection(*address, timeout=PATIENCE_S)
    content = body if isinstance(body, bytes) else json.dumps(a_body() if body is None else body).encode()
    try:
        connection.request(method, path, content if method == "POST" else None, {"Authorization": f"Bearer {key}"})
        reply = connection.getresponse()
        return Got(reply.status, dict(reply.getheaders()), reply.read())
    finally:
        connection.close()
