"""A small made-up study: pairs of people who stand on two sides of made-up questions."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from annotation.sample.material import Material
from mvpbench.store.study import Study, init_study
from schemas.identity import content_id
from schemas.questions import Answer, Instance, Question, Recipe, Scope, WriterStamp
from schemas.study import AnnotateSection
from schemas.survey import Survey
from schemas.values import DimensionScore, Domain, Level, Split, ValueProfile
from tests.fresh import SURVEY_FILES, write_fresh

STUDY_YAML = """\
format: 1
name: made-up
survey: {{file: none.csv}}
annotate: {{pairs: {pairs}, slots: {slots}, item_slots: {items}, comprehension: 0, repeats: 0, violations: 0}}
"""
CHECKED = STUDY_YAML.replace("comprehension: 0, repeats: 0, violations: 0", "comprehension: 2, repeats: 0.05")
"""With the tasks that look at raters."""


def made_question(number: int, split: Split = Split.TEST, text: str = "") -> Question:
    texts = [f"Made-up answer for mercy {number}.", f"Made-up answer for rigour {number}."]
    sides = ("care:high", "care:low")
    answers = sorted(
        (Answer(id=content_id("a", one), text=one, side=side) for one, side in zip(texts, sides, strict=True)),
        key=lambda answer: answer.id,
    )
    text = text or f"Made-up question {number}?"
    return Question(
        id=content_id("q", text, *texts),
        recipe=Recipe.SIDES,
        dimensions=("care",),
        language="en",
        split=split,
        topic="made-up",
        text=text,
        answers=(answers[0], answers[1]),
        written_for=f"r-{number}-0",
        pairs=(f"m-{number}",),
        stamp=WriterStamp(writer="template", version="0"),
    )


def made_pair(question: Question, number: int, country: str = "KE", scope: Scope = Scope.COUNTRY) -> list[Instance]:
    people = [f"r-{number}-0", f"r-{number}-1"]
    ids = [content_id("i", question.id, person) for person in people]
    return [
        Instance(
            id=ids[place],
            question_id=question.id,
            respondent_id=people[place],
            recipe=question.recipe,
            dimensions=question.dimensions,
            country=country,
            language="en",
            split=question.split,
            domain=Domain.IN,
            expected=question.answer_on(side).id,
            expected_side=side,
            error_probability=0.1,
            pair_id=f"m-{number}",
            counterpart=ids[1 - place],
            scope=scope,
        )
        for place, side in enumerate(("care:high", "care:low"))
    ]


def made_profile(respondent: str, level: Level, split: Split = Split.TEST) -> ValueProfile:
    raw = {"care": 90.0 if level is Level.HIGH else 10.0, "purity": 52.0, "loyalty": 48.0}
    return ValueProfile(
        respondent_id=respondent,
        survey="s-made",
        framework="mfq2",
        split=split,
        domain=Domain.IN,
        country="KE",
        scores=tuple(made_score(name, value, level if name == "care" else Level.NONE) for name, value in raw.items()),
        scoring_version=1,
    )


def made_score(dimension: str, raw: float, level: Level) -> DimensionScore:
    return DimensionScore(
        dimension=dimension,
        raw=raw,
        centred=raw - 50,
        standardised=(raw - 50) / 20,
        standard_error=4,
        standard_error_centred=5,
        standard_error_standardised=0.2,
        level=level,
        error_probability=None if level is Level.NONE else 0.05,
        items=(dimension,),
    )


def made_study(root: Path, pairs: int, slots: int = 3, *, items: int = 0, template: str = STUDY_YAML) -> Study:
    """A study of `pairs` pairs up to and with the table of instances; `items` slots of the item task."""
    study = init_study(root, template.format(pairs=pairs, slots=slots, items=items), SURVEY_FILES)
    questions = [made_question(number) for number in range(pairs)]
    instances = [one for number, question in enumerate(questions) for one in made_pair(question, number)]
    levels = {"care:high": Level.HIGH, "care:low": Level.LOW}
    profiles = [made_profile(one.respondent_id, levels[one.expected_side]) for one in instances]
    tables = {"surveys": [made_survey()], "respondents": [], "profiles": profiles, "matches": []}
    write_fresh(study, {**tables, "questions": questions, "instances": instances})
    return study


def made_material(instances: Sequence[Instance], questions: Iterable[Question], profile: str = "p") -> Material:
    """What tasks on these instances are made of; every profile reads the same."""
    by_id = {one.id: one for one in questions}
    return Material(
        instances={one.id: one for one in instances},
        questions=by_id,
        profiles={one.id: profile for one in instances},
        aspects=dict.fromkeys(by_id, "is moved by mercy"),
    )


def made_section(pairs: int, slots: int = 3, **more: Any) -> AnnotateSection:
    """The section of study.yaml, without tasks that look at raters."""
    none = {"item_slots": 0, "comprehension": 0, "repeats": 0, "violations": 0}
    return AnnotateSection(**{"pairs": pairs, "slots": slots} | none | more)


def made_survey() -> Survey:
    return Survey(
        id="s-made",
        name="made-up",
        title="Made up",
        version="1",
        framework="mfq2",
        citation="none",
        doi=None,
        url=None,
        licence="CC0-1.0",
        language="en",
        synthetic=True,
        redistribute_profiles=True,
        source_file="none.csv",
        source_sha256="0" * 64,
        items=(),
    )
