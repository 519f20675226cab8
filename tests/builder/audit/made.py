"""Made-up questions and pairs without a leak, and ways to plant one."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from schemas.identity import content_id
from schemas.questions import Answer, Instance, Question, Recipe, Scope, WriterStamp
from schemas.survey import Demographics, Respondent
from schemas.values import Domain, Split

DIMENSIONS = ("care", "equality", "authority", "loyalty", "purity", "thrift")
SCENARIOS = 8
VARIANTS = 3
LETTERS = str.maketrans("0123456789", "ghijklmnop")
FILLERS = tuple(f"{one}{two}{three}" for one, two, three in product("bdfgkl", "aeiou", "mnprst"))


class Made(NamedTuple):
    """The three tables an audit reads."""

    questions: list[Question]
    instances: list[Instance]
    respondents: list[Respondent]


Plant = Callable[[str, bool, bool], str]
"""From an answer's text, whether it is on the high side of the first dimension, and whether the person written for is
expected to give it, to its text."""


def sound(text: str, _ahead: bool, _own: bool) -> str:
    return text


def made(
    plant: Plant = sound,
    recipes: Sequence[Recipe] = (Recipe.SIDES, Recipe.TRADEOFF),
    names: Sequence[str] = DIMENSIONS,
    scenarios: int = SCENARIOS,
) -> Made:
    """`scenarios` a target in `VARIANTS` variants, one couple each; each side has two words of its own.

    In `paper` a scenario is a person, for whom all variants are written and who alone is asked.
    """
    rng = np.random.default_rng(11)
    targets: list[tuple[Recipe, tuple[str, ...]]] = [(Recipe.SIDES, (one,)) for one in names]
    couples = list(zip(names, (*names[1:], names[0]), strict=True))
    targets += [(recipe, pair) for recipe in (Recipe.TRADEOFF, Recipe.PAPER) for pair in couples]
    found = Made([], [], [])
    for recipe, dimensions in targets:
        if recipe not in recipes:
            continue
        ends = _ends(recipe, dimensions)
        for scenario, variant in product(range(scenarios), range(VARIANTS)):
            match = content_id("m", recipe, list(dimensions), scenario, variant)
            people = [content_id("r", match, place) for place in range(2)]
            own = int(rng.integers(2))
            texts = {side: plant(_words(rng, side), place == 0, place == own) for place, side in enumerate(ends)}
            about = f"{'+'.join(dimensions)}-{scenario}"
            if recipe is Recipe.PAPER:
                person = content_id("r", recipe, about)
                question = make_question(match, recipe, dimensions, texts, person, None)
                found.instances.append(make_alone(question, person, ends[own]))
                people = [person]
            else:
                question = make_question(match, recipe, dimensions, texts, people[own], about)
                found.instances.extend(make_pair(question, match, people, ends))
            found.questions.append(question)
            found.respondents.extend(make_person(person, rng) for person in people)
    return found


def _ends(recipe: Recipe, dimensions: tuple[str, ...]) -> tuple[str, str]:
    first, last = dimensions[0], dimensions[-1]
    match recipe:
        case Recipe.SIDES:
            return f"{first}:high", f"{first}:low"
        case Recipe.TRADEOFF:
            return f"{first}:high", f"{last}:high"
        case Recipe.PAPER:
            return f"{first}:high+{last}:low", f"{first}:low+{last}:high"


def _words(rng: np.random.Generator, side: str) -> str:
    # Words of equal length whose letters say nothing, or meaning would reach other dimensions by its spelling.
    own = [content_id(word, side)[2:10].translate(LETTERS) for word in ("x", "y")]
    words = [*rng.choice(FILLERS, 12), *own]
    return " ".join(rng.permutation(words))


def make_question(
    match: str,
    recipe: Recipe,
    dimensions: tuple[str, ...],
    texts: dict[str, str],
    written_for: str,
    scenario: str | None,
) -> Question:
    answers = sorted(
        (Answer(id=content_id("a", text), text=text, side=side) for side, text in texts.items()), key=lambda one: one.id
    )
    return Question(
        id=content_id("q", match),
        recipe=recipe,
        dimensions=dimensions,
        language="en",
        split=Split.TEST,
        topic="made-up",
        text=f"Which of the two, in case {match}?",
        answers=(answers[0], answers[1]),
        written_for=written_for,
        pairs=(match,),
        stamp=WriterStamp(writer="template", version="0", scenario=scenario),
    )


def make_pair(question: Question, match: str, people: Sequence[str], sides: Sequence[str]) -> list[Instance]:
    both = [make_alone(question, person, side) for person, side in zip(people, sides, strict=True)]
    return [
        one.model_copy(update={"pair_id": match, "counterpart": other.id, "scope": Scope.COUNTRY})
        for one, other in zip(both, reversed(both), strict=True)
    ]


def make_alone(question: Question, person: str, side: str) -> Instance:
    return Instance(
        id=content_id("i", question.id, person),
        question_id=question.id,
        respondent_id=person,
        recipe=question.recipe,
        dimensions=question.dimensions,
        country="KE",
        language="en",
        split=question.split,
        domain=Domain.IN,
        expected=question.answer_on(side).id,
        expected_side=side,
        error_probability=0.1,
        pair_id=None,
        counterpart=None,
        scope=Scope.NONE,
    )


def make_person(person: str, rng: np.random.Generator) -> Respondent:
    known = {"age": str(rng.choice(["18-29", "30-49", "50+"])), "gender": str(rng.choice(["woman", "man"]))}
    return Respondent(
        id=person,
        source_id=person,
        survey="made-up",
        row=1,
        country="KE",
        language="en",
        demographics=Demographics(known=known),
    )
