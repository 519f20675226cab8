"""Hypothesis strategies for any record of ours, derived from its fields."""

import math
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from hypothesis import reject, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.annotation import Annotation, Assignment
from schemas.chat import ChatReply, ChatRequest
from schemas.codebook import Scale
from schemas.evaluation import EvalResult, Prediction
from schemas.labels import Label
from schemas.questions import Dropped, Instance, Match, Question
from schemas.record import Record
from schemas.survey import Respondent, Survey
from schemas.values import ValueProfile

R = TypeVar("R", bound=Record)

TABLE_RECORDS: tuple[type[Record], ...] = (
    Survey,
    Respondent,
    ValueProfile,
    Match,
    Question,
    Instance,
    Assignment,
    Annotation,
    Label,
    Prediction,
    EvalResult,
    Dropped,
)
LARGEST = 2**63 - 1


def fraction_of_examples(part: int) -> settings:
    """The profile's number of examples divided by `part`, for what is slow or repeated over many types."""
    return settings(max_examples=max(10, settings.default.max_examples // part))  # type: ignore[union-attr]


def records(record: type[R]) -> st.SearchStrategy[R]:
    """Valid instances of `record`; what its validators refuse is drawn again."""
    if record is Scale:
        pairs = st.tuples(_floats({}), _floats({})).filter(lambda pair: pair[0] != pair[1])
        return pairs.map(lambda pair: record.model_validate({"low": min(pair), "high": max(pair)}))
    fields = {name: _values(field.annotation, field.metadata) for name, field in record.model_fields.items()}
    return st.fixed_dictionaries(fields).map(lambda values: _made(record, values))


def requests() -> st.SearchStrategy[ChatRequest]:
    """Requests to a model."""
    return records(ChatRequest)


def replies() -> st.SearchStrategy[ChatReply]:
    """Replies of a model."""
    return records(ChatReply)


def _made(record: type[R], values: dict[str, Any]) -> R:
    if record is Question:
        first, second = values["answers"]
        values["answers"] = (first, second) if first.id < second.id else (second, first)
    try:
        return record(**values)
    except ValidationError:
        reject()


def _values(annotation: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        members = [_values(member, metadata) for member in arguments if member is not NoneType]
        return st.one_of(st.none(), *members)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(_values(arguments[0], []), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*(_values(argument, []) for argument in arguments))
    if origin is dict:
        return st.dictionaries(_values(arguments[0], []), _values(arguments[1], []), max_size=3)
    return _scalars(annotation, metadata)


def _scalars(annotation: type, metadata: list[Any]) -> st.SearchStrategy[Any]:
    bounds = {
        name: value
        for item in metadata
        for name in ("ge", "gt", "le", "lt")
        if (value := getattr(item, name, None)) is not None
    }
    pattern = next((item.pattern for item in metadata if getattr(item, "pattern", None)), None)
    if issubclass(annotation, Record):
        return records(annotation)
    if issubclass(annotation, Enum):
        return st.sampled_from(list(annotation))
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(min_value=bounds.get("ge", -LARGEST), max_value=bounds.get("le", LARGEST))
    if annotation is float:
        return _floats(bounds)
    return st.from_regex(pattern, fullmatch=True) if pattern else st.text(max_size=12)


def _floats(bounds: dict[str, float]) -> st.SearchStrategy[float]:
    low = bounds.get("ge", math.nextafter(bounds["gt"], math.inf) if "gt" in bounds else None)
    high = bounds.get("le", math.nextafter(bounds["lt"], -math.inf) if "lt" in bounds else None)
    return st.floats(min_value=low, max_value=high, allow_nan=False, allow_infinity=False)
