"""What the card counts of questions: what their raters see in them, what they find wrong, what adjudicators ruled."""

from collections import Counter
from collections.abc import Sequence

from release.data import ReleaseRows
from schemas.annotation import ItemDefect, TaskKind
from schemas.labels import RULED_OUT, ItemStatus, LabelStatus, Ruling
from schemas.questions import Scope
from schemas.record import Record
from schemas.release import ReleasedInstance, ReleasedLabel
from schemas.values import Split

DIFFER = "adjudicators differ"


class DefectLine(Record):
    """One defect of the card's table."""

    defect: ItemDefect
    marked: int
    """Questions in which any rater marked it."""
    flagged: int
    """Of these: by at least two raters who are at least half."""


class QuestionNumbers(Record):
    """A question that people of two countries are asked counts in each."""

    reviewed: int
    """Questions that raters of the item task looked at."""
    statuses: dict[ItemStatus, int]
    defects: tuple[DefectLine, ...]
    """Of those that were marked."""
    ratings: dict[str, int]
    """Kind of annotator -> ratings of questions."""
    raters: dict[str, int]
    rulings: dict[str, int]
    """Ruling, or that adjudicators differ -> questions; empty where nobody decided anything."""
    ruled_out_pairs: int
    """Complete pairs within a country whose question is to be repaired or dropped."""
    primary_pairs: int
    """Those of the test split with both halves confirmed and a question that is not ruled out."""


def question_numbers(rows: ReleaseRows) -> QuestionNumbers:
    """Return the counts of a release."""
    labels = _by_question(rows)
    rated = [label for label in labels if label.item_votes]
    statuses = Counter(label.item_status for label in rated)
    ratings = [rating for rating in rows.ratings if rating.task is TaskKind.ITEM]
    raters = {(rating.annotator_kind.value, rating.annotator) for rating in ratings}
    marked = Counter(one.defect for label in rated for one in label.defects)
    flagged = Counter(defect for label in rated for defect in label.flagged)
    ruled = Counter(label.ruling.value if label.ruling else DIFFER for label in labels if label.rulings)
    pairs = _pairs(rows)
    return QuestionNumbers(
        reviewed=len(rated),
        statuses={status: statuses[status] for status in ItemStatus if status is not ItemStatus.UNREVIEWED},
        defects=tuple(
            DefectLine(defect=defect, marked=marked[defect], flagged=flagged[defect])
            for defect in ItemDefect
            if marked[defect]
        ),
        ratings=dict(sorted(Counter(rating.annotator_kind.value for rating in ratings).items())),
        raters=dict(sorted(Counter(kind for kind, _ in raters).items())),
        rulings={ruling: ruled[ruling] for ruling in (*(one.value for one in Ruling), DIFFER)} if ruled else {},
        ruled_out_pairs=sum(_is_out(pair) for pair in pairs),
        primary_pairs=sum(_is_confirmed(pair) and not _is_out(pair) for pair in pairs if pair[0].split is Split.TEST),
    )


def _by_question(rows: ReleaseRows) -> list[ReleasedLabel]:
    """Return a label for each question and country: what it says of the question is the same in all."""
    asked = {row.id: (row.question_id, row.country) for row in rows.instances}
    return list({asked[label.instance_id]: label for label in rows.labels}.values())


def _pairs(rows: ReleaseRows) -> list[list[ReleasedInstance]]:
    """Return the complete pairs within a country."""
    halves: dict[str, list[ReleasedInstance]] = {}
    for row in rows.instances:
        if row.pair_id is not None and row.scope is Scope.COUNTRY:
            halves.setdefault(row.pair_id, []).append(row)
    return [pair for pair in halves.values() if len(pair) > 1]


def _is_confirmed(pair: Sequence[ReleasedInstance]) -> bool:
    return all(row.label_status is LabelStatus.CONFIRMED for row in pair)


def _is_out(pair: Sequence[ReleasedInstance]) -> bool:
    return any(row.ruling in RULED_OUT for row in pair)
