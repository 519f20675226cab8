"""The *person* task: what goes out to a rater, and what a rater's answer means."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.interface import PREFERENCE, SURENESS
from schemas.annotation import Assignment
from schemas.identity import content_id, digest, uniform
from schemas.questions import Instance, Question
from schemas.record import Record
from schemas.visible import is_seen


class Answered(Record):
    """One rater's answer: the vote by answer id, or `both`, `neither`, `cannot_tell`."""

    vote: str
    sureness: str | None
    comment: str | None


class MisfitError(ValueError):
    """An annotation that the interface could not have made. `reason` is the code it is dropped with."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def assignment(instance: Instance, question: Question, profile: str, slot: str) -> Assignment:
    """Return the instance's assignment to a slot; which answer is A is drawn by hash. `profile` is in plain words."""
    first, second = (answer.id for answer in question.answers)
    order = (second, first) if uniform("answer-order", instance.id, slot) < 1 / 2 else (first, second)
    shown = digest("shown", *(part for pair in _shown(question, order, profile).items() for part in pair))
    return Assignment(
        uid=content_id("t", instance.id, slot, shown),
        instance_id=instance.id,
        slot=slot,
        answer_order=order,
        shown_sha256=shown,
    )


def task_data(assigned: Assignment, question: Question, profile: str) -> dict[str, str]:
    """Return what the server gets to know: no expected answer, no score, no dimension, no country."""
    return {"uid": assigned.uid} | _shown(question, assigned.answer_order, profile)


def read_answer(result: Sequence[Mapping[str, Any]], assigned: Assignment) -> Answered:
    """Return what an annotation's `result` says. The server checks nothing: MisfitError for what cannot be."""
    regions: dict[str, Mapping[str, Any]] = {}
    for region in result:
        name = str(region.get("from_name"))
        if name not in ("preference", "sureness", "comment"):
            raise MisfitError("unknown-control", name)
        if name in regions:
            raise MisfitError("control-twice", name)
        regions[name] = region
    choice = _choice(regions, "preference", PREFERENCE)
    if choice is None:
        raise MisfitError("no-preference", "no region `preference`")
    order = {"A": assigned.answer_order[0], "B": assigned.answer_order[1]}
    return Answered(
        vote=order.get(choice, choice), sureness=_choice(regions, "sureness", SURENESS), comment=_comment(regions)
    )


def _shown(question: Question, order: tuple[str, str], profile: str) -> dict[str, str]:
    """Return the texts of a task, by the name under which the interface shows them."""
    texts = {answer.id: answer.text for answer in question.answers}
    first, second = (texts[answer] for answer in order)
    shown = {"question": question.text, "answer_a": first, "answer_b": second, "profile": profile}
    return {name: _visible(text) for name, text in shown.items()}


def _visible(text: str) -> str:
    """Leave out what hides or reorders a text; a control between two words was meant to part them."""
    spaced = (" " if char.isspace() and char not in "\n\t" and not is_seen(char) else char for char in text)
    return "".join(char for char in spaced if char in "\n\t" or is_seen(char))


def _choice(regions: Mapping[str, Mapping[str, Any]], name: str, codes: Mapping[str, str]) -> str | None:
    """Return the one code chosen, None where the control was left out."""
    if name not in regions:
        return None
    match regions[name].get("value"):
        case {"choices": [str(code)]} if code in codes:
            return code
        case other:
            raise MisfitError("unknown-choice", f"{name}: {other}"[:200])


def _comment(regions: Mapping[str, Mapping[str, Any]]) -> str | None:
    match regions.get("comment", {}).get("value"):
        case None:
            return None
        case {"text": [*lines]} if all(isinstance(line, str) for line in lines):
            return "\n".join(lines).strip() or None
        case {"text": str(line)}:
            return line.strip() or None
        case other:
            raise MisfitError("unknown-comment", str(other)[:200])
