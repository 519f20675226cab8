"""Ids and draws depend on content alone, and never change by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identity import content_id, digest, seed, uniform

PARTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


def test_an_id_is_pinned() -> None:
    # sha256 of '[1,"id:q","en","Why?"]', computed with `printf '[1,"id:q","en","Why?"]' | sha256sum`.
    assert content_id("q", "en", "Why?") == "q-" + PINNED[:16]


PINNED = "fa4f073e604ce8e8d7160ceb3333b49613ccee3b82632470e64023a38b8592b7"


def test_text_is_hashed_as_utf_8_without_escapes() -> None:
    assert digest("p", "é") != digest("p", "\\u00e9")


@given(PARTS, st.text(min_size=1), st.text(min_size=1))
def test_two_purposes_are_unrelated(part: object, one: str, other: str) -> None:
    assert (digest(one, part) == digest(other, part)) == (one == other)  # type: ignore[arg-type]


@given(st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_parts_are_told_apart_however_they_are_cut(one: list[str], other: list[str]) -> None:
    assert (digest("p", *one) == digest("p", *other)) == (one == other)


@given(st.text())
def test_a_draw_is_in_the_unit_interval_and_a_seed_fits_63_bits(part: str) -> None:
    assert 0 <= uniform("p", part) < 1
    assert 0 <= seed("p", part) < 2**63


def test_draws_are_spread_evenly() -> None:
    # 10,000 draws in ten bins: each count is binomial(10000, .1), sd 30; five sd is 150.
    bins = [0] * 10
    for number in range(10_000):
        bins[int(uniform("spread", number) * 10)] += 1
    assert bins == [pytest.approx(1000, abs=150)] * 10
