"""What a model must write back, and our reading of what it did: the server's promise of a schema is not relied on."""

import json
from typing import NamedTuple

from pydantic import Field, ValidationError, field_validator

from schemas.record import Record

SHOWN_CHARACTERS = 500


class WrittenQuestion(Record):
    """A question as a model writes it; which side each answer expresses, the prompt said."""

    topic: str
    question: str
    answer_1: str
    answer_2: str

    @field_validator("*")
    @classmethod
    def _single_spaces(cls, text: str) -> str:
        return " ".join(text.split())


class _Three(Record):
    questions: tuple[WrittenQuestion, ...] = Field(min_length=3, max_length=3)


SHAPES: dict[int, type[WrittenQuestion] | type[_Three]] = {1: WrittenQuestion, 3: _Three}
"""By the number of questions that one call writes."""


def response_schema(questions: int) -> str:
    """Return the JSON Schema that is asked of the server, and hashed into the writer's version."""
    return json.dumps(SHAPES[questions].model_json_schema(), sort_keys=True, separators=(",", ":"))


class Misfit(NamedTuple):
    """Why a reply cannot be used."""

    reason: str
    """Kebab-case code."""
    problem: str
    """In words, without quoting the reply: neither its values nor names of fields it made up."""


def read_written(text: str, questions: int = 1) -> tuple[WrittenQuestion, ...] | Misfit:
    """Return the questions in `text`, white space made single, or what is wrong with its shape.

    Reasons: `not-json`, `wrong-shape` (other fields than asked for). Words around the JSON object are passed over:
    servers that do not know structured output let models chat.
    """
    inner = text[text.find("{") : text.rfind("}") + 1]
    try:
        written = SHAPES[questions].model_validate_json(inner)
    except ValidationError as exc:
        problems = exc.errors(include_url=False, include_input=False, include_context=False)
    else:
        return written.questions if isinstance(written, _Three) else (written,)
    reason = "not-json" if problems[0]["type"] == "json_invalid" else "wrong-shape"
    said = dict.fromkeys(": ".join([*map(_field, problem["loc"]), problem["msg"]]) for problem in problems)
    return Misfit(reason, "; ".join(said)[:SHOWN_CHARACTERS])


def _field(name: int | str) -> str:
    """A name that is not ours is the model's text; a number says which of several."""
    if isinstance(name, int):
        return f"number {name + 1}"
    known = name in WrittenQuestion.model_fields or name in _Three.model_fields
    return name if known else "a field that was not asked for"
