"""The mix: the same bodies meet the same faults, as often as the rates say, and every body gets through."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mvpbench.chat.server.faults import CONTENT_FAULTS, MOST_IN_A_ROW, TRANSPORT_FAULTS, Fault, FaultMix

BODIES = [f"body {number}" for number in range(2000)]
ALL = CONTENT_FAULTS + TRANSPORT_FAULTS
RATES = {
    Fault.NOT_JSON: 0.02,
    Fault.TRUNCATED: 0.05,
    Fault.REFUSAL: 0.1,
    Fault.RATE_LIMITED: 0.1,
    Fault.SERVER_ERROR: 0.05,
    Fault.SLOW: 0.2,
}


@st.composite
def mixes(draw: st.DrawFn) -> FaultMix:
    weights = draw(st.dictionaries(st.sampled_from(ALL), st.integers(1, 100), max_size=6))
    total = max(sum(weights.values()), draw(st.integers(1, 300)))
    return FaultMix(rates={kind: weight / total for kind, weight in weights.items()}, seed=draw(st.integers()))


@given(mix=mixes(), key=st.text())
def test_a_fault_is_one_of_the_mix_and_of_its_sort(mix: FaultMix, key: str) -> None:
    assert mix.content_fault(key) in {None, *(set(mix.rates) & set(CONTENT_FAULTS))}
    for coming in range(1, 20):
        assert mix.transport_fault(key, coming) in {None, *(set(mix.rates) & set(TRANSPORT_FAULTS))}


@given(mix=mixes(), key=st.text())
def test_the_order_in_which_rates_are_given_changes_nothing(mix: FaultMix, key: str) -> None:
    turned = FaultMix(rates=dict(reversed(mix.rates.items())), seed=mix.seed)
    assert turned.content_fault(key) == mix.content_fault(key)
    assert turned.transport_fault(key, 1) == mix.transport_fault(key, 1)


@given(mix=mixes(), key=st.text())
def test_never_more_than_two_transport_faults_in_a_row(mix: FaultMix, key: str) -> None:
    fine = [0, *(coming for coming in range(1, 60) if mix.transport_fault(key, coming) is None)]
    assert all(later - earlier <= MOST_IN_A_ROW + 1 for earlier, later in pairwise(fine))
    assert fine[-1] >= 60 - 1 - MOST_IN_A_ROW


def test_every_coming_but_the_third_fails_where_the_rate_is_one() -> None:
    mix = FaultMix(rates={Fault.SERVER_ERROR: 1.0})
    failed = [mix.transport_fault("a", coming) is not None for coming in range(1, 8)]
    assert failed == [True, True, False, True, True, False, True]


@pytest.mark.parametrize("seed", [0, 1])
def test_rates_are_about_right_over_2000_bodies(seed: int) -> None:
    """Within four standard errors: for 0.05 of 2,000, 100 with one of sqrt(2000 * 0.05 * 0.95) = 9.7, so 61 to 139."""
    mix = FaultMix(rates=RATES, seed=seed)
    drawn = [mix.content_fault(body) for body in BODIES] + [mix.transport_fault(body, 2) for body in BODIES]
    for kind, rate in RATES.items():
        error = (len(BODIES) * rate * (1 - rate)) ** 0.5
        assert abs(drawn.count(kind) - len(BODIES) * rate) < 4 * error, kind


def test_another_seed_draws_other_bodies_and_another_coming_anew() -> None:
    one, other = FaultMix(rates=RATES, seed=1), FaultMix(rates=RATES, seed=2)
    assert [one.content_fault(body) for body in BODIES] != [other.content_fault(body) for body in BODIES]
    assert [one.transport_fault(body, 1) for body in BODIES] != [one.transport_fault(body, 2) for body in BODIES]


def test_content_and_transport_faults_are_drawn_apart() -> None:
    """Each for half of the bodies: both for a quarter, 500 of 2,000 with a standard error of 19.4."""
    mix = FaultMix(rates={Fault.TRUNCATED: 0.5, Fault.SLOW: 0.5})
    both = sum(mix.content_fault(body) is not None and mix.transport_fault(body, 1) is not None for body in BODIES)
    assert abs(both - 500) < 80


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ({Fault.TRUNCATED: 0.6, Fault.SLOW: 0.6}, "the rates add up to 1.2, more than 1"),
        ({Fault.TRUNCATED: -0.1}, "the rate of truncated is -0.1, not between 0 and 1"),
        ({Fault.HANG: 0.1}, "hang cannot be in a mix"),
        ({Fault.EXPIRED: 0.1}, "expired cannot be in a mix"),
        ({"surprise": 0.1}, "Input should be 'rate-limited', "),
        ({Fault.SLOW: float("nan")}, "finite number"),
    ],
)
def test_a_mix_that_cannot_be(rates: dict[Fault, float], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        FaultMix(rates=rates)


def test_ten_tenths_are_one() -> None:
    assert FaultMix(rates=dict.fromkeys(ALL[:10], 0.1))
