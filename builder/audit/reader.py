"""What a model picks that is shown the questions and nobody, on one row a question.

It is trained on nothing of ours, so it sees what a classifier on few scenarios does not: reasons, hedges, a tone. What
it likes for values of its own shows too: a side that models like is an answer that needs no person.
"""

from collections.abc import Sequence

import numpy as np

from builder.audit.measure import Floats, Measured, measured, not_measured
from builder.audit.texts import Turned, expected_first
from builder.readers import Picks
from mvpbench.statistics.bootstrap import LEVEL
from schemas.questions import Instance

NOBODY = "no model was asked"
MOST_WITHOUT = 0.1
"""Share of the questions shown without a pick above which nothing passes: they need not be like the others."""
MOST_FLIPS = 0.5
"""Share of the picks that went with the order above which nothing passes: a reader that takes what it is shown first is
right half the time whatever the answers say."""


def read_blind(rows: Sequence[Turned], instances: Sequence[Instance], picks: Picks | None) -> tuple[Measured, Measured]:
    """Return how often the pick is the answer turned first, and how often what is expected of whom it was written for.

    Half a pick counts half. `rows` of one recipe; those that were not shown are left out.
    """
    if picks is None:
        return not_measured(NOBODY), not_measured(NOBODY)
    shown = [row for row in rows if row.question.id in picks.chosen]
    if not shown:
        return not_measured("no question was shown"), not_measured("no question was shown")
    ahead = np.array([_ahead(row, picks) for row in shown])
    groups = [row.group for row in shown]
    expected = expected_first(shown, instances)
    matches = np.where(expected == 1, ahead, 1 - ahead)
    matches[np.isnan(expected)] = np.nan
    doubt = _doubt(ahead, picks, [row.question.id for row in shown])
    one, other = (
        measured(name, right, groups, level=LEVEL)._replace(doubt=doubt)
        for name, right in (("reader", ahead), ("reader_written_for", matches))
    )
    return one, other


def _ahead(row: Turned, picks: Picks) -> float:
    """How far the answer turned first was picked."""
    first = picks.of(row.question.id)
    return first if row.question.answers[0].text == row.one else 1 - first


def _doubt(ahead: Floats, picks: Picks, shown: Sequence[str]) -> str | None:
    without = int(np.isnan(ahead).sum())
    if without > MOST_WITHOUT * len(ahead):
        return f"no pick from {without:,} of {len(ahead):,} questions"
    flips = picks.flips(shown)
    if flips is not None and flips > MOST_FLIPS:
        return f"the order decided {flips:.0%} of the picks, which say nothing of the answers"
    return None
