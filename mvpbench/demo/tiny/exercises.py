"""Exercises from which the tiny model learns to look up a profile: invented people, generic questions, cue words.

A reply is words in no order, a share of which are cues of the sides on which the person stands. The model is taught
their whole distribution, not the few that were drawn, from which it learns far more slowly (docs/experiments.md). What
is asked for, and how much of it is the person's own, is a `Kind`; `train` says which come up when.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from builder.frameworks.load import load_framework
from builder.writers.bank import FOLDER as BANKS
from eval.prompts import FOR_A_PERSON, POSITIONS, position, prompt
from schemas.chat import Message
from schemas.evaluation import Ablation
from schemas.identity import content_id
from schemas.questions import Answer, Question, Recipe, WriterStamp
from schemas.survey import Demographics, Respondent
from schemas.values import DimensionScore, Domain, Level, Split, ValueFramework, ValueProfile

FRAMEWORKS = ("prism", "mfq2")
WEIGHTS = {"prism": 0.6, "mfq2": 0.4}
"""How often a person of each framework comes up: the demo's people are of the first."""
NAME_WORDS = "The person below is data. Name words that suit this person."
"""Takes the place of the evaluation's instruction in exercises that ask for the person's own cues."""
WORDS = 48
"""In a reply: about as many as the tokens of an answer."""
MIDDLE = POSITIONS[len(POSITIONS) // 2]
COUNTRIES = ("AU", "BR", "CL", "DE", "EG", "FR", "GB", "IN", "JP", "KE", "KR", "MX", "NG", "PH", "PL", "US", "VN", "ZA")

_BLANK = re.compile(r"\{(\w+)\}")

Cues = Mapping[str, Mapping[str, Sequence[str]]]
"""Dimension -> side (`high`, `low`) -> words, as the banks have them: stems, some of several words."""
Shares = Mapping[str, float]
"""Token of the tiny model's tokenizer -> its share; they sum to 1."""
Side = tuple[str, str]
"""Dimension, and `high` or `low`."""


class Material(NamedTuple):
    """What exercises are made of."""

    frameworks: tuple[ValueFramework, ...]
    cues: Cues
    phrases: Mapping[str, Sequence[str]]
    """Name of a blank -> what may fill it."""
    people: Mapping[str, Sequence[str]]


class Kind(NamedTuple):
    """A kind of exercise."""

    own_asked: bool
    """The instruction is `NAME_WORDS`, not the evaluation's."""
    own: float
    """Share of the cues that are of the person's own sides; the others are of any side of any dimension."""
    cues: float
    """Share of cues in a reply."""


class Exercise(NamedTuple):
    """A prompt, a reply of tokens, and the shares that each of them was drawn by."""

    messages: tuple[Message, ...]
    reply: tuple[str, ...]
    shares: Shares


def load_material() -> Material:
    """Return the phrases beside this file, the built-in frameworks and the cues of their banks."""
    here = Path(__file__).parent
    phrases = yaml.safe_load((here / "phrases.yaml").read_text(encoding="utf-8"))
    words = yaml.safe_load((here / "words.yaml").read_text(encoding="utf-8"))
    people = phrases.pop("people")
    cues = {}
    for name in FRAMEWORKS:
        cues.update(yaml.safe_load((BANKS / name / "cues.yaml").read_text(encoding="utf-8")))
    frameworks = tuple(load_framework(name) for name in FRAMEWORKS)
    return Material(frameworks, cues, {**phrases, **words}, people)


def exercise(material: Material, common: Shares, draw: random.Random, kind: Kind) -> Exercise:
    """Return an exercise about an invented person of either framework (see `WEIGHTS`).

    `common` are the shares of tokens that are no cues.
    """
    framework = draw.choices(material.frameworks, [WEIGHTS[one.framework] for one in material.frameworks])[0]
    scores = invented_scores(framework, draw)
    profile, respondent = _person(framework, scores, material.people, draw)
    text = fill(draw.choice(material.phrases["questions"]), lambda blank: draw.choice(material.phrases[blank]))
    asked = prompt(_question(text), profile, respondent, framework, Ablation.FULL)
    if kind.own_asked:
        asked = tuple(Message(role=one.role, content=one.content.replace(FOR_A_PERSON, NAME_WORDS, 1)) for one in asked)
    shares = _shares(own_sides(scores), kind.own, kind.cues, material.cues, common)
    return Exercise(asked, tuple(draw.choices(list(shares), list(shares.values()), k=WORDS)), shares)


def invented_scores(framework: ValueFramework, draw: random.Random) -> dict[str, tuple[float, float]]:
    """Return dimension -> (0-100, standardised): independent normal scores around a mean and spread of their own."""
    scores = {}
    for dimension in framework.dimensions:
        standardised = draw.gauss(0, 1.1)
        raw = draw.uniform(50, 90) + draw.uniform(12, 28) * standardised
        scores[dimension.name] = (min(100.0, max(0.0, raw)), standardised)
    return scores


def own_sides(scores: Mapping[str, tuple[float, float]]) -> list[Side]:
    """Return the sides on which a person stands out, or the farthest one where that is none."""
    standing = [name for name, (_, value) in scores.items() if position(value) != MIDDLE]
    names = standing or [max(scores, key=lambda one: abs(scores[one][1]))]
    return [(name, "high" if scores[name][1] > 0 else "low") for name in names]


def fill(template: str, choose: Callable[[str], str]) -> str:
    """Return `template` with what `choose` gives for each of its blanks, one after another."""
    return _BLANK.sub(lambda blank: choose(blank[1]), template)


def _shares(own: Sequence[Side], lean: float, share: float, cues: Cues, common: Shares) -> Shares:
    """Return the shares of words: `share` for all cues together, of which `lean` for those of `own` sides."""
    theirs = [stem for name, side in own for stem in cues[name][side]]
    every = all_stems(cues)
    shares = Counter({word: (1 - share) * one for word, one in common.items()})
    shares.update(dict.fromkeys(theirs, share * lean / len(theirs)))
    shares.update(dict.fromkeys(every, share * (1 - lean) / len(every)))
    return {word: share for word, share in shares.items() if share > 0}


def all_stems(cues: Cues) -> list[str]:
    """Return the stems of all sides."""
    return [stem for sides in cues.values() for stems in sides.values() for stem in stems]


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
