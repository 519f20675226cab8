"""The rows of a release, joined from a study's tables. Pure; no source id, name or free text is passed on."""

from builder.instances import choices
from release.data import ReleaseRows
from release.sources import Sources
from schemas.annotation import Annotation
from schemas.errors import StudyError
from schemas.identity import content_id
from schemas.labels import Label, LabelStatus
from schemas.questions import Instance, Question
from schemas.release import (
    Fact,
    MissingScore,
    ReleasedInstance,
    ReleasedLabel,
    ReleasedProfile,
    ReleasedRating,
    VoteCount,
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
    have = {row.id for row in instances}
    people = {row.respondent_id for row in instances}
    profiles = sources.profiles if sources.survey.redistribute_profiles else []
    rows = ReleaseRows(
        instances=instances,
        labels=sorted(
            (_label(row) for row in sources.labels if row.votes and row.instance_id in have),
            key=lambda row: row.instance_id,
        ),
        ratings=sorted(
            (_rating(row, name, version) for row in sources.annotations if row.instance_id in have),
            key=lambda row: row.id,
        ),
        profiles=sorted(
            (_profile(row) for row in profiles if row.respondent_id in people), key=lambda row: row.respondent_id
        ),
    )
    return rows, {name: info.dropped for name, info in sources.tables.items() if info.dropped}


def _instances(sources: Sources, canary: str) -> list[ReleasedInstance]:
    questions = {row.id: row for row in sources.questions}
    people = {row.id: row for row in sources.respondents}
    statuses = {row.instance_id: row.status for row in sources.labels}
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
        instances.append(_instance(row, question, person, status, canary))
    return instances


def _instance(
    row: Instance, question: Question, person: Respondent, status: LabelStatus, canary: str
) -> ReleasedInstance:
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
        label_status=status,
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


def _label(row: Label) -> ReleasedLabel:
    return ReleasedLabel(
        instance_id=row.instance_id,
        status=row.status,
        votes=tuple(VoteCount(vote=vote, count=count) for vote, count in sorted(row.votes.items())),
        tie=row.tie,
        kinds=row.kinds,
    )


def _rating(row: Annotation, name: str, version: str) -> ReleasedRating:
    return ReleasedRating(
        id=content_id("v", name, version, row.id),
        instance_id=row.instance_id,
        annotator=content_id("w", name, version, row.annotator),
        annotator_kind=row.annotator_kind,
        vote=row.vote,
        sureness=row.sureness,
        lead_time_s=row.lead_time_s,
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
