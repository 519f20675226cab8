"""`paper`: three questions a record, one answer with everything that the person states and one against it.

What MVPBench did (arXiv:2509.08022), for comparison: levels by thresholds on the raw score, any number of dimensions at
once, the writer told them, and nobody on the other side. A person has one record for each line of the free texts whose
codebook says `records: true` (of PRISM a conversation), else one. Its questions give their labels away, as the audit
shows; they have no pairs and stay out of the primary figure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np

from builder.profiles.scoring import Scores
from builder.profiles.sides import Sides, by_thresholds
from builder.recipes.kinds import Rules, purposes
from schemas.codebook import FreeText
from schemas.identity import content_id
from schemas.questions import Dropped, Recipe
from schemas.study import LevelRule
from schemas.survey import Respondent
from schemas.values import ValueProfile

PAPER = Rules(
    recipe=Recipe.PAPER,
    system="paper_system",
    user="paper",
    questions=3,
    told_side=True,
    # One answer ignores or contradicts the person by order: that these differ in kind is what is compared.
    exempt=frozenset({"names-value", "unequal-length", "unequal-quality", "straw-man", "quotes-person"}),
)


class Stated(NamedTuple):
    """What a person states by the thresholds, in the framework's order."""

    dimensions: tuple[str, ...]
    signs: tuple[int, ...]
    """1 high, -1 low."""
    errors: tuple[float, ...]
    """That the survey put the person on the wrong side."""

    def side(self, dimensions: Sequence[str], turn: int = 1) -> str:
        """Return the person's side on some of the dimensions, `care:high+purity:low`; with `turn` -1 its opposite."""
        known = dict(zip(self.dimensions, self.signs, strict=True))
        return "+".join(f"{name}:{'high' if turn * known[name] > 0 else 'low'}" for name in dimensions)

    def error(self, dimensions: Sequence[str]) -> float:
        """Return the probability that a level on some of the dimensions is wrong, as if they erred independently."""
        known = dict(zip(self.dimensions, self.errors, strict=True))
        return 1 - prod(1 - known[name] for name in dimensions)


@dataclass(frozen=True)
class PaperRecord:
    """One of a person's records: what three questions are written from."""

    id: str
    respondent_id: str
    stated: Stated
    words: str
    """The person's own, of this record and of those that belong to all of them."""

    def serves(self) -> tuple[str, ...]:
        """Return the purposes of its questions, as an order for it has them."""
        return purposes(self.id, PAPER.questions)


def stated(scores: Scores, levels: LevelRule) -> list[Stated]:
    """Return what each person states, row by row as in `scores`."""
    columns: list[Sides] = [
        by_thresholds(scores, index, levels.high, levels.low) for index in range(len(scores.dimensions))
    ]
    sign = np.column_stack([column.sign for column in columns])
    error = np.column_stack([column.error for column in columns])
    return [
        Stated(
            tuple(scores.dimensions[place] for place in np.flatnonzero(row)),
            tuple(int(one) for one in row[row != 0]),
            tuple(float(one) for one in errors[row != 0]),
        )
        for row, errors in zip(sign, error, strict=True)
    ]


def records(
    profiles: Sequence[ValueProfile],
    people: Mapping[str, Respondent],
    levels: Sequence[Stated],
    texts: Sequence[FreeText],
) -> Iterator[PaperRecord | Dropped]:
    """Yield the records of all people in the order of `profiles`; `levels` row by row the same people.

    Of `texts` those that may not reach a writer only say how many records there are. Dropped: `country-unknown`, and
    `no-stated-level` where every score lies between the thresholds.
    """
    for profile, said in zip(profiles, levels, strict=True):
        if profile.country is None or not said.dimensions:
            reason = "country-unknown" if profile.country is None else "no-stated-level"
            yield Dropped(stage="generate", subject=profile.respondent_id, reason=reason)
            continue
        own = people[profile.respondent_id].free_text
        shared = [own[text.name] for text in texts if text.to_api and not text.records and text.name in own]
        lines = [
            line if text.to_api else ""
            for text in texts
            if text.records
            for line in own.get(text.name, "").splitlines()
        ]
        for place, line in enumerate(lines or [""]):
            words = "\n".join(text for text in (*shared, line) if text.strip())
            # As a match's, the id holds what a question was asked for: with other levels it would be another.
            about = (said.side(said.dimensions), profile.split, people[profile.respondent_id].language)
            record_id = content_id("k", profile.respondent_id, place, *about)
            yield PaperRecord(record_id, profile.respondent_id, said, words)
