"""What a rater's answer means: found to be one that the interface could have made, and mapped back to answer ids."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.tasks.interface import DEFECTS, PREFERENCE, SURENESS
from schemas.annotation import Assignment, ItemDefect, TaskKind
from schemas.record import Record

Region = Mapping[str, Any]
CONTROLS = {
    TaskKind.PERSON: ("preference", "sureness", "comment"),
    TaskKind.ITEM: ("side", "defects", "comment"),
}
"""Of the two interfaces; the first is required."""


class Answered(Record):
    """One rater's answer: the vote by answer id, or `both`, `neither`, `cannot_tell`."""

    vote: str
    sureness: str | None = None
    defects: tuple[ItemDefect, ...] = ()
    comment: str | None = None


class MisfitError(ValueError):
    """An annotation that the interface could not have made. `reason` is the code it is dropped with."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def read_answer(result: Sequence[Region], assigned: Assignment) -> Answered:
    """Return what an annotation's `result` says. The server checks nothing: MisfitError for what cannot be."""
    controls = CONTROLS[assigned.task]
    regions = _regions(result, controls)
    choice = _choice(regions, controls[0], PREFERENCE)
    if choice is None:
        raise MisfitError("no-answer", f"no region `{controls[0]}`")
    order = {"A": assigned.answer_order[0], "B": assigned.answer_order[1]}
    return Answered(
        vote=order.get(choice, choice),
        sureness=_choice(regions, "sureness", SURENESS),
        defects=_defects(regions),
        comment=_comment(regions),
    )


def _regions(result: Sequence[Region], controls: Sequence[str]) -> dict[str, Region]:
    regions: dict[str, Region] = {}
    for region in result:
        name = str(region.get("from_name"))
        if name not in controls:
            raise MisfitError("unknown-control", name[:200])
        if name in regions:
            raise MisfitError("control-twice", name)
        regions[name] = region
    return regions


def _choice(regions: Mapping[str, Region], name: str, codes: Mapping[str, str]) -> str | None:
    """Return the one code chosen, None where the control was left out."""
    if name not in regions:
        return None
    match regions[name].get("value"):
        case {"choices": [str(code)]} if code in codes:
            return code
        case other:
            raise MisfitError("unknown-choice", f"{name}: {other}"[:200])


def _defects(regions: Mapping[str, Region]) -> tuple[ItemDefect, ...]:
    match regions.get("defects", {}).get("value"):
        case None:
            return ()
        case {"choices": [*codes]} if all(isinstance(code, str) and code in DEFECTS for code in codes):
            return tuple(one for one in ItemDefect if one.value in codes)
        case other:
            raise MisfitError("unknown-choice", f"defects: {other}"[:200])


def _comment(regions: Mapping[str, Region]) -> str | None:
    match regions.get("comment", {}).get("value"):
        case None:
            return None
        case {"text": [*lines]} if all(isinstance(line, str) for line in lines):
            return "\n".join(lines).strip() or None
        case {"text": str(line)}:
            return line.strip() or None
        case other:
            raise MisfitError("unknown-comment", str(other)[:200])
