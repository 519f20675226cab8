"""What raters and adjudicators said, as rows of a release: labels, ratings, rulings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

from release.sources import Sources
from schemas.annotation import Annotation, ItemAnnotation, TaskKind
from schemas.identity import content_id
from schemas.labels import Adjudication, ItemLabel, Label, LabelStatus, Ruling, RulingReason
from schemas.release import ReleasedInstance, ReleasedLabel, ReleasedRating
from schemas.released import DefectCount, RulingCount, VoteCount, VoteShare

V = TypeVar("V", bound=str)

Asked = tuple[str, str | None]
"""Question and country."""
Rulings = Mapping[tuple[Ruling, RulingReason], int]


def rulings_of(sources: Sources) -> dict[Asked, Ruling]:
    """Return what adjudicators of one mind decided."""
    return {(row.question_id, row.country): row.ruling for row in sources.item_labels if row.ruling is not None}


def released_labels(sources: Sources, instances: Sequence[ReleasedInstance]) -> list[ReleasedLabel]:
    """Return a row for each instance of which, or of whose question in its country, anybody said anything.

    In the order of `instances`.
    """
    persons = {row.instance_id: row for row in sources.labels}
    items = {(row.question_id, row.country): row for row in sources.item_labels}
    decided = _decided(sources.adjudications)
    rows = []
    for row in instances:
        asked = (row.question_id, row.country)
        person, item, rulings = persons.get(row.id), items.get(asked), decided.get(asked, {})
        if (person and person.ratings) or (item and item.ratings) or rulings:
            label = _of_person(row.id, person)
            rows.append(label if item is None else label.model_copy(update=_of_item(item, rulings)))
    return rows


def released_ratings(
    sources: Sources, instances: Sequence[ReleasedInstance], name: str, version: str
) -> list[ReleasedRating]:
    """Return the votes of both tasks on what is in the release, ordered by id."""
    by_id = {row.id: row for row in instances}
    asked = {(row.question_id, row.country) for row in instances}
    ratings = [
        _rating(row, name, version, by_id[row.instance_id]) for row in sources.annotations if row.instance_id in by_id
    ]
    ratings += [
        _item_rating(row, name, version) for row in sources.item_annotations if (row.question_id, row.country) in asked
    ]
    return sorted(ratings, key=lambda row: row.id)


def _decided(adjudications: Sequence[Adjudication]) -> dict[Asked, Rulings]:
    decided: dict[Asked, Counter[tuple[Ruling, RulingReason]]] = {}
    for one in adjudications:
        decided.setdefault((one.question_id, one.country), Counter())[one.ruling, one.reason] += 1
    return dict(decided)


def _of_person(instance_id: str, label: Label | None) -> ReleasedLabel:
    return ReleasedLabel(
        instance_id=instance_id,
        status=label.status if label else LabelStatus.UNREVIEWED,
        votes=_counts(label.votes if label else {}),
        soft=_shares(label.soft if label else {}),
        tie=label.tie if label else False,
        kinds=label.kinds if label else (),
    )


def _of_item(label: ItemLabel, rulings: Rulings) -> dict[str, object]:
    return {
        "question_id": label.question_id,
        "asked_side": label.asked_side,
        "item_status": label.status,
        "item_votes": _counts(label.votes),
        "item_soft": _shares(label.soft),
        "item_tie": label.tie,
        "item_kinds": label.kinds,
        "dawid_skene": _shares(label.dawid_skene or {}),
        "mace": _shares(label.mace or {}),
        "unmodelled": label.unmodelled,
        "defects": tuple(DefectCount(defect=defect, raters=count) for defect, count in label.defects.items()),
        "marking": label.marking,
        "flagged": label.flagged,
        "ruling": label.ruling,
        "rulings": tuple(
            RulingCount(ruling=ruling, reason=reason, adjudicators=count)
            for (ruling, reason), count in sorted(rulings.items())
        ),
    }


def _counts(votes: Mapping[V, int]) -> tuple[VoteCount, ...]:
    return tuple(VoteCount(vote=str(vote), count=count) for vote, count in sorted(votes.items()))


def _shares(shares: Mapping[V, float]) -> tuple[VoteShare, ...]:
    return tuple(VoteShare(vote=str(vote), share=share) for vote, share in sorted(shares.items()))


def _rating(row: Annotation, name: str, version: str, instance: ReleasedInstance) -> ReleasedRating:
    return ReleasedRating(
        id=content_id("v", name, version, row.id),
        task=TaskKind.PERSON,
        instance_id=row.instance_id,
        question_id=instance.question_id,
        country=instance.country,
        annotator=content_id("w", name, version, row.annotator),
        annotator_kind=row.annotator_kind,
        vote=row.vote,
        sureness=row.sureness,
        lead_time_s=row.lead_time_s,
    )


def _item_rating(row: ItemAnnotation, name: str, version: str) -> ReleasedRating:
    return ReleasedRating(
        id=content_id("v", name, version, row.id),
        task=TaskKind.ITEM,
        instance_id=None,
        question_id=row.question_id,
        country=row.country,
        annotator=content_id("w", name, version, row.annotator),
        annotator_kind=row.annotator_kind,
        asked_side=row.asked_side,
        vote=row.vote,
        sureness=None,
        defects=row.defects,
        lead_time_s=row.lead_time_s,
    )
