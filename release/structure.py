"""What a release's own rows must be: the rules of `builder.pairs`, and rows that agree with themselves."""

from collections import Counter
from collections.abc import Iterator, Sequence

from builder.normal_form import normal_form
from builder.pairs import PAIR_RULES, couples, misfits, straddling
from schemas.release import ReleasedInstance, ReleasedProfile


def pair_faults(rows: Sequence[ReleasedInstance]) -> list[str]:
    """Return what is wrong with pairs and rows, one line each; computed from the rows alone."""
    faults = [f"{row.id}: {fault}" for row in rows for fault in _row_faults(row)]
    faults += [f"{row.id}: pair, counterpart and scope do not go together" for row in misfits(rows)]
    times = Counter(row.id for row in rows)
    faults += [f"{key}: occurs {count} times" for key, count in times.items() if count > 1]
    two, odd = couples(rows)
    faults += [f"pair {pair}: {count} instances instead of two" for pair, count in sorted(odd.items())]
    for pair, (first, second) in sorted(two.items()):
        faults += [f"pair {pair}: not {rule.expected}" for rule in PAIR_RULES.values() if not rule.holds(first, second)]
        faults += [f"pair {pair}: {fault}" for fault in _text_faults(first, second)]
    return faults


def split_faults(rows: Sequence[ReleasedInstance], profiles: Sequence[ReleasedProfile]) -> list[str]:
    """Return people and question texts that occur in more than one split, one line each.

    Texts are compared without regard to case, spaces and Unicode form.
    """
    people = [(row.respondent_id, row.split) for row in rows] + [(row.respondent_id, row.split) for row in profiles]
    texts = [(normal_form(row.question), row.split) for row in rows]
    faults = [f"respondent {who}: in {' and '.join(splits)}" for who, splits in sorted(straddling(people).items())]
    straddlers = sorted(straddling(texts).items())
    return faults + [f"question {text[:60]!r}: in {' and '.join(splits)}" for text, splits in straddlers]


def _row_faults(row: ReleasedInstance) -> Iterator[str]:
    if row.choices[row.label] != row.expected_answer or row.choices[1 - row.label] != row.other_answer:
        yield "label and choices do not say which answer is expected"
    same_text = normal_form(row.expected_answer) == normal_form(row.other_answer)
    if row.expected == row.other or row.expected_side == row.other_side or same_text:
        yield "the two answers are one"


def _text_faults(first: ReleasedInstance, second: ReleasedInstance) -> Iterator[str]:
    """A row repeats the texts of its question, and those of the other answer: both halves must have the same."""
    yield from (
        f"different {name}" for name in ("question", "choices") if getattr(first, name) != getattr(second, name)
    )
    if {first.expected, first.other} != {second.expected, second.other}:
        yield "two answers in one half and two others in the other"
    if {first.expected_side, first.other_side} != {second.expected_side, second.other_side}:
        yield "two sides in one half and two others in the other"
