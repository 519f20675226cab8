"""`trace`: from survey answers to the released row, over every step in between."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from mvpbench.store.study import Study
from mvpbench.store.tables import has_table, read_table
from schemas.annotation import Annotation, Label
from schemas.errors import InputError
from schemas.questions import Instance, Match, Question
from schemas.record import Record
from schemas.results import Outcome, Step, TraceResult
from schemas.survey import Respondent
from schemas.values import ValueProfile

R = TypeVar("R", bound=Record)


def trace(study: Study, subject: str) -> Outcome[TraceResult]:
    """Return the steps that lead to `subject`: the id of a respondent, question, instance, match or rating.

    Raises InputError `id-unknown` where no table knows the id, StudyError where a table is missing.
    """
    instances = _rows(study, "instances", Instance)
    annotations = _rows(study, "annotations", Annotation)
    chosen = _concerned(subject, instances, annotations)
    respondents = {row.id: row for row in _rows(study, "respondents", Respondent)}
    people = {instance.respondent_id for instance in chosen} or {subject}
    if not chosen and subject not in respondents:
        raise InputError(
            "id-unknown",
            "id",
            found=repr(subject),
            expected="the id of a respondent, question, instance, pair or rating of this study",
            way_out="ids stand in tables/*.parquet; `mvpbench status` says which tables there are",
        )
    steps: list[Step] = []
    profiles = {row.respondent_id: row for row in _rows(study, "profiles", ValueProfile)}
    for person in sorted(people & set(respondents)):
        steps.append(_respondent(respondents[person]))
        if person in profiles:
            steps.append(_profile(profiles[person]))
    pairs = {instance.pair_id for instance in chosen}
    asked = {instance.question_id for instance in chosen}
    steps += [_match(row) for row in _rows(study, "matches", Match) if row.id in pairs]
    steps += [_question(row) for row in _rows(study, "questions", Question) if row.id in asked]
    steps += [_instance(row) for row in chosen]
    ids = {instance.id for instance in chosen}
    steps += [_annotation(row) for row in annotations if row.instance_id in ids]
    steps += [_label(row) for row in _rows(study, "labels", Label) if row.instance_id in ids]
    return Outcome(
        result=TraceResult(id=subject, steps=tuple(steps)),
        counts={"steps": len(steps)},
        summary=tuple(line for step in steps for line in _lines(step)),
    )


def _rows(study: Study, table: str, record: type[R]) -> list[R]:
    """A table that was not made yet has nothing to tell."""
    return read_table(study.tables, table, record) if has_table(study.tables, table) else []


def _concerned(subject: str, instances: Sequence[Instance], annotations: Sequence[Annotation]) -> list[Instance]:
    rated = {row.instance_id for row in annotations if subject in {row.id, row.uid}}
    tests: tuple[Callable[[Instance], bool], ...] = (
        lambda row: row.id == subject or row.id in rated,
        lambda row: subject in {row.question_id, row.pair_id, row.respondent_id},
    )
    for test in tests:
        found = [row for row in instances if test(row)]
        if found:
            return found
    return []


def _respondent(row: Respondent) -> Step:
    facts = {"survey": row.survey, "source id": row.source_id, "row": str(row.row), "country": row.country or "unknown"}
    facts |= {column: f"{value:g}" for column, value in row.answers.items()}
    if row.synthetic:
        facts["synthetic"] = "yes"
    return Step(what="survey answers", id=row.id, facts=facts)


def _profile(row: ValueProfile) -> Step:
    facts: dict[str, str] = {"split": row.split, "domain": row.domain}
    for score in row.scores:
        sure = "" if score.error_probability is None else f", wrong with p {score.error_probability:.2f}"
        facts[score.dimension] = (
            f"raw {score.raw:.1f} ± {score.standard_error:.1f}, centred {score.centred:+.1f}, "
            f"z {score.standardised:+.2f}: {score.level}{sure}"
        )
    return Step(what="value profile", id=row.respondent_id, facts=facts)


def _match(row: Match) -> Step:
    facts: dict[str, str] = {"scope": row.scope, "on": f"{row.recipe} {' / '.join(row.dimensions)}"}
    for stand in (row.first, row.second):
        facts[stand.respondent_id] = f"{stand.side}, wrong with p {stand.error_probability:.2f}"
    return Step(what="counterparts", id=row.id, facts=facts)


def _question(row: Question) -> Step:
    facts = {"question": row.text} | {f"answer {answer.id} [{answer.side}]": answer.text for answer in row.answers}
    facts["written by"] = " ".join(
        filter(None, (row.stamp.writer, row.stamp.model, row.stamp.scenario, row.stamp.call_id))
    )
    facts["written for"] = row.written_for
    return Step(what="question", id=row.id, facts=facts)


def _instance(row: Instance) -> Step:
    facts = {
        "respondent": row.respondent_id,
        "expected": f"{row.expected} [{row.expected_side}], wrong with p {row.error_probability:.2f}",
        "counterpart": row.counterpart or "none",
        "split": row.split,
    }
    return Step(what="instance", id=row.id, facts=facts)


def _annotation(row: Annotation) -> Step:
    facts = {"instance": row.instance_id, "vote": row.vote, "by": f"{row.annotator} ({row.annotator_kind})"}
    return Step(what="rating", id=row.id, facts=facts | {"at": row.updated_at})


def _label(row: Label) -> Step:
    votes = ", ".join(f"{vote} {count}" for vote, count in row.votes.items())
    return Step(what="label", id=row.instance_id, facts={"status": row.status, "votes": votes})


def _lines(step: Step) -> list[str]:
    return [f"{step.what} {step.id}", *(f"  {name}: {fact}" for name, fact in step.facts.items())]
