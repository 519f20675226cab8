"""Who answered too little, or without reading: the framework's rules on which people are scored at all."""

import numpy as np
from numpy.typing import NDArray

from builder.profiles.answers import Answers
from schemas.values import Scoring

TOO_MANY_MISSING = "too-many-missing"
STRAIGHT_LINING = "straight-lining"
PART = 10_000
"""People whose answers are sorted at once."""


def unusable(answers: Answers, scoring: Scoring) -> tuple[str | None, ...]:
    """Return for each person the reason why the answers are not used, None where they are.

    By Schwartz's rules for the ESS: more than `max_missing` items without an answer, or the same answer, in the file's
    own numbers, to more than `max_same` items. A rule that the framework does not set is not applied.
    """
    reasons: list[str | None] = [None] * len(answers.people)
    if scoring.max_same is not None:
        for place in np.flatnonzero(_most_alike(answers) > scoring.max_same):
            reasons[place] = STRAIGHT_LINING
    if scoring.max_missing is not None:
        for place in np.flatnonzero(np.isnan(answers.values).sum(axis=1) > scoring.max_missing):
            reasons[place] = TOO_MANY_MISSING
    return tuple(reasons)


def _most_alike(answers: Answers) -> NDArray[np.int64]:
    """How often each person gave the answer that they gave most often; shape (people,)."""
    most = np.zeros(len(answers.people), dtype=np.int64)
    for start in range(0, len(most), PART):
        rows = np.sort(answers.values[start : start + PART], axis=1)  # NaN last
        longest: NDArray[np.int64] = np.zeros(len(rows), dtype=np.int64)
        run: NDArray[np.int64] = np.zeros(len(rows), dtype=np.int64)
        for column in range(rows.shape[1]):
            same = rows[:, column] == (rows[:, column - 1] if column else np.nan)
            run = np.where(np.isnan(rows[:, column]), 0, np.where(same, run + 1, 1))
            longest = np.maximum(longest, run)
        most[start : start + PART] = longest
    return most
