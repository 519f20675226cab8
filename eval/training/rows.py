"""Preference rows: the one place where an expected answer is called `chosen` and the other `rejected`, as TRL does."""

from collections.abc import Callable, Sequence

from schemas.chat import Message
from schemas.errors import Defect, InputError
from schemas.questions import Dropped, Instance, Question
from schemas.record import Record
from schemas.values import Domain, Split

Length = Callable[["Preference"], int]
"""Tokens that a row takes in the chat template, with its longer answer."""


class Preference(Record):
    """A prompt, the answer expected of the person in it, and the other one."""

    instance_id: str
    messages: tuple[Message, ...]
    chosen: str
    rejected: str


def preference(instance: Instance, question: Question, messages: tuple[Message, ...]) -> Preference:
    """Return the row of a training instance.

    Raises:
        Defect: `not-for-training`, unless the instance is of the training split and an in-domain country.
    """
    if instance.split is not Split.TRAIN or instance.domain is not Domain.IN:
        raise Defect(
            "not-for-training",
            f"instance {instance.id}",
            found=f"split {instance.split}, domain {instance.domain}",
            expected="split train, domain in",
        )
    chosen, rejected = question.answers
    if chosen.id != instance.expected:
        chosen, rejected = rejected, chosen
    return Preference(instance_id=instance.id, messages=messages, chosen=chosen.text, rejected=rejected.text)


def fitting(rows: Sequence[Preference], length: Length, most: int) -> tuple[list[Preference], list[Dropped]]:
    """Return the rows of at most `most` tokens, in order, and the others (`too-long`).

    Raises:
        InputError: `no-training-rows`, where none is left.
    """
    kept: list[Preference] = []
    dropped: list[Dropped] = []
    for row in rows:
        tokens = length(row)
        if tokens <= most:
            kept.append(row)
        else:
            detail = f"{tokens} tokens, at most {most}"
            dropped.append(Dropped(stage="train", subject=row.instance_id, reason="too-long", detail=detail))
    if not kept:
        raise InputError(
            "no-training-rows",
            "training rows",
            found=f"{len(rows)} rows, {len(dropped)} of them longer than {most} tokens",
            expected="at least one that fits",
            way_out="build a release with pairs in its training split, or use a model with a longer context",
        )
    return kept, dropped


def as_sft(rows: Sequence[Preference]) -> list[dict[str, object]]:
    """Return conversational prompt/completion rows."""
    return [{"prompt": _prompt(row), "completion": _turn(row.chosen)} for row in rows]


def as_dpo(rows: Sequence[Preference]) -> list[dict[str, object]]:
    """Return conversational prompt/chosen/rejected rows."""
    return [{"prompt": _prompt(row), "chosen": _turn(row.chosen), "rejected": _turn(row.rejected)} for row in rows]


def _prompt(row: Preference) -> list[dict[str, str]]:
    return [message.model_dump() for message in row.messages]


def _turn(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]
