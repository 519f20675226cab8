"""What the local server replies: made-up text that fits the JSON Schema asked for, the same for the same request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

PHRASES = Path(__file__).with_name("phrases.yaml")
USUAL_ITEMS = 2
"""Of an array, where the schema allows it."""
USUAL_SPAN = 9
"""From the least number to the largest, where the schema does not give both."""
DEEPEST = 6
"""Levels after which arrays are as short as they may be and what may be null is: a schema can refer to itself."""

Schema = Mapping[str, Any]


class Phrasebook:
    """Writes values for JSON Schemas from a file of phrases; `about` decides which."""

    def __init__(self, path: Path = PHRASES) -> None:
        self._phrases = _read(path)

    def value(self, schema: Schema, about: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return a value of the schema.

        Known: type (also a list of them), properties, items, prefixItems, minItems, maxItems, $ref into this schema,
        enum, const, anyOf and oneOf (the first that is not null), allOf, minimum, maximum and both exclusive,
        minLength, maxLength. All properties are filled. A string called `topic`, `question`, `answer_1` or `answer_2`
        reads as one, and those of one object belong together; any other is a sentence.

        Raises:
            LookupError: a reference leads nowhere.
            RecursionError: the schema has no end.
        """
        return _Filler(self, schema, about).value(schema, "", "")

    def text(self, about: str, name: str = "") -> str:
        """Return a text called `name`."""
        match name:
            case "topic":
                return self._topic(about)
            case "question":
                event = _pick(self._phrases["topics"][self._topic(about)], about, "event")
                people, times, so_far, asks = (self._one(kind, about) for kind in ("people", "times", "so_far", "asks"))
                return f"My {people} {event} {times}. {so_far} {asks}"
            case "answer_1" | "answer_2":
                steps = "first_steps" if name == "answer_1" else "second_steps"
                own = f"{steps} {about}"
                start, step, after, reason = (self._one(kind, own) for kind in ("starts", steps, "nexts", "reasons"))
                return f"{start}, {step}. {after}. {reason}."
            case _:
                return f"{self._one('reasons', f'{name} {about}')}."

    def _topic(self, about: str) -> str:
        return str(_pick(list(self._phrases["topics"]), about, "topics"))

    def _one(self, kind: str, about: str) -> str:
        return str(_pick(self._phrases[kind], about, kind))


@dataclass(frozen=True)
class _Filler:
    book: Phrasebook
    root: Schema
    about: str

    def value(self, schema: Schema, parent: str, name: str, depth: int = 0) -> Any:  # noqa: ANN401
        """Return a value called `name` in the object or array at the path `parent`."""
        schema = self._plain(schema, depth)
        path = f"{parent}/{name}"
        if "const" in schema or "enum" in schema:
            return _pick([schema["const"]] if "const" in schema else schema["enum"], self.about, path)
        match schema.get("type", "object" if "properties" in schema else None):
            case "object":
                parts = schema.get("properties", {})
                return {key: self.value(part, path, key, depth + 1) for key, part in parts.items()}
            case "array":
                return self._array(schema, path, depth)
            case "integer" | "number" | "boolean" | "null" as kind:
                return _plain_value(kind, schema, _number(self.about, path))
            case _:
                return self._text(schema, parent, name)

    def _plain(self, schema: Schema, depth: int) -> Schema:
        """Return what a schema comes to, its references and choices followed."""
        if "$ref" in schema:
            beside = {key: schema[key] for key in schema if key != "$ref"}
            return self._plain({**self._referred(schema["$ref"]), **beside}, depth)
        if "allOf" in schema:
            return {key: value for part in schema["allOf"] for key, value in self._plain(part, depth).items()}
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            return _chosen([self._plain(choice, depth) for choice in choices[:2]], depth)
        if isinstance(schema.get("type"), list):
            return _chosen([{**schema, "type": kind} for kind in schema["type"]], depth)
        return schema

    def _referred(self, reference: str) -> Schema:
        found: Any = self.root
        for step in reference.removeprefix("#").split("/")[1:]:
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return dict(found)

    def _array(self, schema: Schema, path: str, depth: int) -> list[Any]:
        first = schema.get("prefixItems", [])
        least = max(schema.get("minItems", 0), len(first))
        most = schema.get("maxItems", max(least, USUAL_ITEMS))
        count = least if depth > DEEPEST else min(max(least, USUAL_ITEMS), most)
        items = [*first, *[schema.get("items", {})] * (count - len(first))]
        return [self.value(item, path, str(place), depth + 1) for place, item in enumerate(items)]

    def _text(self, schema: Schema, parent: str, name: str) -> str:
        text = self.book.text(f"{parent} {self.about}" if parent.strip("/") else self.about, name)
        while len(text) < schema.get("minLength", 0):
            text = f"{text} {text}"
        return text[: schema.get("maxLength", len(text))]


def _chosen(choices: Sequence[Schema], depth: int) -> Schema:
    """The first that is not null; in the depth, null if it may be."""
    wanted = [choice for choice in choices if (choice.get("type") == "null") == (depth > DEEPEST)]
    return wanted[0] if wanted else choices[0]


def _plain_value(kind: str, schema: Schema, drawn: int) -> float | None:
    match kind:
        case "integer":
            low, high = _bounds(schema, 1)
            return int(low + drawn % (high - low + 1))
        case "number":
            low, high = _bounds(schema, 0)
            # Never quite at a bound, for it may be an exclusive one.
            return float(low + (high - low) * (1 + drawn % 99) / 100)
        case "boolean":
            return drawn % 2 == 1
        case _:
            return None


def _bounds(schema: Schema, step: int) -> tuple[Any, Any]:
    """Return the least and the largest number; `step` is what an exclusive bound is off by."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + step
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - step
    if low is None:
        low = 0 if high is None else high - USUAL_SPAN
    return low, low + USUAL_SPAN if high is None else high


@cache
def _read(path: Path) -> Mapping[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def _pick(choice: Sequence[Any], about: str, purpose: str) -> Any:  # noqa: ANN401
    return choice[_number(about, purpose) % len(choice)]


def _number(about: str, purpose: str) -> int:
    """Hashed without the JSON of `schemas.identity`, whose ids outlive a process: these only have to be drawn fast."""
    return int.from_bytes(sha256(f"{purpose}\n{about}".encode("utf-8", "replace")).digest()[:6], "big")
