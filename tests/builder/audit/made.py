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


Plant = Callable[[str, str, bool], str]
"""From an answer's text, its side, and whether the person written for is expected to give it, to its text."""


def sound(_text: str, _side: str, _own: bool) -> str:
    return _text


def made(
    plant: Plant = sound,
    recipes: Sequence[Recipe] = (Recipe.SIDES, Recipe.TRADEOFF),
    names: Sequence[str] = DIMENSIONS,
) -> Made:
    """`SCENARIOS` scenarios a target in `VARIANTS` variants, one couple each; each side has two words of its own."""
    rng = np.random.default_rng(11)
    targets: list[tuple[Recipe, tuple[str, ...]]] = [(Recipe.SIDES, (one,)) for one in names]
    targets += [(Recipe.TRADEOFF, pair) for pair in zip(names, (*names[1:], names[0]), strict=True)]
    found = Made([], [], [])
    for recipe, dimensions in targets:
        if recipe not in recipes:
            continue
        ends = (f"{dimensions[0]}:high", f"{dimensions[0]}:low" if len(dimensions) == 1 else f"{dimensions[1]}:high")
        for scenario, variant in product(range(SCENARIOS), range(VARIANTS)):
            match = content_id("m", recipe, list(dimensions), scenario, variant)
            people = [content_id("r", match, place) for place in range(2)]
            own = int(rng.integers(2))
            texts = {side: plant(_words(rng, side), side, place == own) for place, side in enumerate(ends)}
            question = make_question(
                match, recipe, dimensions, texts, people[own], f"{'+'.join(dimensions)}-{scenario}"
            )
            found.questions.append(question)
            found.instances.extend(make_pair(question, match, people, ends))
            found.respondents.extend(make_person(person, rng) for person in people)
    return found


def _words(rng: np.random.Generator, side: str) -> str:
    # Words of equal length whose letters say nothing, or meaning would reach other dimensions by its spelling.
    own = [content_id(word, side)[2:10].translate(LETTERS) for word in ("x", "y")]
    words = [*rng.choice(FILLERS, 12), *own]
    return " ".join(rng.permutation(words))


def make_question(
    match: str, recipe: Recipe, dimensions: tuple[str, ...], texts: dict[str, str], written_for: str, scenario: str
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
    ids = [content_id("i", question.id, person) for person in people]
    return [
        Instance(
            id=ids[place],
            question_id=question.id,
            respondent_id=people[place],
            recipe=question.recipe,
            dimensions=question.dimensions,
            country="KE",
            language="en",
            split=question.split,
            domain=Domain.IN,
            expected=question.answer_on(sides[place]).id,
            expected_side=sides[place],
            error_probability=0.1,
            pair_id=match,
            counterpart=ids[1 - place],
            scope=Scope.COUNTRY,
        )
        for place in range(2)
    ]


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
