"""What the local server replies: made-up text that fits the JSON Schema asked for, the same for the same request."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from schemas.identity import digest

PHRASES = Path(__file__).with_name("phrases.yaml")


class Phrasebook:
    """Writes values for JSON Schemas from a file of phrases; `about` decides which."""

    def __init__(self, path: Path = PHRASES) -> None:
        self._phrases: Mapping[str, Sequence[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))

    def value(self, schema: Mapping[str, Any], about: str, name: str = "") -> Any:  # noqa: ANN401 - any JSON value
        """Return a value of the schema. Known: enum, object, array, string, integer, number, boolean.

        A string called `topic`, `question`, `answer_1` or `answer_2` reads as one.
        """
        if "enum" in schema:
            return _pick(schema["enum"], about, name)
        match schema.get("type"):
            case "object":
                return {key: self.value(part, about, key) for key, part in schema.get("properties", {}).items()}
            case "array":
                return [self.value(schema.get("items", {}), about, f"{name}.{place}") for place in range(2)]
            case "integer" | "number":
                return _pick(range(10), about, name)
            case "boolean":
                return _pick([False, True], about, name)
            case _:
                return self.text(about, name)

    def text(self, about: str, name: str = "") -> str:
        """Return a text called `name`."""
        match name:
            case "topic":
                return self._one("topics", about)
            case "question":
                who, what = self._one("people", about), self._one("events", about)
                return f"My {who} {what} {self._one('times', about)}. {self._one('asks', about)}"
            case "answer_1" | "answer_2":
                steps = "first_steps" if name == "answer_1" else "second_steps"
                own = f"{steps} {about}"
                return f"{self._one('starts', own)}, {self._one(steps, own)}. {self._one('reasons', own)}"
            case _:
                return self._one("reasons", f"{name} {about}")

    def _one(self, kind: str, about: str) -> str:
        return str(_pick(self._phrases[kind], about, kind))


def _pick(choice: Sequence[Any], about: str, purpose: str) -> Any:  # noqa: ANN401
    return choice[int(digest(f"pick {purpose}", about)[:12], 16) % len(choice)]
