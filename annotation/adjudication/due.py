"""Which questions in doubt are to be put to an adjudicator now, and which wait for raters."""

from collections.abc import Iterable, Set
from typing import NamedTuple

from annotation.adjudication.task import doubts_of
from schemas.annotation import Assignment, Purpose, TaskKind
from schemas.labels import AdjudicationTask, ItemLabel


class Due(NamedTuple):
    """Labels of questions in doubt that nobody was asked about yet, each in a country."""

    now: list[ItemLabel]
    waiting: list[ItemLabel]
    """For a slot of the item task that is still to answer."""


def due(
    labels: Iterable[ItemLabel],
    asked: Iterable[AdjudicationTask],
    assigned: Iterable[Assignment],
    settled: Set[str],
) -> Due:
    """Return what is due.

    An adjudicator is asked once, so not before all is said that they should see. `settled` are the uids that have an
    answer, or for whose answers nobody waits.
    """
    known = {(one.question_id, one.country) for one in asked}
    awaited = {
        (one.question_id, one.country)
        for one in assigned
        if one.task is TaskKind.ITEM and one.purpose is Purpose.RATED and one.uid not in settled
    }
    now: list[ItemLabel] = []
    waiting: list[ItemLabel] = []
    for label in labels:
        key = (label.question_id, label.country)
        if doubts_of(label) and key not in known:
            (waiting if key in awaited else now).append(label)
    return Due(now, waiting)
