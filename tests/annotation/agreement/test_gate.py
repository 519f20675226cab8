"""The gate of agreement: one for status and for a release."""

import pytest

from annotation.agreement.gate import agreement_gate, declared_in_words
from schemas.agreement import Estimate
from schemas.annotation import SampleProgress
from schemas.study import ReleaseSection
from tests.annotation.status.made import declared, tasks

SECTION = ReleaseSection(min_alpha=0.4, min_units=100)
TASKS = tasks("KE-en-person-1", 3)
IN = SampleProgress(declarations=(declared(TASKS),), declared=3, answered=3, waived=0, lacking=None)


def alpha(low: float | None) -> Estimate:
    return Estimate(value=0.5, low=low, high=None if low is None else 0.6, undefined=None if low else "no interval: x")


@pytest.mark.parametrize(
    ("low", "units", "outcome", "found"),
    [
        (0.4, 100, "passed", "alpha 0.50 [0.40, 0.60] on 100 units, by people"),
        (0.39, 100, "failed", "alpha 0.50 [0.39, 0.60] on 100 units, by people"),
        (0.4, 99, "not_measured", "alpha 0.50 [0.40, 0.60] on 99 units, by people"),
        (None, 100, "not_measured", "alpha 0.50, no interval: x"),
    ],
)
def test_the_lower_end_on_enough_units_passes(low: float | None, units: int, outcome: str, found: str) -> None:
    gate = agreement_gate(alpha(low), units, IN, SECTION, "people")
    assert (gate.outcome, gate.found) == (outcome, found)
    assert gate.expected == "alpha of at least 0.40 (lower bound) on 100 units rated twice"


def test_a_sample_that_is_not_in_passes_nothing_and_tells_no_number() -> None:
    gate = agreement_gate(alpha(0.45), 100, IN.model_copy(update={"lacking": "it is not in"}), SECTION)
    assert (gate.outcome, gate.found) == ("not_measured", "it is not in")
    assert agreement_gate(alpha(0.45), 100, None, SECTION).outcome == "not_measured"


def test_what_was_declared_is_told_with_what_was_waived() -> None:
    assert declared_in_words(IN) == ["sample declared once, on 2026-11-01"]
    waived = declared(TASKS, 3, waived=("t-1",), reason="left \x1b[31m")
    more = IN.model_copy(update={"declarations": (declared(TASKS), declared(TASKS, 2), waived), "waived": 1})
    first, second = declared_in_words(more)
    assert first == "sample declared 3 times, first on 2026-11-01, last on 2026-11-03"
    assert second.startswith("1 of 3 declared ratings waived: left ")
    assert "\x1b" not in second
    nothing = SampleProgress(declarations=(), declared=0, answered=0, waived=0, lacking="no sample was declared")
    assert declared_in_words(nothing) == []
