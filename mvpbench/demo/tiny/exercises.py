"""Exercises from which the tiny model learns to speak by a profile: invented people, generic questions, cue words.

A reply's cue words are of the sides on which the person stands: first in lists alone, then in lists and sentences. What
came of it is in docs/experiments.md.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from builder.frameworks.load import load_framework
from builder.writers.bank import FOLDER as BANKS
from eval.prompts import POSITIONS, position, prompt
from schemas.chat import Message
from schemas.evaluation import Ablation
from schemas.identity import content_id
from schemas.questions import Answer, Question, Recipe, WriterStamp
from schemas.survey import Demographics, Respondent
from schemas.values import DimensionScore, Domain, Level, Split, ValueFramework, ValueProfile

FRAMEWORKS = ("prism", "mfq2")
WEIGHTS = {"prism": 0.6, "mfq2": 0.4}
"""How often a person of each framework comes up: the demo's people are of the first."""
WORDS_A_DIMENSION = 3
MIDDLE = POSITIONS[len(POSITIONS) // 2]
LISTED = 8
LOOSE_SHARE = 0.25
"""Sentences that are loose ones of everyday words."""
SHUFFLED_SHARE = 0.5
"""Sentences in no order: so that words in an order unlike any exercise's do not surprise the model more than others."""
CUES, CONTENT = ("a", "b", "c"), ("noun", "verb", "adjective", "adverb", "thing")
"""Blanks that are cue words, and those that may be one or an unknown word."""
STRANGE_SHARE = 0.1
SYLLABLES = ("ba", "do", "ki", "lu", "mer", "no", "pa", "ri", "sol", "tu", "ve", "zan")
COUNTRIES = ("AU", "BR", "CL", "DE", "EG", "FR", "GB", "IN", "JP", "KE", "KR", "MX", "NG", "PH", "PL", "US", "VN", "ZA")

_BLANK = re.compile(r"\{(\w+)\}")

Cues = Mapping[str, Mapping[str, Sequence[str]]]
"""Dimension -> side (`high`, `low`) -> words."""
Side = tuple[str, str]
"""Dimension, and `high` or `low`."""


class Material(NamedTuple):
    """What exercises are made of."""

    frameworks: tuple[ValueFramework, ...]
    cues: Cues
    phrases: Mapping[str, Sequence[str]]
    """Name of a blank -> what may fill it."""
    stems: frozenset[str]
    """Cues as the banks have them."""
    people: Mapping[str, Sequence[str]]


class Mix(NamedTuple):
    """Which exercises come up how often; replies that are no list are two sentences."""

    named: float
    """Share of replies that go through dimensions by name, with words for each."""
    listed: float
    """Share of replies that list words of the person's sides."""
    leaning: float
    """Share of the cue words of sentences that are of the person's own sides; the others are of any."""


LOOKING_UP = Mix(named=0.2, listed=0.8, leaning=1.0)
"""Comes first: among other exercises the skill does not emerge within a thousand steps."""
SPEAKING = Mix(named=0.1, listed=0.2, leaning=1.0)


class Exercise(NamedTuple):
    """A prompt and the reply to learn."""

    messages: tuple[Message, ...]
    reply: str


def load_material() -> Material:
    """Return the phrases beside this file, the built-in frameworks and the cues of their banks."""
    phrases = yaml.safe_load((Path(__file__).parent / "phrases.yaml").read_text(encoding="utf-8"))
    words = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
    endings, people = phrases.pop("endings"), phrases.pop("people")
    cues, stems = {}, set[str]()
    for name in FRAMEWORKS:
        for dimension, sides in yaml.safe_load((BANKS / name / "cues.yaml").read_text(encoding="utf-8")).items():
            stems.update(*sides.values())
            cues[dimension] = {side: [stem + endings.get(stem, "") for stem in words] for side, words in sides.items()}
    frameworks = tuple(load_framework(name) for name in FRAMEWORKS)
    return Material(frameworks, cues, {**phrases, **words}, frozenset(stems), people)


def exercises(material: Material, draw: random.Random, count: int, mix: Mix) -> list[Exercise]:
    """Return `count` exercises about one invented person of either framework (see `WEIGHTS`)."""
    framework = draw.choices(material.frameworks, [WEIGHTS[one.framework] for one in material.frameworks])[0]
    scores = invented_scores(framework, draw)
    profile, respondent = _person(framework, scores, material.people, draw)
    titles = {dimension.name: dimension.title for dimension in framework.dimensions}
    made = []
    for _ in range(count):
        text = fill(draw.choice(material.phrases["questions"]), lambda blank: draw.choice(material.phrases[blank]))
        own = _own_sides(scores)
        kind = draw.random()
        if kind < mix.named:
            reply = _told(own, titles, material.cues, draw)
        elif kind < mix.named + mix.listed:
            reply = ", ".join(_cues(own, material.cues, draw, LISTED))
        else:
            reply = _said(own, _any_sides(scores), mix.leaning, material, draw)
        made.append(Exercise(prompt(_question(text), profile, respondent, framework, Ablation.FULL), reply))
    return made


def invented_scores(framework: ValueFramework, draw: random.Random) -> dict[str, tuple[float, float]]:
    """Return dimension -> (0-100, standardised): independent normal scores around a mean and spread of their own."""
    scores = {}
    for dimension in framework.dimensions:
        standardised = draw.gauss(0, 1.1)
        raw = draw.uniform(50, 90) + draw.uniform(12, 28) * standardised
        scores[dimension.name] = (min(100.0, max(0.0, raw)), standardised)
    return scores


def fill(template: str, choose: Callable[[str], str]) -> str:
    """Return `template` with what `choose` gives for each of its blanks, one after another."""
    return _BLANK.sub(lambda blank: choose(blank[1]), template)


def _own_sides(scores: Mapping[str, tuple[float, float]]) -> list[Side]:
    """Return the sides on which a person stands out, or the farthest one where that is none."""
    standing = [
        (name, "high" if value > 0 else "low") for name, (_, value) in scores.items() if position(value) != MIDDLE
    ]
    if standing:
        return standing
    name = max(scores, key=lambda one: abs(scores[one][1]))
    return [(name, "high" if scores[name][1] > 0 else "low")]


def _any_sides(scores: Mapping[str, tuple[float, float]]) -> list[Side]:
    return [(name, side) for name in scores for side in ("high", "low")]


def _said(own: Sequence[Side], every: Sequence[Side], leaning: float, material: Material, draw: random.Random) -> str:
    """Return two sentences whose cue words, each drawn for itself, are of `own` sides in a share `leaning`."""
    share = draw.random() ** 2

    def choose(blank: str) -> str:
        chance = draw.random()
        if blank in CUES or (blank in CONTENT and chance < share):
            name, side = draw.choice(own if draw.random() < leaning else every)
            return draw.choice(material.cues[name][side])
        if blank in CONTENT and chance > 1 - STRANGE_SHARE:
            return "".join(draw.choice(SYLLABLES) for _ in range(3))
        return draw.choice(material.phrases[blank])

    loose = draw.random() < LOOSE_SHARE
    texts = draw.sample(material.phrases["sentences"], 2) if loose else [draw.choice(material.phrases["advice"])]
    texts = [fill(text, choose) for text in texts]
    if draw.random() < SHUFFLED_SHARE:
        texts = [_shuffled(text, draw) for text in texts]
    return " ".join(map(_capital, texts))


def _shuffled(text: str, draw: random.Random) -> str:
    """Return the words of `text`, with what stands before and after them, in another order."""
    words = text.split()
    return " ".join(draw.sample(words, len(words)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _told(sides: Sequence[Side], titles: Mapping[str, str], cues: Cues, draw: random.Random) -> str:
    """Return, for each of `sides` in random order, the dimension's name and three words of the side."""
    turns = draw.sample(sides, len(sides))
    return " ".join(f"{titles[one[0]]}: {', '.join(_cues([one], cues, draw, WORDS_A_DIMENSION))}." for one in turns)


def _cues(sides: Sequence[Side], cues: Cues, draw: random.Random, count: int) -> list[str]:
    """Return `count` different cue words of `sides`."""
    words: list[str] = []
    while len(words) < count:
        name, side = draw.choice(sides)
        word = draw.choice(cues[name][side])
        if word not in words:
            words.append(word)
    return words


def _person(
    framework: ValueFramework,
    scores: Mapping[str, tuple[float, float]],
    people: Mapping[str, Sequence[str]],
    draw: random.Random,
) -> tuple[ValueProfile, Respondent]:
    country = draw.choice(COUNTRIES)
    facts = {name: draw.choice(options) for name, options in people.items() if draw.random() < 0.6}  # noqa: PLR2004
    profile = ValueProfile(
        respondent_id="r-invented",
        survey="s-invented",
        framework=framework.framework,
        split=Split.TRAIN,
        domain=Domain.IN,
        country=country,
        scores=tuple(
            DimensionScore(
                dimension=name,
                raw=raw,
                centred=0,
                standardised=standardised,
                standard_error=0,
                standard_error_centred=0,
                standard_error_standardised=0,
                level=Level.NONE,
                error_probability=None,
                items=(),
            )
            for name, (raw, standardised) in scores.items()
        ),
        scoring_version=0,
    )
    respondent = Respondent(
        id="r-invented",
        source_id="invented",
        survey="s-invented",
        row=1,
        country=country,
        language="en",
        demographics=Demographics(known=facts),
        synthetic=True,
    )
    return profile, respondent


def _question(text: str) -> Question:
    """A question record around `text`; its answers are never shown."""
    answers = (Answer(id="a-0", text="-", side="none:high"), Answer(id="a-1", text="+", side="none:low"))
    return Question(
        id=content_id("q", text),
        recipe=Recipe.SIDES,
        dimensions=(),
        language="en",
        split=Split.TRAIN,
        topic="",
        text=text,
        answers=answers,
        written_for="r-invented",
        pairs=(),
        stamp=WriterStamp(writer="exercise", version="1"),
    )
