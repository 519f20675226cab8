"""The declared sample: written down before the first task goes out, so that nobody stops when the numbers please.

Looking again and again until agreement passes a gate raises false passes from .02 to .15; so the size is declared, each
change of it is a declaration of its own, and no agreement is told against a gate before the latest one is in. A task
that raters give up for good would keep it out for ever: what nobody waits for is waived, with a reason, by a
declaration as well.
"""

from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple, Protocol, TypeVar

from mvpbench.store.clock import stamp, utc_now
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from mvpbench.store.tables import has_table, read_table
from schemas.annotation import (
    Annotation,
    AnnotatorKind,
    Assignment,
    CheckAnnotation,
    Declaration,
    ItemAnnotation,
    Purpose,
    SampleProgress,
    TaskKind,
)
from schemas.errors import ConfigError, StudyError
from schemas.record import Record
from schemas.study import AnnotateSection

DECLARED = "declared"
"""Kind of journal write; keys count from 1, payloads are `Declaration` records."""
SLOTS = "slots"
"""Kind of journal write: the numbers of slots at the first push."""


R = TypeVar("R", bound=Record)


class Answered(Protocol):
    """An answer to a task."""

    @property
    def uid(self) -> str:
        """Of the task."""

    @property
    def annotator_kind(self) -> AnnotatorKind:
        """What rated."""


class Waiver(NamedTuple):
    """Tasks for whose answers nobody waits any more, and why."""

    uids: Set[str]
    reason: str


def declare(
    journal: Journal, section: AnnotateSection, assigned: Sequence[Assignment], waiver: Waiver | None = None
) -> Declaration:
    """Return the declaration of the sample as it is now, written down unless the latest one says the same.

    What was waived once stays so, as long as it is in the sample.
    """
    before = declarations(journal)
    latest = before[-1] if before else None
    rated = [one for one in assigned if one.purpose is Purpose.RATED]
    uids = {one.uid for one in rated}
    kept = uids.intersection(latest.waived) if latest else set()
    waived = kept | (waiver.uids & uids if waiver else set())
    reason = waiver.reason if waiver and waived > kept else (latest.reason if latest and kept else "")
    now = Declaration(
        number=len(before) + 1,
        declared_at=stamp(utc_now),
        pairs=len({one.question_id for one in rated}),
        person_ratings=sum(one.task is TaskKind.PERSON for one in rated),
        item_ratings=sum(one.task is TaskKind.ITEM for one in rated),
        slots=section.slots,
        deep_share=section.deep_share,
        deep_slots=section.deep_slots,
        item_slots=section.item_slots,
        waived=tuple(sorted(waived)),
        reason=reason,
    )
    if latest and _same(latest, now):
        return latest
    key = str(now.number)
    journal.begin_write(DECLARED, key, now.model_dump_json())
    journal.finish_write(DECLARED, key, "")
    return now


def declarations(journal: Journal) -> list[Declaration]:
    """Return every declaration of the study, the first one first."""
    found = [Declaration.model_validate_json(one.payload) for one in journal.writes(DECLARED)]
    return sorted(found, key=lambda one: one.number)


def kinds_that_count(answers: Iterable[Answered]) -> set[AnnotatorKind]:
    """Return the kinds of annotator whose answers count: people's where any person answered anything; else all.

    Over all kinds of task: else simulated answers to some could complete a sample of which people answered a part, and
    show the agreement of that part. `study_kinds` says so of a study, and whatever is told of it goes by that: labels
    of both tasks, agreement of both, agreement of a rater with others, progress.
    """
    kinds = {one.annotator_kind for one in answers}
    return {AnnotatorKind.HUMAN} if AnnotatorKind.HUMAN in kinds else kinds


def study_kinds(study: Study) -> set[AnnotatorKind]:
    """Return the kinds of annotator whose answers count in the study: one rule, over the tables of all answers.

    Raises StudyError where one of them cannot be read.
    """
    return kinds_that_count(pulled_answers(study))


def sample_progress(
    declared: Sequence[Declaration], assigned: Iterable[Assignment], answers: Sequence[Answered]
) -> SampleProgress:
    """Return how much of the latest declaration is answered, and whether that is all of it.

    `answers` are all valid ones, of every task and kind of annotator.
    """
    kinds = kinds_that_count(answers)
    latest = declared[-1] if declared else None
    rated = {one.uid for one in assigned if one.purpose is Purpose.RATED}
    answered = rated & {one.uid for one in answers if one.annotator_kind in kinds}
    waived = len(rated.intersection(latest.waived) - answered) if latest else 0
    count = latest.person_ratings + latest.item_ratings if latest else 0
    lacking = None
    if not count:
        lacking = "no sample was declared"
    elif len(rated) != count:
        lacking = f"{count:,} ratings are declared and {len(rated):,} given out; push again"
    elif len(answered) + waived < count:
        lacking = f"the declared sample is not in ({len(answered):,} of {count:,} ratings)"
    return SampleProgress(
        declarations=tuple(declared), declared=count, answered=len(answered), waived=waived, lacking=lacking
    )


def sample_of(study: Study) -> SampleProgress:
    """Return how much of the study's declared sample was answered at the last pull; locks and changes nothing.

    Raises StudyError where a table or the journal cannot be read.
    """
    with Journal(study.journal, view=True) as journal:
        declared = declarations(journal)
    return sample_progress(declared, read_there(study, "assignments", Assignment), pulled_answers(study))


def read_there(study: Study, table: str, record: type[R]) -> Sequence[R]:
    """Return the rows of a table, none where it was not made yet. Raises StudyError as `read_table` does."""
    return read_table(study.tables, table, record) if has_table(study.tables, table) else ()


def pulled_answers(study: Study) -> list[Annotation | ItemAnnotation | CheckAnnotation]:
    """Return every valid answer as of the last pull, of both tasks and of those that look at raters."""
    return [
        *read_there(study, "annotations", Annotation),
        *read_there(study, "item_annotations", ItemAnnotation),
        *read_there(study, "check_annotations", CheckAnnotation),
    ]


def waiver(study: Study, sent: Set[str], reason: str) -> Waiver:
    """Return the waiver of every task among `sent` that had no answer at the last pull.

    Raises StudyError `table-missing` before `annotate pull`, and ConfigError `reason-missing`.
    """
    if not reason.strip():
        raise ConfigError(
            "reason-missing",
            "--waive",
            found=repr(reason),
            expected="why the answers will not come: it is told beside the results",
            way_out='say it, such as --waive "the rater of KE-sw-person-2 has left"',
        )
    read_table(study.tables, "annotations", Annotation)
    given = pulled_answers(study)
    kinds = kinds_that_count(given)
    return Waiver(sent - {one.uid for one in given if one.annotator_kind in kinds}, " ".join(reason.split()))


def same_slots(journal: Journal, section: AnnotateSection) -> None:
    """Raise StudyError `slots-changed` where person slots differ from the first push.

    A rater could get the other member of a pair. Item slots see every question alike: more of them do no harm.
    """
    numbers = {"count": ("slots", section.slots), "deep": ("deep_slots", section.deep_slots)}
    for key, (name, now) in numbers.items():
        known = journal.find_write(SLOTS, key) or journal.begin_write(SLOTS, key, str(now))
        journal.finish_write(SLOTS, key, known.payload)
        if int(known.payload) != now:
            raise StudyError(
                "slots-changed",
                "the number of raters cannot change once tasks were sent",
                where=f"study.yaml: annotate.{name}",
                found=str(now),
                expected=f"{known.payload}, as at the first push: else raters would see both members of a pair",
                way_out=f"set it back to {known.payload}",
            )


def _same(one: Declaration, other: Declaration) -> bool:
    apart = {"number", "declared_at"}
    return one.model_dump(exclude=apart) == other.model_dump(exclude=apart)
