"""The model behind the server: a request for a chat completion becomes a reply that depends on the request alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mvpbench.chat.replies import Phrasebook
from mvpbench.chat.server.answers import NO_JSON, Answer, error
from mvpbench.chat.server.faults import Fault
from schemas.identity import digest

BYTES_PER_TOKEN = 4
REFUSAL = "I cannot help with that."
# ASCII, for half of a surrogate pair, which JSON may hold, has no bytes in UTF-8.
_CANONICAL = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


def request_key(body: object) -> str:
    """Return the key of a request: of its JSON value, or of its text where that is none.

    It is the same however the JSON was written, and whether the request came by itself or as a line of a batch.
    """
    return digest("request", _CANONICAL(body))


def pseudo_tokens(*texts: str) -> int:
    """Return the tokens of texts, as the server counts them in `usage`: a token is four bytes of UTF-8, begun or full.

    No model counts so; English is about as long in the tokens of real ones.
    """
    return -(-sum(len(text.encode("utf-8", "replace")) for text in texts) // BYTES_PER_TOKEN)


@dataclass(frozen=True)
class Asked:
    """A request for a chat completion."""

    key: str
    body: object

    @classmethod
    def read(cls, body: bytes) -> "Asked":
        """Return the request in a body, whether or not it is a good one."""
        try:
            return cls.of(json.loads(body))
        except (ValueError, RecursionError):
            return cls.of(body.decode("utf-8", "replace"))

    @classmethod
    def of(cls, value: object) -> "Asked":
        """Return the request that a JSON value is."""
        return cls(request_key(value), value)


class Completions:
    """Answers requests, well or with a content fault."""

    def __init__(self, models: frozenset[str]) -> None:
        self.models = models
        """Names it knows; empty for any."""
        self.phrases = Phrasebook()

    def answer(self, asked: Asked, fault: Fault | None) -> Answer:
        """Return a completion, which is paid, or the error that the request itself is to blame for."""
        try:
            body = asked.body
            if not isinstance(body, dict):
                return error(400, "bad_request", "cannot read the request: it is no JSON object")
            if not self.knows(body["model"]):
                return error(404, "model_not_found", f"The model `{body['model']}` does not exist.")
            reply = self._reply(asked.key, body, fault)
        except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as exc:
            return error(400, "bad_request", f"cannot read the request: {exc!r}")
        return Answer(200, NO_JSON if fault is Fault.NOT_JSON else reply)

    def knows(self, model: object) -> bool:
        """Tell whether there is such a model."""
        return not self.models or model in self.models

    def _reply(self, key: str, asked: Mapping[str, Any], fault: Fault | None) -> dict[str, Any]:
        text, finish, refusal = self._text(key, asked), "stop", None
        match fault:
            case Fault.TRUNCATED:
                text, finish = text[: len(text) // 2], "length"
            case Fault.WRONG_SCHEMA:
                text = json.dumps({"text": self.phrases.text(key)})
            case Fault.INVALID_CONTENT:
                text = self.phrases.text(key, "answer_1")
            case Fault.REFUSAL:
                refusal = REFUSAL
        message = {"role": "assistant", "content": None if refusal else text, "refusal": refusal}
        reply = {
            "id": f"chatcmpl-{key[:16]}",
            "object": "chat.completion",
            "created": 0,
            "model": asked["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        }
        prompt = pseudo_tokens(*(part for message in asked["messages"] for part in _parts(message["content"])))
        if fault is not Fault.USAGE_MISSING:
            written = pseudo_tokens(refusal or text)
            reply["usage"] = {
                "prompt_tokens": prompt,
                "completion_tokens": written,
                "total_tokens": prompt + written,
            }
        return reply

    def _text(self, key: str, asked: Mapping[str, Any]) -> str:
        schema = (asked.get("response_format") or {}).get("json_schema", {}).get("schema")
        if schema is None:
            return self.phrases.text(key, "answer_1")
        return json.dumps(self.phrases.value(schema, key), ensure_ascii=False)


def _parts(content: str | list[Mapping[str, Any]] | None) -> list[str]:
    """Content is a text, or a list of parts of which some are."""
    if isinstance(content, str):
        return [content]
    return [part["text"] for part in content or [] if part.get("type") == "text"]
