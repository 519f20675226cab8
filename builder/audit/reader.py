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
ORDER = "the order decided every pick"
BY_ORDER = 0.5
"""Of a pick that went with the order."""


def read_blind(rows: Sequence[Turned], instances: Sequence[Instance], picks: Picks | None) -> tuple[Measured, Measured]:
    """Return how often the pick is the answer turned first, and how often what is expected of whom it was written for.

    Over the questions in which one answer was picked in both orders: a pick that goes with the order says nothing of
    the answers, and counted as a half it would hide what the others say. `rows` of one recipe; those that were not
    shown are left out.
    """
    if picks is None:
        return not_measured(NOBODY), not_measured(NOBODY)
    shown = [row for row in rows if row.question.id in picks.chosen]
    if not shown:
        return not_measured("no question was shown"), not_measured("no question was shown")
    ahead = np.array([_ahead(row, picks) for row in shown])
    decided = np.where(ahead == BY_ORDER, np.nan, ahead)
    if np.isnan(decided).all():
        return not_measured(ORDER), not_measured(ORDER)
    groups = [row.group for row in shown]
    expected = expected_first(shown, instances)
    matches = np.where(expected == 1, decided, 1 - decided)
    matches[np.isnan(expected)] = np.nan
    doubt = _doubt(ahead)
    one, other = (
        measured(name, right, groups, level=LEVEL)._replace(doubt=doubt)
        for name, right in (("reader", decided), ("reader_written_for", matches))
    )
    return one, other


def _ahead(row: Turned, picks: Picks) -> float:
    """How far the answer turned first was picked."""
    first = picks.of(row.question.id)
    return first if row.question.answers[0].text == row.one else 1 - first


def _doubt(ahead: Floats) -> str | None:
    without = int(np.isnan(ahead).sum())
    return f"no pick from {without:,} of {len(ahead):,} questions" if without > MOST_WITHOUT * len(ahead) else None
