"""What a model must write back, and our reading of what it did."""

import json

from pydantic import Field, field_validator

from builder.asking import Unread, read_json
from schemas.record import Record


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
FIELDS = frozenset({*WrittenQuestion.model_fields, *_Three.model_fields})


def response_schema(questions: int) -> str:
    """Return the JSON Schema that is asked of the server, and hashed into the writer's version."""
    return json.dumps(SHAPES[questions].model_json_schema(), sort_keys=True, separators=(",", ":"))


def read_written(text: str, questions: int = 1) -> tuple[WrittenQuestion, ...] | Unread:
    """Return the questions in `text`, white space made single, or why it cannot be used."""
    if questions == 1:
        written = read_json(text, WrittenQuestion, FIELDS)
        return written if isinstance(written, Unread) else (written,)
    several = read_json(text, _Three, FIELDS)
    return several if isinstance(several, Unread) else several.questions
