"""Which answer expresses which side, and what is wrong with a question, by its raters in each country."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from annotation.declare import kinds_that_count
from annotation.labels.crowd import Posteriors, Said, dawid_skene, mace
from annotation.labels.votes import kinds, soft_label
from builder.profiles.plain import asked_side
from mvpbench.store.stage import Produced
from schemas.annotation import AnnotatorKind, ItemAnnotation, ItemDefect
from schemas.identity import digest, seed
from schemas.labels import Adjudication, ItemLabel, ItemStatus, Ruling, Side
from schemas.questions import Dropped, Instance, Question

FEWEST_RATERS = 3
"""In a country, for a model of its raters: of two who differ nothing says who errs."""
FEWEST_QUESTIONS = 20
"""That two or more of them rated: with fewer a rater's habits are read off single votes."""
FEWEST_MARKING = 2
"""Raters who marked the same defect before it is flagged; they are at least half besides."""

MODELS = 1
"""Raised by hand whenever the same votes would be modelled otherwise."""

Asked = tuple[str, str | None]
"""Question and country."""


class _Models(NamedTuple):
    """What the models say of a country's questions, or why they say nothing."""

    dawid_skene: Posteriors
    mace: Posteriors
    why_not: str | None


class Before(NamedTuple):
    """The labels as they were: where a country's votes are the same, so is what the models say of them."""

    notes: Mapping[str, str] = {}
    """As `label_questions` leaves them: which votes the models saw."""
    rows: Sequence[ItemLabel] = ()


def label_questions(
    questions: Sequence[Question],
    instances: Sequence[Instance],
    annotations: Sequence[ItemAnnotation],
    adjudications: Sequence[Adjudication] = (),
    before: Before = Before(),  # noqa: B008 - of tuples and empty
) -> Produced[ItemLabel]:
    """Return one label for each question and country in which it is asked, sorted so.

    Dropped are the annotations that belong to none (`unknown-question`), and those on a side that the question has not
    (`unknown-side`). `annotations` and `adjudications` are those that count, by `annotation.declare`: every
    one of them does, whatever is known of its rater.
    """
    by_id = {one.id: one for one in questions}
    asked = sorted({(one.question_id, one.country) for one in instances if one.question_id in by_id}, key=_in_order)
    valid, dropped = _valid(annotations, by_id, set(asked))
    said = votes_behind(valid)
    votes: dict[str | None, list[Said]] = {country: [] for _, country in asked}
    for (_, country), found in said.items():
        votes[country] += [
            Said(one.question_id, one.annotator, side_said(one, by_id[one.question_id]).value) for one in found
        ]
    seen = {
        country: digest("models-of-raters", MODELS, *(part for one in sorted(cast) for part in one))
        for country, cast in votes.items()
    }
    models = {
        country: _as_before(country, before)
        if before.notes.get(_note(country)) == seen[country]
        else _modelled(cast, country)
        for country, cast in votes.items()
    }
    rulings = _rulings(adjudications)
    rows = [_label(by_id[key[0]], key[1], said.get(key, []), models[key[1]], rulings.get(key)) for key in asked]
    statuses = Counter(row.status for row in rows)
    counts = {f"item labels {status}": statuses[status] for status in ItemStatus}
    counts["item labels flagged"] = sum(bool(row.flagged) for row in rows)
    notes = {_note(country): seen[country] for country, found in models.items() if found.why_not is None}
    return Produced(rows=rows, dropped=dropped, counts=counts, notes=notes)


def votes_behind(annotations: Iterable[ItemAnnotation]) -> dict[Asked, list[ItemAnnotation]]:
    """Return votes by question and country."""
    said: dict[Asked, list[ItemAnnotation]] = defaultdict(list)
    for one in annotations:
        said[one.question_id, one.country].append(one)
    return dict(said)


def rulings_that_count(decided: Sequence[Adjudication], kinds: Set[AnnotatorKind]) -> list[Adjudication]:
    """Return the decisions by the kinds of annotator that count; where these are not people, by people who decided."""
    deciding = kinds if AnnotatorKind.HUMAN in kinds else kinds_that_count(decided)
    return [one for one in decided if one.annotator_kind in deciding]


def side_said(annotation: ItemAnnotation, question: Question) -> Side:
    """Return what a vote says of the sides; KeyError where the question has no answer on the side asked for."""
    if annotation.vote == question.answer_on(annotation.asked_side).id:
        return Side.ASKED
    return Side.OTHER if annotation.vote in {answer.id for answer in question.answers} else Side(annotation.vote)


def _valid(
    annotations: Iterable[ItemAnnotation], questions: Mapping[str, Question], asked: set[Asked]
) -> tuple[list[ItemAnnotation], list[Dropped]]:
    valid: list[ItemAnnotation] = []
    dropped: list[Dropped] = []
    for one in annotations:
        if (one.question_id, one.country) not in asked:
            where = f"{one.question_id} in {one.country or 'no country'}"
            dropped.append(Dropped(stage="item_labels", subject=one.id, reason="unknown-question", detail=where))
        elif one.asked_side not in {answer.side for answer in questions[one.question_id].answers}:
            dropped.append(Dropped(stage="item_labels", subject=one.id, reason="unknown-side", detail=one.asked_side))
        else:
            valid.append(one)
    return valid, dropped


def _note(country: str | None) -> str:
    return f"votes of {country or 'no country'} behind the models"


def _as_before(country: str | None, before: Before) -> _Models:
    mine = [row for row in before.rows if row.country == country]
    skene = {row.question_id: _by_name(row.dawid_skene) for row in mine if row.dawid_skene is not None}
    return _Models(skene, {row.question_id: _by_name(row.mace) for row in mine if row.mace is not None}, None)


def _by_name(sides: Mapping[Side, float]) -> dict[str, float]:
    return {side.value: share for side, share in sides.items()}


def _modelled(votes: Sequence[Said], country: str | None) -> _Models:
    """Return what the models make of one country's votes: raters elsewhere differ by more than by care."""
    raters = len({one.worker for one in votes})
    shared = sum(count > 1 for count in Counter(one.task for one in votes).values())
    if raters < FEWEST_RATERS:
        return _Models({}, {}, f"too few raters: {raters}, at least {FEWEST_RATERS}")
    if shared < FEWEST_QUESTIONS:
        return _Models({}, {}, f"too few questions with two raters: {shared}, at least {FEWEST_QUESTIONS}")
    if len({one.label for one in votes}) == 1:
        return _Models({}, {}, "every vote is the same")
    return _Models(dawid_skene(votes), mace(votes, seed("mace", country)), None)


def _label(
    question: Question,
    country: str | None,
    annotations: Sequence[ItemAnnotation],
    models: _Models,
    ruling: Ruling | None,
) -> ItemLabel:
    votes = Counter(side_said(one, question) for one in annotations)
    status, tie = _status(votes)
    marks = Counter(defect for one in annotations for defect in set(one.defects))
    flagged = [one for one in ItemDefect if marks[one] >= max(FEWEST_MARKING, len(annotations) / 2)]
    why_not = None if question.id in models.mace else models.why_not or "nobody rated it"
    return ItemLabel(
        question_id=question.id,
        country=country,
        asked_side=asked_side(question),
        status=status,
        tie=tie,
        votes={side: votes[side] for side in Side if votes[side]},
        ratings=votes.total(),
        soft=soft_label(votes, tuple(Side)),
        dawid_skene=_sides(models.dawid_skene.get(question.id)),
        mace=_sides(models.mace.get(question.id)),
        unmodelled=why_not,
        defects={defect: marks[defect] for defect in ItemDefect if marks[defect]},
        marking=sum(bool(one.defects) for one in annotations),
        flagged=tuple(flagged),
        ruling=ruling,
        kinds=kinds(annotations),
    )


def _status(votes: Counter[Side]) -> tuple[ItemStatus, bool]:
    """Clear or reversed by more than half of the votes; else unclear, and whether votes were even."""
    total, asked, other = votes.total(), votes[Side.ASKED], votes[Side.OTHER]
    if total == 0:
        return ItemStatus.UNREVIEWED, False
    if 2 * asked > total:
        return ItemStatus.CLEAR, False
    if 2 * other > total:
        return ItemStatus.REVERSED, False
    return ItemStatus.UNCLEAR, total in {2 * asked, 2 * other} or asked == other > 0


def _sides(posterior: Mapping[str, float] | None) -> dict[Side, float] | None:
    return None if posterior is None else {side: posterior[side.value] for side in Side if side.value in posterior}


def _rulings(adjudications: Sequence[Adjudication]) -> dict[Asked, Ruling]:
    """Return what those who adjudicated a question for a country decided, where they are of one mind."""
    said: dict[Asked, list[Adjudication]] = defaultdict(list)
    for one in adjudications:
        said[one.question_id, one.country].append(one)
    decided = {key: {one.ruling for one in found} for key, found in said.items()}
    return {key: rulings.pop() for key, rulings in decided.items() if len(rulings) == 1}


def _in_order(key: Asked) -> tuple[str, str]:
    return key[1] or "", key[0]
