"""What a model must write back, and our reading of what it did: the server's promise of a schema is not relied on."""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple, Self

from pydantic import ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from schemas.record import Record

LONGEST_RATIO = 1.5
"""Between the lengths of the two answers."""
SHOWN_CHARACTERS = 500


class WrittenQuestion(Record):
    """A question as a model writes it; which side each answer expresses, the prompt said."""

    topic: str
    question: str
    answer_1: str
    answer_2: str

    @field_validator("*")
    @classmethod
    def _plain(cls, text: str, info: ValidationInfo) -> str:
        text = " ".join(text.split())
        if not text:
            raise PydanticCustomError("blank-text", "it is empty")
        for name in (info.context or {}).get("taboo", ()):
            if re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
                raise PydanticCustomError("names-value", 'it uses the word "{name}"', {"name": name})
        return text

    @model_validator(mode="after")
    def _alike(self) -> Self:
        if self.answer_1 == self.answer_2:
            raise PydanticCustomError("same-answers", "both answers are the same")
        short, long = sorted((len(self.answer_1), len(self.answer_2)))
        if long > LONGEST_RATIO * short:
            lengths = {"one": len(self.answer_1), "other": len(self.answer_2)}
            raise PydanticCustomError(
                "unequal-length", "the answers are of unequal length, {one} and {other} characters", lengths
            )
        return self


RESPONSE_SCHEMA = json.dumps(WrittenQuestion.model_json_schema(), sort_keys=True, separators=(",", ":"))
"""What is asked of the server, and hashed into the writer's version."""


class Misfit(NamedTuple):
    """Why a reply cannot be used."""

    reason: str
    """Kebab-case code."""
    problem: str
    """In words, without quoting the reply: neither its values nor names of fields it made up."""


def read_written(text: str, taboo: Sequence[str]) -> WrittenQuestion | Misfit:
    """Return the question in `text`, white space made single, or the first thing that is wrong with it.

    Reasons: `not-json`, `wrong-shape` (other fields than asked for), `blank-text`, `names-value` (a word of `taboo`),
    `same-answers`, `unequal-length`. Words around the JSON object are passed over: servers that do not know
    structured output let models chat.
    """
    inner = text[text.find("{") : text.rfind("}") + 1]
    try:
        return WrittenQuestion.model_validate_json(inner, context={"taboo": taboo})
    except ValidationError as exc:
        problems = exc.errors(include_url=False, include_input=False, include_context=False)
    known = {"json_invalid": "not-json"}
    first = problems[0]
    reason = known.get(first["type"], first["type"] if "-" in first["type"] else "wrong-shape")
    said = dict.fromkeys(": ".join([*map(_field, problem["loc"]), problem["msg"]]) for problem in problems)
    return Misfit(reason, "; ".join(said)[:SHOWN_CHARACTERS])


def _field(name: int | str) -> str:
    """A name that is not ours is the model's text."""
    return str(name) if name in WrittenQuestion.model_fields else "a field that was not asked for"
