"""The rows of a release, joined from a study's tables. Pure; no source id, name or free text is passed on."""

from typing import NamedTuple

from builder.instances import choices
from release.data import ReleaseRows
from release.said import released_labels, released_ratings, rulings_of
from release.sources import Sources
from schemas.errors import StudyError
from schemas.labels import LabelStatus, Ruling
from schemas.questions import Instance, Question
from schemas.release import (
    Fact,
    MissingScore,
    ReleasedInstance,
    ReleasedProfile,
)
from schemas.survey import Demographics, Respondent
from schemas.values import ValueProfile

Dropped = dict[str, dict[str, int]]
"""Table -> reason -> count."""

KEPT_BACK = {"demographics": Demographics(), "region": None}
"""Beside the profiles, what is said of people where the survey's licence does not let it be passed on."""


def release_rows(sources: Sources, name: str, version: str, canary: str) -> tuple[ReleaseRows, Dropped]:
    """Return the rows of a version of release `name`, and what was dropped on the way to them, from the survey file on.

    Raises:
        StudyError: `tables-disagree` where an instance's question, answer or respondent is in no table.
    """
    instances = _instances(sources, canary)
    people = {row.respondent_id for row in instances}
    profiles = sources.profiles if sources.survey.redistribute_profiles else []
    rows = ReleaseRows(
        instances=instances,
        labels=released_labels(sources, instances),
        ratings=released_ratings(sources, instances, name, version),
        profiles=sorted(
            (_profile(row) for row in profiles if row.respondent_id in people), key=lambda row: row.respondent_id
        ),
    )
    return rows, {name: info.dropped for name, info in sources.tables.items() if info.dropped}


def _instances(sources: Sources, canary: str) -> list[ReleasedInstance]:
    questions = {row.id: row for row in sources.questions}
    people = {row.id: row for row in sources.respondents}
    statuses = {row.instance_id: row.status for row in sources.labels}
    rulings = rulings_of(sources)
    if not sources.survey.redistribute_profiles:
        people = {key: row.model_copy(update=KEPT_BACK) for key, row in people.items()}
    instances = []
    for row in sorted(sources.instances, key=lambda row: row.id):
        question, person = questions.get(row.question_id), people.get(row.respondent_id)
        if question is None or person is None or row.expected not in {answer.id for answer in question.answers}:
            raise StudyError(
                "tables-disagree",
                f"instance {row.id}",
                found=f"question {row.question_id}, respondent {row.respondent_id}, answer {row.expected}",
                expected="all three in the study's tables",
                way_out="run `mvpbench generate`",
            )
        status = statuses.get(row.id, LabelStatus.UNREVIEWED)
        said = _Said(status, rulings.get((row.question_id, row.country)))
        instances.append(_instance(row, question, person, said, canary))
    return instances


class _Said(NamedTuple):
    status: LabelStatus
    ruling: Ruling | None


def _instance(row: Instance, question: Question, person: Respondent, said: _Said, canary: str) -> ReleasedInstance:
    first, second = choices(question, row)
    label = 0 if first.id == row.expected else 1
    expected, other = (first, second) if label == 0 else (second, first)
    return ReleasedInstance(
        id=row.id,
        question=question.text,
        choices=(first.text, second.text),
        label=label,
        expected_answer=expected.text,
        other_answer=other.text,
        expected=expected.id,
        other=other.id,
        expected_side=expected.side,
        other_side=other.side,
        error_probability=row.error_probability,
        label_status=said.status,
        ruling=said.ruling,
        recipe=row.recipe,
        dimensions=row.dimensions,
        topic=question.topic,
        language=row.language,
        split=row.split,
        domain=row.domain,
        scope=row.scope,
        respondent_id=person.id,
        country=row.country,
        region=person.region,
        demographics=tuple(Fact(name=key, value=text) for key, text in sorted(person.demographics.known.items())),
        question_id=question.id,
        pair_id=row.pair_id,
        counterpart=row.counterpart,
        written_for=question.written_for,
        writer=question.stamp.writer,
        writer_model=question.stamp.model,
        canary=canary,
    )


def _profile(row: ValueProfile) -> ReleasedProfile:
    return ReleasedProfile(
        respondent_id=row.respondent_id,
        survey=row.survey,
        framework=row.framework,
        split=row.split,
        domain=row.domain,
        country=row.country,
        scores=row.scores,
        missing=tuple(MissingScore(dimension=key, reason=why) for key, why in sorted(row.missing.items())),
        scoring_version=row.scoring_version,
    )
