"""Questions put to people: two instances a pair, and one for whoever found no counterpart."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from builder.recipes import PAIRINGS
from builder.recipes.paper import PaperRecord
from builder.stands import Stands
from schemas.identity import content_id, digest, uniform
from schemas.questions import Answer, Dropped, Instance, Match, Question, Recipe, Scope, Stand
from schemas.values import Split, ValueProfile

INSTANCES_VERSION = 3

Place = tuple[str, str, Split]
"""Country, language, split."""
Shelf = Mapping[tuple[Place, Recipe, tuple[str, ...]], Sequence[Question]]


@dataclass(frozen=True)
class Crowd:
    """Everybody, with and without a counterpart; profiles and stands row by row the same people."""

    profiles: Sequence[ValueProfile]
    languages: Mapping[str, str]
    """By respondent."""
    stands: Stands


def paired(
    matches: Sequence[Match], questions: Sequence[Question], profiles: Mapping[str, ValueProfile]
) -> list[Instance]:
    """Return two instances for every match that got a question, in the order of the matches."""
    question_of = {pair: question for question in questions for pair in question.pairs}
    instances: list[Instance] = []
    for match in matches:
        question = question_of.get(match.id)
        if question is None:
            continue
        both = (match.first, match.second)
        ids = [content_id("i", question.id, stand.respondent_id) for stand in both]
        for place, stand in enumerate(both):
            instances.append(
                _instance(question, stand, profiles[stand.respondent_id]).model_copy(
                    update={"pair_id": match.id, "counterpart": ids[1 - place], "scope": match.scope}
                )
            )
    return instances


def unpaired(
    crowd: Crowd, questions: Sequence[Question], instances: Sequence[Instance], loans: Sequence[tuple[str, str]]
) -> list[Instance]:
    """Return one instance for everyone who stands somewhere and has no counterpart.

    The question is one already put to people of the same country, language and split: the one lent before (`loans` are
    respondent and question, the oldest first) if it still serves, else one on the target where the person's side is
    surest; which one is a hash. Nobody is asked what has no question: those stay out.
    """
    have = {instance.respondent_id for instance in instances}
    shelf = _shelf(questions, instances)
    lent: dict[str, list[str]] = defaultdict(list)
    for respondent, question_id in loans:
        lent[respondent].append(question_id)
    alone: list[Instance] = []
    for row, profile in enumerate(crowd.profiles):
        if profile.respondent_id in have:
            continue
        found = _lent(row, crowd, shelf, lent[profile.respondent_id]) or _drawn(row, crowd, shelf)
        if found is not None:
            alone.append(_instance(*found, profile))
    return alone


def of_records(
    records: Sequence[PaperRecord], questions: Sequence[Question], profiles: Mapping[str, ValueProfile]
) -> tuple[list[Instance], list[Dropped]]:
    """Return one instance a question that a record got; and what a person had been asked already (`asked-already`).

    No person has a counterpart here.
    """
    question_of = {purpose: question for question in questions for purpose in question.pairs}
    instances: dict[str, Instance] = {}
    dropped: list[Dropped] = []
    for record in records:
        for purpose in record.serves():
            question = question_of.get(purpose)
            if question is None:
                continue
            stand = Stand(
                respondent_id=record.respondent_id,
                side=record.stated.side(question.dimensions),
                error_probability=record.stated.error(question.dimensions),
            )
            one = _instance(question, stand, profiles[record.respondent_id])
            if instances.setdefault(one.id, one) is not one:
                dropped.append(Dropped(stage="generate", subject=purpose, reason="asked-already", detail=question.id))
    return list(instances.values()), dropped


def choices(question: Question, instance: Instance) -> tuple[Answer, Answer]:
    """Return both answers in the order in which a release shows them: a hash of the pair, the same for both halves.

    "Always the first" is then right in exactly half of the complete pairs. Where there is no pair, a hash of the id.
    """
    first, second = question.answers
    turn = uniform("choice-order", instance.pair_id or instance.id) < 1 / 2
    return (second, first) if turn else (first, second)


def _shelf(questions: Sequence[Question], instances: Sequence[Instance]) -> Shelf:
    of_id = {question.id: question for question in questions}
    put_to = {(one.question_id, one.country) for one in instances if one.country is not None}
    shelf: dict[tuple[Place, Recipe, tuple[str, ...]], list[Question]] = defaultdict(list)
    for question_id, country in sorted(put_to):
        question = of_id[question_id]
        place = (country, question.language, question.split)
        shelf[place, question.recipe, question.dimensions].append(question)
    return shelf


def _on_offer(row: int, crowd: Crowd, shelf: Shelf) -> Iterator[tuple[Stand, Sequence[Question]]]:
    """Where a person stands, the surest first, with the questions on the shelf."""
    profile, stands = crowd.profiles[row], crowd.stands
    respondent = profile.respondent_id
    place = (profile.country or "", crowd.languages[respondent], profile.split)
    for target in np.argsort(stands.error[row], kind="stable"):
        sign = int(stands.sign[row, target])
        what = stands.targets[target]
        choice = shelf.get((place, what.recipe, what.dimensions), ())
        if sign and choice:
            error = float(stands.error[row, target])
            yield Stand(respondent_id=respondent, side=what.side(sign), error_probability=error), choice


def _lent(row: int, crowd: Crowd, shelf: Shelf, lent: Sequence[str]) -> tuple[Question, Stand] | None:
    """The question lent first of those that a person can still be asked."""
    if not lent:
        return None
    offers = {question.id: (question, stand) for stand, choice in _on_offer(row, crowd, shelf) for question in choice}
    return next((offers[question_id] for question_id in lent if question_id in offers), None)


def _drawn(row: int, crowd: Crowd, shelf: Shelf) -> tuple[Question, Stand] | None:
    """Of the questions on the surest target one by a hash of person and question."""
    for stand, choice in _on_offer(row, crowd, shelf):
        return min(choice, key=lambda question: digest("alone", stand.respondent_id, question.id)), stand
    return None


def _instance(question: Question, stand: Stand, profile: ValueProfile) -> Instance:
    return Instance(
        id=content_id("i", question.id, stand.respondent_id),
        question_id=question.id,
        respondent_id=stand.respondent_id,
        recipe=question.recipe,
        dimensions=question.dimensions,
        country=profile.country,
        language=question.language,
        split=question.split,
        domain=profile.domain,
        expected=question.answer_on(stand.side).id,
        expected_side=stand.side,
        error_probability=stand.error_probability,
        pair_id=None,
        counterpart=None,
        scope=Scope.NONE,
    )


def summary(instances: Sequence[Instance]) -> dict[str, int]:
    """Return the counts that end the stage."""
    counts: Counter[str] = Counter()
    for instance in instances:
        if instance.recipe not in PAIRINGS:
            counts[f"instances {instance.recipe}"] += 1
        elif instance.scope is Scope.NONE:
            counts["instances without a counterpart"] += 1
        else:
            counts[f"instances {instance.recipe} in pairs, {instance.scope}"] += 1
        counts[f"split {instance.split}"] += 1
    return {"instances": len(instances), **dict(sorted(counts.items()))}
