"""The questions as data for the page: each with its answers, the people it is put to, its checks and its cost."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from builder.survey.countries import country_name
from mvpbench.page import seen
from schemas.questions import Answer, Dropped, Instance, Match, Question, Recipe
from schemas.survey import Respondent
from schemas.values import ValueFramework, ValueProfile

SHOWN = 3
"""Pairs, and people without a counterpart, that are shown of each question; the others are counted."""


class Cost(NamedTuple):
    """What model calls came to, all attempts."""

    calls: int
    usd: float | None
    """None where no attempt has a known price."""
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class Generated:
    """All that the page tells; what is about people or matches that are not among the others is left untold."""

    questions: Sequence[Question]
    instances: Sequence[Instance]
    matches: Sequence[Match]
    respondents: Sequence[Respondent]
    profiles: Sequence[ValueProfile]
    framework: ValueFramework
    costs: Mapping[str, Cost]
    """By the id of a model call."""
    dropped: Mapping[str, Sequence[Dropped]]
    """Table -> what did not reach it."""
    spent: Cost | None = None
    """What all model calls of the study came to, for whatever they were made."""
    stale: Sequence[str] = ()
    """Why something else would be generated now."""


def payload(generated: Generated) -> dict[str, object]:
    """Return what the script on the page reads, in plain lists and objects; texts without what cannot be seen."""
    people = _People(generated)
    put_to: dict[str, list[Instance]] = defaultdict(list)
    for one in generated.instances:
        put_to[one.question_id].append(one)
    distance = {match.id: match.distance for match in generated.matches}
    shared = Counter(call for question in generated.questions for call in calls_of(question))
    questions = []
    for question in generated.questions:
        there = put_to[question.id]
        questions.append(
            _question(question, generated.framework)
            | _put(question, there, people, distance)
            | {"cost": _cost(question, generated.costs, shared), "for": people.index(question.written_for)}
        )
    return {
        "countries": {code: country_name(code) for code in sorted(people.countries)},
        "titles": {one.name: seen(one.title) for one in generated.framework.dimensions},
        "people": people.told,
        "questions": questions,
    }


def calls_of(question: Question) -> list[str]:
    """Return the model calls behind a question: of its writer, of its judge."""
    calls = (question.stamp.call_id, question.judged.call_id if question.judged else None)
    return [call for call in calls if call is not None]


def total(costs: Sequence[Cost]) -> Cost:
    """Return the sum; its price is that of the calls with a known one."""
    prices = [cost.usd for cost in costs if cost.usd is not None]
    return Cost(
        calls=sum(cost.calls for cost in costs),
        usd=sum(prices) if prices else None,
        prompt_tokens=sum(cost.prompt_tokens for cost in costs),
        completion_tokens=sum(cost.completion_tokens for cost in costs),
    )


class _People:
    """Numbers people as they come up, and tells each once."""

    def __init__(self, generated: Generated) -> None:
        self.told: list[dict[str, object]] = []
        self.countries: set[str] = set()
        self._persons = {person.id: person for person in generated.respondents}
        self._profiles = {profile.respondent_id: profile for profile in generated.profiles}
        self._numbers: dict[str, int] = {}

    def index(self, respondent: str) -> int:
        if respondent not in self._numbers:
            self._numbers[respondent] = len(self.told)
            self.told.append(self._tell(respondent))
        return self._numbers[respondent]

    def _tell(self, respondent: str) -> dict[str, object]:
        person, profile = self._persons.get(respondent), self._profiles.get(respondent)
        scores = {
            score.dimension: [
                *(round(score.raw, 1), round(score.standard_error, 1)),
                *(round(score.standardised, 2), round(score.standard_error_standardised, 2)),
                score.level,
            ]
            for score in (profile.scores if profile else ())
        }
        if person is None:
            return {"id": respondent, "country": None, "region": None, "known": [], "scores": scores}
        if person.country is not None:
            self.countries.add(person.country)
        known = [
            [seen(name.replace("_", " ")), seen(value)] for name, value in sorted(person.demographics.known.items())
        ]
        region = None if person.region is None else seen(person.region)
        return {"id": respondent, "country": person.country, "region": region, "known": known, "scores": scores}


def _question(question: Question, framework: ValueFramework) -> dict[str, object]:
    texts = [question.text, question.topic, *(answer.text for answer in question.answers)]
    judged = question.judged
    return {
        "id": question.id,
        "recipe": question.recipe,
        "dimensions": list(question.dimensions),
        "language": question.language,
        "split": question.split,
        "topic": seen(question.topic),
        "text": seen(question.text),
        "answers": [
            {"id": one.id, "text": seen(one.text), "side": _side(question, one.side, framework)}
            for one in _answers(question)
        ],
        "writer": " ".join(seen(part) for part in (question.stamp.writer, question.stamp.model) if part),
        "version": seen(question.stamp.version),
        "scenario": None if question.stamp.scenario is None else seen(question.stamp.scenario),
        "calls": calls_of(question),
        "flags": list(question.flags),
        "judge": None if judged is None else seen(judged.model),
        "problems": [] if judged is None else list(judged.problems),
        "unseen": sum(len(text) - len(seen(text)) for text in texts),
    }


def _answers(question: Question) -> list[Answer]:
    """The high side first; of a trade-off, the first dimension. A hash orders them in the table."""
    return sorted(question.answers, key=lambda one: not one.side.startswith(f"{question.dimensions[0]}:high"))


def _side(question: Question, side: str, framework: ValueFramework) -> str:
    """The side in words: `Care: high`; of a trade-off, `Care ahead of Purity`."""
    titles = {one.name: one.title for one in framework.dimensions}
    parts = [part.split(":") for part in side.split("+")]
    if question.recipe is Recipe.TRADEOFF:
        ahead = parts[0][0]
        behind = next(name for name in question.dimensions if name != ahead)
        return seen(f"{titles.get(ahead, ahead)} ahead of {titles.get(behind, behind)}")
    return seen(", ".join(f"{titles.get(name, name)}: {level}" for name, level in parts))


def _put(
    question: Question, instances: Sequence[Instance], people: _People, distance: Mapping[str, float]
) -> dict[str, object]:
    """To whom the question is put: the first pairs and people without a counterpart, and how many there are."""
    letter = {answer.id: place for place, answer in enumerate(_answers(question))}
    pairs: dict[str, list[Instance]] = defaultdict(list)
    alone: list[Instance] = []
    for one in instances:
        if one.pair_id is None:
            alone.append(one)
        else:
            pairs[one.pair_id].append(one)
    told = [
        {
            "id": pair,
            "scope": members[0].scope,
            "distance": None if pair not in distance else round(distance[pair], 2),
            "people": sorted((_stand(one, people, letter) for one in members), key=lambda stand: stand[1]),
        }
        for pair, members in list(pairs.items())[:SHOWN]
    ]
    countries = {one.country for one in instances if one.country is not None}
    people.countries |= countries
    return {
        "pairs": told,
        "pairCount": len(pairs),
        "alone": [_stand(one, people, letter) for one in alone[:SHOWN]],
        "aloneCount": len(alone),
        "inCountries": sorted(countries),
        "scopes": sorted({one.scope for one in instances}),
    }


def _stand(one: Instance, people: _People, letter: Mapping[str, int]) -> tuple[int, int, float, str]:
    """Number of the person, place of the expected answer, error probability, id of the instance."""
    return people.index(one.respondent_id), letter.get(one.expected, 0), round(one.error_probability, 4), one.id


def _cost(question: Question, costs: Mapping[str, Cost], shared: Mapping[str, int]) -> dict[str, object] | None:
    """What the question's calls came to, and how many questions came of one of them; None where no model was called."""
    calls = calls_of(question)
    known = [costs[call] for call in calls if call in costs]
    if not known:
        return None
    cost = total(known)
    return {
        "usd": None if cost.usd is None else round(cost.usd, 6),
        "tokens": [cost.prompt_tokens, cost.completion_tokens],
        "questions": max(shared[call] for call in calls),
    }
