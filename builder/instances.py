"""Questions put to people: two instances a pair, and one for whoever found no counterpart."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from builder.stands import Stands
from schemas.identity import content_id, digest
from schemas.questions import Instance, Match, Question, Scope, Stand
from schemas.values import Split, ValueProfile

INSTANCES_VERSION = 1

Shelf = Mapping[tuple[str, Split, tuple[str, ...]], Sequence[Question]]


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
    profiles: Sequence[ValueProfile], stands: Stands, questions: Sequence[Question], instances: Sequence[Instance]
) -> list[Instance]:
    """Return one instance for everyone who stands somewhere and has no counterpart.

    The question is one already written for people of the same country, language and split, on the target where the
    person's side is surest; which one is a hash. Nobody is asked what has no question: those stay out.
    """
    have = {instance.respondent_id for instance in instances}
    countries = {instance.question_id: instance.country for instance in instances}
    shelf: dict[tuple[str, Split, tuple[str, ...]], list[Question]] = defaultdict(list)
    for question in questions:
        country = countries.get(question.id)
        if country is not None:
            shelf[country, question.split, (question.recipe, *question.dimensions)].append(question)
    alone: list[Instance] = []
    for row, profile in enumerate(profiles):
        if profile.respondent_id not in have and profile.country is not None:
            found = _asked_alone(row, profile, stands, shelf)
            if found is not None:
                alone.append(found)
    return alone


def _asked_alone(row: int, profile: ValueProfile, stands: Stands, shelf: Shelf) -> Instance | None:
    for target in np.argsort(stands.error[row], kind="stable"):
        sign = int(stands.sign[row, target])
        what = stands.targets[target]
        choice = shelf.get((profile.country or "", profile.split, (what.recipe, *what.dimensions)), ())
        if sign == 0 or not choice:
            continue
        question = min(choice, key=lambda question: digest("alone", profile.respondent_id, question.id))
        stand = Stand(
            respondent_id=profile.respondent_id,
            side=what.side(sign),
            error_probability=float(stands.error[row, target]),
        )
        return _instance(question, stand, profile)
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
        if instance.scope is Scope.NONE:
            counts["instances without a counterpart"] += 1
        else:
            counts[f"instances {instance.recipe} in pairs, {instance.scope}"] += 1
        counts[f"split {instance.split}"] += 1
    return {"instances": len(instances), **dict(sorted(counts.items()))}
