"""Agreement is told when every rating of the latest declaration is in, and not so much as measured before."""

from dataclasses import replace
from typing import Any

import pytest

from annotation.status.measure import measure
from annotation.status.pace import WAIVED
from annotation.status.page import page
from annotation.status.said import expected
from annotation.status.seen import Seen
from annotation.status.words import in_lines
from schemas.agreement import AgreementReport, Estimate
from schemas.annotation import AnnotatorKind
from schemas.questions import Dropped
from schemas.study import ReleaseSection
from tests.annotation.status.made import ALPHA, NOW, agreed, answer, declared, seen, tasks

SLOTS = ("KE-sw-person-1", "KE-sw-person-2", "KE-sw-item-1")
ASSIGNED = [one for slot in SLOTS for one in tasks(slot, 2)]
CHECKS = [one for slot in SLOTS[:2] for one in tasks(slot, 0, comprehension=1)]
ALL = [answer(one) for one in ASSIGNED]


def _never() -> AgreementReport:
    raise AssertionError("agreement was measured before the sample was in")


def _untold(seen: Seen) -> str | None:
    found = measure(replace(seen, agree=_never), NOW)
    assert found.agreement.gate.outcome == "not_measured"
    assert found.sample.lacking is not None
    return found.agreement.alpha.undefined


def test_one_missing_rating_is_enough_to_tell_nothing() -> None:
    assert _untold(seen(ASSIGNED, ALL[:-1])) == "not told: the declared sample is not in (5 of 6 ratings)"
    assert _untold(seen(ASSIGNED, ALL[1:])) == "not told: the declared sample is not in (5 of 6 ratings)"


def test_all_ratings_are_enough_whatever_the_checks() -> None:
    found = measure(seen([*ASSIGNED, *CHECKS], ALL), NOW)
    assert found.sample.lacking is None
    assert (found.agreement.alpha.value, found.agreement.alpha.undefined) == (ALPHA, None)
    assert found.agreement.by_country[0].with_expected.value == 0.9
    assert found.groups[0].checks.answered == 0


def test_two_answers_to_one_task_are_one_rating() -> None:
    twice = [*ALL[:-1], answer(ASSIGNED[0], annotator="n-other")]
    assert _untold(seen(ASSIGNED, twice)) == "not told: the declared sample is not in (5 of 6 ratings)"


def test_a_larger_sample_declared_later_takes_agreement_back() -> None:
    more = [*ASSIGNED, *tasks("KE-sw-person-3", 2)]
    both = [declared(ASSIGNED, 1), declared(more, 2)]
    assert _untold(seen(more, ALL, declarations=both)) == "not told: the declared sample is not in (6 of 8 ratings)"


def test_answers_to_tasks_that_left_the_sample_do_not_count() -> None:
    strange = [answer(one) for one in tasks("KE-sw-person-9", 1)]
    assert _untold(seen(ASSIGNED, [*ALL[:-1], *strange])) == "not told: the declared sample is not in (5 of 6 ratings)"


def test_without_a_declaration_nothing_is_told() -> None:
    assert _untold(seen(ASSIGNED, ALL, declarations=[])) == "not told: no sample was declared"


def test_what_is_given_out_must_be_what_is_declared() -> None:
    """A push that was killed between the two leaves them apart."""
    larger = declared(ASSIGNED, person_ratings=5)
    reason = "not told: 7 ratings are declared and 6 given out; push again"
    assert _untold(seen(ASSIGNED, ALL, declarations=[larger])) == reason


def test_simulated_answers_do_not_complete_a_sample_of_people() -> None:
    """Not in another slot of the person task, and not in the item task alone."""
    for humans in (1, 4, 5):
        rows = ALL[:humans] + [answer(one, kind=AnnotatorKind.SIMULATED) for one in ASSIGNED[humans:]]
        reason = f"not told: the declared sample is not in ({humans} of 6 ratings)"
        assert _untold(seen(ASSIGNED, rows)) == reason
        assert measure(seen(ASSIGNED, rows), NOW).not_counted == 6 - humans


def test_a_dry_run_is_told_as_one() -> None:
    found = measure(seen(ASSIGNED, [answer(one, kind=AnnotatorKind.SIMULATED) for one in ASSIGNED]), NOW)
    assert found.sample.lacking is None
    assert found.counted == (AnnotatorKind.SIMULATED,)


@pytest.mark.parametrize(
    ("low", "least", "outcome"),
    [(0.40, 2, "passed"), (0.39, 2, "failed"), (0.40, 3, "not_measured"), (0.39, 3, "not_measured")],
)
def test_the_gate_looks_at_the_lower_bound_and_the_units_rated_twice(low: float, least: int, outcome: str) -> None:
    """Two slots have rated the same two instances."""
    section = ReleaseSection(min_alpha=0.4, min_units=least)
    found = measure(seen(ASSIGNED, ALL, agree=lambda: agreed(low=low), gate=section), NOW).agreement.gate
    assert found.outcome == outcome
    assert found.found == f"alpha 0.43 [{low:.2f}, 0.52] on 2 units"
    assert found.expected == f"alpha of at least 0.40 (lower bound) on {least} units rated twice"


def test_an_alpha_that_is_undefined_passes_no_gate() -> None:
    one = agreed()
    nothing = Estimate(value=None, low=None, high=None, undefined="all comparable ratings are alike: nothing varies")
    report = one.model_copy(update={"overall": one.overall.model_copy(update={"alpha": nothing})})
    found = measure(seen(ASSIGNED, ALL, agree=lambda: report), NOW).agreement.gate
    assert (found.outcome, found.found) == (
        "not_measured",
        "alpha undefined: all comparable ratings are alike: nothing varies",
    )


def _waived(uids: list[str], **more: Any) -> Seen:
    both = [declared(ASSIGNED, 1), declared(ASSIGNED, 2, waived=tuple(sorted(uids)), reason="the rater has <left>")]
    return seen(ASSIGNED, ALL[:-1], declarations=both, **more)


def test_a_rating_that_was_waived_is_not_waited_for_and_is_told() -> None:
    progress = measure(_waived([ASSIGNED[-1].uid]), NOW)
    assert (progress.sample.lacking, progress.sample.waived, progress.sample.answered) == (None, 1, 5)
    assert progress.agreement.alpha.value == ALPHA
    for text in ("\n".join(in_lines(progress, 200)), page(progress).replace("&lt;", "<").replace("&gt;", ">")):
        assert "eclared sample: 5 of 6 ratings are in (83 %), 1 waived" in text
        assert "WAIVED 1 of 6 ratings (the rater has <left>)" in text
        assert "to go" not in text
    assert "<left>" not in page(progress)
    (group,) = progress.groups
    assert {one.slot: one.pace.unsaid for one in group.slots}[SLOTS[2]] == WAIVED
    assert expected(group) == "waived"


def test_only_what_was_waived_is_not_waited_for() -> None:
    assert _untold(_waived([ASSIGNED[0].uid])) == "not told: the declared sample is not in (5 of 6 ratings)"


def test_an_answer_that_comes_although_it_was_waived_counts() -> None:
    progress = measure(replace(_waived([ASSIGNED[-1].uid]), items=[one for one in ALL if one in ALL[4:]]), NOW)
    assert (progress.sample.waived, progress.sample.answered) == (0, 6)


def test_a_task_given_up_that_was_waived_stands_no_longer_open() -> None:
    skipped = [Dropped(stage="pull", subject="annotation 1", reason="skipped", detail=ASSIGNED[-1].uid)]
    (finding,) = measure(_waived([ASSIGNED[-1].uid], dropped=skipped), NOW).items
    assert (finding.is_open, finding.found) == (False, f"waived in {SLOTS[2]}")
