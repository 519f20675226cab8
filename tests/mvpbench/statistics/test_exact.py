"""The exact interval of a share, against values that can be had without the beta distribution."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from mvpbench.statistics.exact import exact_share


@pytest.mark.parametrize("tries", [1, 3, 17])
def test_none_and_all_have_closed_forms(tries: int) -> None:
    # (1 - p)^n = .025 and p^n = .025.
    none, every = exact_share(0, tries), exact_share(tries, tries)
    assert (none.value, none.low, none.high) == (0.0, 0.0, pytest.approx(1 - 0.025 ** (1 / tries)))
    assert (every.value, every.low, every.high) == (1.0, pytest.approx(0.025 ** (1 / tries)), 1.0)


@given(data=st.data(), tries=st.integers(1, 200))
def test_each_end_is_where_what_was_seen_becomes_unlikely(data: st.DataObject, tries: int) -> None:
    """By definition: at the low end this many or more, at the high end this many or fewer, have a chance of .025."""
    successes = data.draw(st.integers(0, tries))
    found = exact_share(successes, tries)
    assert found.low is not None
    assert found.high is not None
    if successes > 0:
        assert binom.sf(successes - 1, tries, found.low) == pytest.approx(0.025, rel=1e-6)
    if successes < tries:
        assert binom.cdf(successes, tries, found.high) == pytest.approx(0.025, rel=1e-6)


def test_nothing_tried_is_undefined() -> None:
    assert (exact_share(0, 0).value, exact_share(0, 0).undefined) == (None, "nothing tried")
