"""`trace`: from survey answers to the released row, over every step in between."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from mvpbench.store.fingerprint import file_sha256
from mvpbench.store.journal import AttemptState, Journal
from mvpbench.store.study import Study
from mvpbench.store.tables import has_table, read_table
from release.data import places
from release.verify import read_manifest
from release.versions import MANIFEST, release_path, sealed_versions
from schemas.annotation import Annotation
from schemas.errors import InputError
from schemas.labels import Label
from schemas.questions import Instance, Match, Question
from schemas.record import Record
from schemas.release import Manifest
from schemas.results import Outcome, Step, TraceResult
from schemas.survey import Respondent
from schemas.values import ValueProfile

R = TypeVar("R", bound=Record)


def trace(study: Study, subject: str) -> Outcome[TraceResult]:
    """Return the steps that lead to `subject`: the id of a respondent, question, instance, match or rating.

    A question that a model wrote comes with the call that was paid for it, an instance with every sealed release under
    `releases/` that holds it.

    Raises InputError `id-unknown` where no table knows the id, `release-unreadable` and `not-a-release` where a release
    is damaged, StudyError where a table is missing.
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
    questions = [row for row in _rows(study, "questions", Question) if row.id in asked]
    steps += _calls(study, questions)
    steps += [_question(row) for row in questions]
    steps += [_instance(row) for row in chosen]
    ids = {instance.id for instance in chosen}
    steps += [_annotation(row) for row in annotations if row.instance_id in ids]
    steps += [_label(row) for row in _rows(study, "labels", Label) if row.instance_id in ids]
    steps += _released(study, ids)
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
        sure = "" if score.error_probability is None else f", wrong with p {_chance(score.error_probability)}"
        facts[score.dimension] = (
            f"raw {score.raw:.1f} ± {score.standard_error:.1f}, centred {score.centred:+.1f}, "
            f"z {score.standardised:+.2f}: {score.level}{sure}"
        )
    return Step(what="value profile", id=row.respondent_id, facts=facts)


def _match(row: Match) -> Step:
    facts: dict[str, str] = {"scope": row.scope, "on": f"{row.recipe} {' / '.join(row.dimensions)}"}
    for stand in (row.first, row.second):
        facts[stand.respondent_id] = f"{stand.side}, wrong with p {_chance(stand.error_probability)}"
    return Step(what="counterparts", id=row.id, facts=facts)


def _calls(study: Study, questions: Sequence[Question]) -> list[Step]:
    """Return the journal's account of every call that the questions were read from, each once."""
    calls = dict.fromkeys(row.stamp.call_id for row in questions if row.stamp.call_id is not None)
    if not calls:
        return []
    with Journal(study.journal) as journal:
        return [_call(journal, call) for call in calls]


def _call(journal: Journal, call: str) -> Step:
    """Tokens and price are those of all attempts: failed ones were paid too."""
    request = journal.request(call)
    if request is None:
        return Step(what="model call", id=call, facts={"found": "not in this study's journal"})
    attempts = journal.attempts(call)
    failed = sum(one.state is AttemptState.FAILED for one in attempts)
    facts = {
        "model": request.model,
        "attempts": f"{len(attempts)}, {failed} of them failed",
        "prompt tokens": _sum([one.prompt_tokens for one in attempts]),
        "completion tokens": _sum([one.completion_tokens for one in attempts]),
        "usd": _sum([one.usd for one in attempts]),
    }
    return Step(what="model call", id=call, facts=facts)


def _sum(numbers: Sequence[float | None]) -> str:
    """Numbers that nobody told are not zero."""
    known = [number for number in numbers if number is not None]
    return f"{sum(known):,.10g}" if known else "unknown"


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
        "expected": f"{row.expected} [{row.expected_side}], wrong with p {_chance(row.error_probability)}",
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


def _released(study: Study, ids: Collection[str]) -> list[Step]:
    """Return a step for every instance in every sealed release, by version."""
    steps = []
    for version in sealed_versions(study):
        folder = release_path(study, version)
        found = places(folder, ids)
        if not found:
            continue
        manifest, sha256 = _manifest(folder), file_sha256(folder / MANIFEST)
        facts = {"release": f"{manifest.name} {manifest.version}", "kind": manifest.kind, "manifest sha256": sha256}
        steps += [
            Step(what="released row", id=key, facts=facts | {"file": path}) for key, path in sorted(found.items())
        ]
    return steps


def _manifest(folder: Path) -> Manifest:
    try:
        return read_manifest(folder)
    except ValidationError as exc:
        raise InputError(
            "release-unreadable",
            str(folder / MANIFEST),
            found="no manifest that can be read",
            expected="the one that was sealed",
            way_out="take the release again from where it was published",
        ) from exc


def _chance(probability: float) -> str:
    """Two digits, and never a zero that is none."""
    return f"{probability:.2f}" if probability >= 0.005 else "< 0.01"  # noqa: PLR2004 - rounds to 0.01


def _lines(step: Step) -> list[str]:
    return [f"{step.what} {step.id}", *(f"  {name}: {fact}" for name, fact in step.facts.items())]
