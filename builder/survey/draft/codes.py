"""Which codes of a column are answers, and which say why there is none.

The rules, in this order: a code that the file or its documentation declares missing; a code whose label says so (a
"not sure" between two answers is an answer); a code that a gap parts from the answers, where it is one of those that
surveys use (negative; 7, 8, 9; 66, 77, 88, 99; 94 to 99; 994 to 999 and so on).
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from builder.survey.draft.facts import SHORT, STANDS, Column
from builder.survey.draft.words import missing_label, words
from builder.survey.raw import number_of
from schemas.codebook import Missing

_USUAL = re.compile(r"-\d+|[789]|66|77|88|99|9[4-9]|(?:666|777|888)|99[4-9]|(?:6666|7777|8888)|999[4-9]")
_LETTER = re.compile(r"\.[a-z]")


@dataclass(frozen=True)
class NoAnswer:
    """Why a code is no answer."""

    kind: Missing
    why: str


@dataclass(frozen=True)
class Codes:
    """The codes of one column, or of several that share their answers."""

    answers: Mapping[str, str] = field(default_factory=dict)
    """Code -> label, empty where it has none; in the order of the numbers."""
    missing: Mapping[str, NoAnswer] = field(default_factory=dict)
    low: float | None = None
    """Of the answers that are numbers; None where one is none."""
    high: float | None = None

    @property
    def labels(self) -> dict[str, str]:
        """The answers that have a label."""
        return {code: label for code, label in self.answers.items() if label}


def codes_of(columns: Sequence[Column], *, gaps: bool = True) -> Codes:
    """Return answers and missing codes of columns that share them; without `gaps` only by declaration and label."""
    labels: dict[str, str] = {}
    seen: dict[str, int] = {}
    declared: set[str] = set()
    for column in columns:
        labels |= {code: label for code, label in column.labels.items() if code not in labels}
        declared |= column.missing
        for code, count in column.counts.items():
            seen[code] = seen.get(code, 0) + count
    every = {code: labels.get(code, "") for code in sorted({*labels, *seen, *declared}, key=_order)}
    missing = {code: _declared(label) for code, label in every.items() if code in declared or _LETTER.fullmatch(code)}
    missing |= {code: NoAnswer(Missing.UNSPECIFIED, "") for code in every if code in words().tokens}
    missing |= _told(every, missing)
    if all(column.is_numeric for column in columns):
        words_among = {
            one: count for one, count in seen.items() if number_in(one) is None and one not in {*missing, *labels}
        }
        missing |= {
            one: NoAnswer(Missing.UNSPECIFIED, "text among numbers") for one in words_among if seen[one] >= STANDS
        }
        every = {one: label for one, label in every.items() if one in missing or one not in words_among}
    if gaps:
        missing |= _parted({code: label for code, label in every.items() if code not in missing}, set(labels))
    answers = {code: label for code, label in every.items() if code not in missing}
    numbers = [number_in(code) for code in answers]
    known = [number for number in numbers if number is not None]
    whole = bool(known) and len(known) == len(numbers)
    return Codes(answers, missing, min(known) if whole else None, max(known) if whole else None)


def number_in(code: str) -> float | None:
    """Return the number that a code is, with a point or a comma before fractions; None where it is none."""
    number = number_of(code.replace(",", "."))
    return number if number is not None and math.isfinite(number) else None


def _declared(label: str) -> NoAnswer:
    if not label:
        return NoAnswer(Missing.UNSPECIFIED, "declared missing; no label says why")
    kind = missing_label(label)
    return NoAnswer(kind or Missing.UNSPECIFIED, label if kind else f"declared missing: {label}")


def _told(every: Mapping[str, str], missing: Mapping[str, NoAnswer]) -> dict[str, NoAnswer]:
    """Codes whose label, or that as a word, names a missing answer, unless they lie between answers."""
    told = {
        code: kind
        for code, label in every.items()
        if code not in missing and (kind := missing_label(label or code)) is not None and len(code) <= SHORT
    }
    rest = [
        number for code in every if code not in missing and code not in told and (number := number_in(code)) is not None
    ]
    inside = {
        code for code in told if rest and (number := number_in(code)) is not None and min(rest) < number < max(rest)
    }
    return {code: NoAnswer(kind, every[code] or code) for code, kind in told.items() if code not in inside}


def _parted(every: Mapping[str, str], labelled: set[str]) -> dict[str, NoAnswer]:
    numbers = sorted((number, code) for code in every if (number := number_in(code)) is not None)
    if len(numbers) != len(every) or not numbers or any(number % 1 for number, _ in numbers):
        return {}
    found: dict[str, NoAnswer] = {}
    core = [(number, code) for number, code in numbers if number >= 0]
    below = [code for number, code in numbers if number < 0]
    if core and _is_scale(core) and all(_is_scale_end(core, code) for code in below):
        found |= {code: _gap(every[code], "negative") for code in below}
    place = next((n for n in range(1, len(core)) if core[n][0] - core[n - 1][0] > 1), len(core))
    above = [code for _, code in core[place:]]
    if place > 1 and above and all(_USUAL.fullmatch(code) for code in above):
        found |= {code: _gap(every[code], "a gap parts it from the answers") for code in above}
    return found


def _is_scale(core: Iterable[tuple[float, str]]) -> bool:
    """Whether there are at least two answers from 0 on: a scale of -3 to 3 has negative answers."""
    return len(list(core)) > 1


def _is_scale_end(core: Sequence[tuple[float, str]], code: str) -> bool:
    """Whether a negative code does not mirror a positive one."""
    return code.removeprefix("-") not in {other for _, other in core} or core[0][0] > 0


def _gap(label: str, why: str) -> NoAnswer:
    return NoAnswer(Missing.UNSPECIFIED, f"{why}; {f'its label: {label}' if label else 'no label says why'}")


def _order(code: str) -> tuple[int, float, str]:
    number = number_in(code)
    return (1, 0.0, code) if number is None else (0, number, code)
