"""What the local server writes: it fits any schema that pydantic emits, and reads as what the writers ask for."""

import json
import re
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from builder.frameworks import built_in_frameworks
from builder.writers.written import RESPONSE_SCHEMA, WrittenQuestion, read_written
from mvpbench.chat.replies import PHRASES, Phrasebook

BOOK = Phrasebook()
MANY = [str(number) for number in range(2000)]


class Colour(StrEnum):
    """An enum."""

    RED = "red"
    GREEN = "green"


class Leaf(BaseModel):
    """An object."""

    model_config = ConfigDict(extra="forbid")
    name: str
    size: int


class Left(BaseModel):
    """One of two, told apart by `side`."""

    side: Literal["left"]
    leaf: Leaf


class Right(BaseModel):
    """The other."""

    side: Literal["right"]


class Tree(BaseModel):
    """Everything that the filler is to know, as pydantic puts it into a schema."""

    model_config = ConfigDict(extra="forbid")
    colour: Colour
    one: Literal["only"]
    few: Annotated[list[Leaf], Field(min_length=3, max_length=5)]
    short: Annotated[list[str], Field(max_length=1)]
    pair: tuple[int, str]
    perhaps: Leaf | None
    backwards: None | int  # noqa: RUF036 - the order is what is tested
    level: Annotated[int, Field(ge=1, le=5)]
    above: Annotated[int, Field(gt=100)]
    below: Annotated[int, Field(lt=-100)]
    share: Annotated[float, Field(gt=0, lt=1)]
    ok: bool
    nothing: None
    either: Annotated[Left | Right, Field(discriminator="side")]
    title: Annotated[str, Field(max_length=8)]
    essay: Annotated[str, Field(min_length=200)]
    tags: dict[str, int]


TREE = Tree.model_json_schema()


class Chain(BaseModel):
    """Refers to itself."""

    next: "Chain | None"
    others: "list[Chain]"


@given(about=st.text())
def test_values_fit_the_schema_of_a_model(about: str) -> None:
    value = BOOK.value(TREE, about)
    read = Tree.model_validate(value)
    assert len(read.few) == 3
    assert read.perhaps is not None
    assert read.backwards is not None
    assert value == BOOK.value(TREE, about)


def links(chain: Chain | None) -> int:
    return 0 if chain is None else 1 + links(chain.next)


def test_a_schema_that_refers_to_itself_comes_to_an_end() -> None:
    chain = Chain.model_validate(BOOK.value(Chain.model_json_schema(), "a"))
    assert 2 < links(chain) < 20
    assert len(chain.others) == 2


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"type": "object", "properties": {"a": {"$ref": "#"}}}])
def test_a_schema_without_end_is_an_error(schema: dict[str, object]) -> None:
    with pytest.raises(RecursionError):
        BOOK.value(schema, "a")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"const": None}, None),
        ({"type": ["null", "boolean"], "enum": [True]}, True),
        ({"type": ["null", "integer"], "minimum": 4, "maximum": 4}, 4),
        ({"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6}, 5),
        ({"type": "array", "maxItems": 0}, []),
        ({"allOf": [{"type": "integer"}, {"minimum": 7, "maximum": 7}]}, 7),
        ({"type": "object"}, {}),
        ({"properties": {"a": {"const": 1}}}, {"a": 1}),
        ({"$defs": {"a/b": {"const": 3}}, "$ref": "#/$defs/a~1b"}, 3),
        ({"type": "array", "minItems": 3, "items": {"const": "x"}}, ["x", "x", "x"]),
    ],
)
def test_keywords_of_schemas(schema: dict[str, object], expected: object) -> None:
    value = BOOK.value(schema, "about")
    assert (value, type(value)) == (expected, type(expected))


def test_the_parts_of_an_array_differ_and_those_of_one_object_belong_together() -> None:
    schema = {
        "type": "array",
        "minItems": 4,
        "items": {"type": "object", "properties": {name: {} for name in ("topic", "question", "answer_1")}},
    }
    parts = BOOK.value(schema, "about")
    assert len({part["question"] for part in parts}) == 4
    assert len({part["answer_1"] for part in parts}) == 4
    topics = BOOK.value({"type": "array", "items": {"$ref": "#/x"}, "x": {"properties": {"topic": {}}}}, "about")
    assert [topic["topic"] for topic in topics] == [part["topic"] for part in parts[:2]]


def words(text: str) -> int:
    return len(text.split())


@given(about=st.text())
def test_a_question_reads_as_the_writers_ask(about: str) -> None:
    """One to three sentences in the first person; two answers of 30 to 60 words each in two or three sentences."""
    question = BOOK.text(about, "question")
    assert question.endswith("?")
    assert re.search(r"\b(I|my|me|we)\b", question, re.IGNORECASE)
    assert len(re.findall(r"[.?]", question)) == 3
    assert words(BOOK.text(about, "topic")) in {2, 3}
    answers = [BOOK.text(about, name) for name in ("answer_1", "answer_2")]
    assert answers[0] != answers[1]
    assert all(30 <= words(answer) <= 60 for answer in answers)
    assert abs(words(answers[0]) - words(answers[1])) <= 6
    assert all(len(re.findall(r"[.]", answer)) == 3 for answer in answers)


@given(about=st.text())
def test_what_is_written_is_read_by_the_builder(about: str) -> None:
    text = BOOK.value(json.loads(RESPONSE_SCHEMA), about)
    assert read_written(json.dumps(text), []) == WrittenQuestion(**text)


def test_no_phrase_uses_the_name_of_a_value() -> None:
    phrases = PHRASES.read_text(encoding="utf-8").partition("topics:")[2]
    titles = {dimension.title for framework in built_in_frameworks() for dimension in framework.dimensions}
    assert len(titles) > 40
    assert [title for title in titles if re.search(rf"\b{re.escape(title)}\b", phrases, re.IGNORECASE)] == []


def test_texts_are_various() -> None:
    """An answer is one of 10 x 14 x 12 x 12 = 20,160: 2,000 draws hit about 1,900; questions are 2.7 million."""
    assert len({BOOK.text(about, "question") for about in MANY}) >= 1990
    assert len({BOOK.text(about, "answer_1") for about in MANY}) > 1800
    assert len({BOOK.text(about, "answer_2") for about in MANY}) > 1800
