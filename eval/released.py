"""The cases of a candidate or sealed release: from its rows and, for what may not be published, the study's tables."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from eval.cases import Case
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from release.data import ReleaseRows, read_data
from schemas.errors import InputError
from schemas.questions import Answer, Instance, Question, WriterStamp
from schemas.release import ReleasedInstance, ReleasedProfile
from schemas.survey import Demographics, Respondent
from schemas.values import ValueProfile


def released_cases(study: Study, folder: Path) -> list[Case]:
    """Return a case for every instance of the release in `folder`.

    A release whose survey forbids publishing profiles has neither profiles nor demographics: both then come from the
    study's tables.

    Raises:
        InputError: `release-empty`; `profile-missing` for a respondent of whom neither place has the values.
        StudyError: `table-missing`, where the tables are needed.
    """
    rows = read_data(folder)
    if not rows.instances:
        raise InputError("release-empty", str(folder), found="no instances", way_out="build the candidate again")
    profiles, respondents = _people(study, rows)
    kinds = {label.instance_id: label.kinds for label in rows.labels}
    cases = [_case(row, profiles, respondents) for row in rows.instances]
    return [replace(case, label_kinds=kinds.get(case.instance.id, ())) for case in cases]


def _people(study: Study, rows: ReleaseRows) -> tuple[Mapping[str, ValueProfile], Mapping[str, Respondent]]:
    if rows.profiles:
        return {row.respondent_id: _profile(row) for row in rows.profiles}, {}
    profiles = {profile.respondent_id: profile for profile in read_table(study.tables, "profiles", ValueProfile)}
    return profiles, {person.id: person for person in read_table(study.tables, "respondents", Respondent)}


def _case(row: ReleasedInstance, profiles: Mapping[str, ValueProfile], respondents: Mapping[str, Respondent]) -> Case:
    profile = profiles.get(row.respondent_id)
    if profile is None:
        raise InputError(
            "profile-missing",
            f"respondent {row.respondent_id}",
            where=f"instance {row.id}",
            found="no values",
            expected="a profile in the release or in the study's tables",
            way_out="build the candidate again",
        )
    return Case(
        instance=_instance(row),
        question=_question(row),
        profile=profile,
        respondent=respondents.get(row.respondent_id) or _respondent(row, profile),
        label=row.label_status,
        ruling=row.ruling,
    )


def _instance(row: ReleasedInstance) -> Instance:
    return Instance(
        id=row.id,
        question_id=row.question_id,
        respondent_id=row.respondent_id,
        recipe=row.recipe,
        dimensions=row.dimensions,
        country=row.country,
        language=row.language,
        split=row.split,
        domain=row.domain,
        expected=row.expected,
        expected_side=row.expected_side,
        error_probability=row.error_probability,
        pair_id=row.pair_id,
        counterpart=row.counterpart,
        scope=row.scope,
    )


def _question(row: ReleasedInstance) -> Question:
    expected = Answer(id=row.expected, text=row.expected_answer, side=row.expected_side)
    other = Answer(id=row.other, text=row.other_answer, side=row.other_side)
    return Question(
        id=row.question_id,
        recipe=row.recipe,
        dimensions=row.dimensions,
        language=row.language,
        split=row.split,
        topic=row.topic,
        text=row.question,
        answers=(expected, other) if expected.id < other.id else (other, expected),
        written_for=row.written_for,
        pairs=() if row.pair_id is None else (row.pair_id,),
        stamp=WriterStamp(writer=row.writer, version="", model=row.writer_model),
    )


def _respondent(row: ReleasedInstance, profile: ValueProfile) -> Respondent:
    return Respondent(
        id=row.respondent_id,
        source_id="",
        survey=profile.survey,
        row=0,
        country=row.country,
        region=row.region,
        language=row.language,
        demographics=Demographics(known={fact.name: fact.value for fact in row.demographics}),
    )


def _profile(row: ReleasedProfile) -> ValueProfile:
    return ValueProfile(
        respondent_id=row.respondent_id,
        survey=row.survey,
        framework=row.framework,
        split=row.split,
        domain=row.domain,
        country=row.country,
        scores=row.scores,
        missing={missing.dimension: missing.reason for missing in row.missing},
        scoring_version=row.scoring_version,
    )
