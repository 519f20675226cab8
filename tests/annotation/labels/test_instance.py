"""Labels: more than half confirm or contest, else nobody can tell; the survey's answer is never replaced."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.labels import label_instances, make_labels
from schemas.annotation import AnnotatorKind
from schemas.labels import Label, LabelStatus
from schemas.questions import Instance
from tests.annotation.made import made_pair, made_question
from tests.annotation.votes import made_annotation

QUESTION = made_question(0)
INSTANCE = made_pair(QUESTION, 0)[0]
EXPECTED = INSTANCE.expected
ANSWERS = {QUESTION.id: (QUESTION.answers[0].id, QUESTION.answers[1].id)}
OTHER = next(answer.id for answer in QUESTION.answers if answer.id != EXPECTED)


def _label(votes: list[str], instance: Instance = INSTANCE) -> Label:
    rows = [made_annotation(instance, slot, vote) for slot, vote in enumerate(votes)]
    return label_instances([instance], rows, ANSWERS)[0]


@pytest.mark.parametrize(
    ("votes", "status", "tie"),
    [
        ([], LabelStatus.UNREVIEWED, False),
        ([EXPECTED], LabelStatus.CONFIRMED, False),
        ([EXPECTED, EXPECTED, OTHER], LabelStatus.CONFIRMED, False),
        ([OTHER, OTHER, EXPECTED], LabelStatus.CONTESTED, False),
        ([OTHER, "neither", EXPECTED], LabelStatus.CONTESTED, False),
        (["cannot_tell", "both", EXPECTED], LabelStatus.CANNOT_TELL, False),
        ([EXPECTED, OTHER], LabelStatus.CANNOT_TELL, True),
        ([EXPECTED, OTHER, "both"], LabelStatus.CANNOT_TELL, True),
        ([EXPECTED, "cannot_tell"], LabelStatus.CANNOT_TELL, True),
        (["cannot_tell", "cannot_tell"], LabelStatus.CANNOT_TELL, False),
    ],
)
def test_status_by_majority(votes: list[str], status: LabelStatus, tie: bool) -> None:
    found = _label(votes)
    assert (found.status, found.tie) == (status, tie)
    assert sum(found.votes.values()) == found.ratings == len(votes)


def test_a_soft_label_adds_one_vote_shared_by_all_five() -> None:
    # 2 votes of 3 and one of 3: (2 + .2) / 4, (1 + .2) / 4, and .2 / 4 for each of the others.
    found = _label([EXPECTED, EXPECTED, "both"]).soft
    assert found == pytest.approx({EXPECTED: 0.55, OTHER: 0.05, "both": 0.3, "neither": 0.05, "cannot_tell": 0.05})
    assert _label([]).soft == {}


@given(st.lists(st.sampled_from([EXPECTED, OTHER, "both", "neither", "cannot_tell"]), min_size=1, max_size=12))
def test_a_soft_label_is_a_distribution_that_keeps_the_order_of_the_votes(votes: list[str]) -> None:
    found = _label(votes)
    assert sum(found.soft.values()) == pytest.approx(1)
    assert min(found.soft.values()) > 0
    by_votes = sorted(found.soft, key=lambda one: (found.votes.get(one, 0), one))
    assert by_votes == sorted(found.soft, key=lambda one: (round(found.soft[one], 9), one))


def test_a_label_says_what_kind_of_raters_are_behind_it() -> None:
    rows = [made_annotation(INSTANCE, slot, OTHER, AnnotatorKind.SIMULATED) for slot in (2, 3)]
    found = label_instances([INSTANCE], rows, ANSWERS)[0]
    assert (found.status, found.kinds) == (LabelStatus.CONTESTED, (AnnotatorKind.SIMULATED,))


def test_an_annotation_of_nothing_is_dropped_with_its_reason() -> None:
    made = make_labels([], [made_annotation(INSTANCE, 1, EXPECTED)], ANSWERS)
    assert [drop.reason for drop in made.dropped] == ["unknown-instance"]
