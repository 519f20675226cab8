"""The declared sample: written down before the first task goes out, so that nobody stops when the numbers please.

Looking again and again until agreement passes a gate raises false passes from .02 to .15; so the size is declared, each
change of it is a declaration of its own, and no agreement is told against a gate before the latest one is in.
"""

from collections.abc import Sequence

from mvpbench.store.clock import stamp, utc_now
from mvpbench.store.journal import Journal
from schemas.annotation import Assignment, Declaration, Purpose, TaskKind
from schemas.errors import StudyError
from schemas.study import AnnotateSection

DECLARED = "declared"
"""Kind of journal write; keys count from 1, payloads are `Declaration` records."""
SLOTS = "slots"
"""Kind of journal write: the numbers of slots at the first push."""


def declare(journal: Journal, section: AnnotateSection, assigned: Sequence[Assignment]) -> Declaration:
    """Return the declaration of the sample as it is now, written down unless the latest one says the same."""
    before = declarations(journal)
    rated = [one for one in assigned if one.purpose is Purpose.RATED]
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
    )
    if before and _same(before[-1], now):
        return before[-1]
    key = str(now.number)
    journal.begin_write(DECLARED, key, now.model_dump_json())
    journal.finish_write(DECLARED, key, "")
    return now


def declarations(journal: Journal) -> list[Declaration]:
    """Return every declaration of the study, the first one first."""
    found = [Declaration.model_validate_json(one.payload) for one in journal.writes(DECLARED)]
    return sorted(found, key=lambda one: one.number)


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
