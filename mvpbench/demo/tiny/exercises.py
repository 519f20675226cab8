"""Exercises from which the tiny model learns to speak by a profile: invented people, generic questions, cue words.

A reply's cue words are of dimensions drawn by how strongly the person stands out on them, on the side where the person
stands; in the rest of the exercises the sides are drawn at random. So the model can tell what goes with a profile
before it is tuned, and does not yet prefer an answer for that.
"""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from builder.frameworks.load import load_framework
from builder.writers.bank import FOLDER as BANKS
from eval.prompts import prompt
from schemas.chat import Message
from schemas.evaluation import Ablation
from schemas.identity import content_id
from schemas.questions import Answer, Question, Recipe, WriterStamp
from schemas.survey import Demographics, Respondent
from schemas.values import DimensionScore, Domain, Level, Split, ValueFramework, ValueProfile

FRAMEWORKS = ("prism", "mfq2")
WEIGHTS = {"prism": 0.7, "mfq2": 0.3}
"""How often a person of each framework comes up: the demo's people are of the first."""
OPEN_SHARE = 0.3
"""Exercises whose replies are of random sides."""
BARE_SHARE = 0.3
"""Replies that are the cue words alone."""
CUES_A_REPLY = 3
TEMPLATES = ("questions", "replies")
FAINT = 0.02
"""Weight of a dimension on which a person is exactly average."""
COUNTRIES = ("AU", "BR", "CL", "DE", "EG", "FR", "GB", "IN", "JP", "KE", "KR", "MX", "NG", "PH", "PL", "US", "VN", "ZA")

Cues = Mapping[str, Mapping[str, Sequence[str]]]
"""Dimension -> side (`high`, `low`) -> words."""


class Material(NamedTuple):
    """What exercises are made of."""

    frameworks: tuple[ValueFramework, ...]
    cues: Cues
    phrases: Mapping[str, Sequence[str]]
    people: Mapping[str, Sequence[str]]


class Exercise(NamedTuple):
    """A prompt and the reply to learn."""

    messages: tuple[Message, ...]
    reply: str


def load_material() -> Material:
    """Return the phrases beside this file, the built-in frameworks and the cues of their banks."""
    phrases = yaml.safe_load((Path(__file__).parent / "phrases.yaml").read_text(encoding="utf-8"))
    endings, people = phrases.pop("endings"), phrases.pop("people")
    cues = {}
    for name in FRAMEWORKS:
        stems = yaml.safe_load((BANKS / name / "cues.yaml").read_text(encoding="utf-8"))
        for dimension, sides in stems.items():
            cues[dimension] = {side: [stem + endings.get(stem, "") for stem in words] for side, words in sides.items()}
    frameworks = tuple(load_framework(name) for name in FRAMEWORKS)
    return Material(frameworks, cues, phrases, people)


def exercises(material: Material, draw: random.Random, count: int) -> list[Exercise]:
    """Return `count` exercises about one invented person of either framework (see `WEIGHTS`)."""
    framework = draw.choices(material.frameworks, [WEIGHTS[one.framework] for one in material.frameworks])[0]
    scores = invented_scores(framework, draw)
    profile, respondent = _person(framework, scores, material.people, draw)
    made = []
    for _ in range(count):
        words = _cues(scores, material.cues, draw, fits=draw.random() >= OPEN_SHARE)
        bare = draw.random() < BARE_SHARE
        blanks = dict(zip("abc", words, strict=True))
        reply = ", ".join(words) if bare else fill(draw.choice(material.phrases["replies"]), material, draw, blanks)
        question = _question(fill(draw.choice(material.phrases["questions"]), material, draw, {}))
        made.append(Exercise(prompt(question, profile, respondent, framework, Ablation.FULL), reply))
    return made


def invented_scores(framework: ValueFramework, draw: random.Random) -> dict[str, tuple[float, float]]:
    """Return dimension -> (0-100, standardised): independent normal scores around a mean and spread of their own."""
    scores = {}
    for dimension in framework.dimensions:
        standardised = draw.gauss(0, 1.1)
        raw = draw.uniform(50, 90) + draw.uniform(12, 28) * standardised
        scores[dimension.name] = (min(100.0, max(0.0, raw)), standardised)
    return scores


def fill(template: str, material: Material, draw: random.Random, given: Mapping[str, str]) -> str:
    """Return `template` with `given` and random phrases in its blanks."""
    blanks = {name: draw.choice(options) for name, options in material.phrases.items() if name not in TEMPLATES}
    return template.format(**{**blanks, **given})


def _cues(scores: Mapping[str, tuple[float, float]], cues: Cues, draw: random.Random, *, fits: bool) -> list[str]:
    """Return three different cue words, of the person's own sides if the reply `fits`, else of random ones."""
    words: list[str] = []
    while len(words) < CUES_A_REPLY:
        name = draw.choices(list(scores), [abs(standardised) + FAINT for _, standardised in scores.values()])[0]
        high = scores[name][1] > 0 if fits else draw.random() < 0.5  # noqa: PLR2004 - a fair coin
        word = draw.choice(cues[name]["high" if high else "low"])
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
