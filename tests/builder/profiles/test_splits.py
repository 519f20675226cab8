"""Splits: a hash of the person alone."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from builder.profiles.splits import split_of
from schemas.identity import uniform
from schemas.values import Split

SHARES = {Split.TRAIN: 0.6, Split.VALIDATION: 0.1, Split.TEST: 0.3}


def test_shares_are_laid_end_to_end_in_a_fixed_order() -> None:
    """Written out: below .6 train, below .7 validation, else test; whatever the order of the mapping."""
    turned = dict(reversed(SHARES.items()))
    for number in range(200):
        draw = uniform("split", f"r-{number}")
        expected = Split.TRAIN if draw < 0.6 else Split.VALIDATION if draw < 0.7 else Split.TEST
        assert split_of(f"r-{number}", SHARES) is expected
        assert split_of(f"r-{number}", turned) is expected


def test_people_fall_into_splits_by_their_shares() -> None:
    """Of 10,000 people, within four standard errors: sqrt(10000 * .6 * .4) = 49, .1: 30, .3: 46."""
    counts = Counter(split_of(f"r-{number}", SHARES) for number in range(10_000))
    assert abs(counts[Split.TRAIN] - 6000) < 4 * 49
    assert abs(counts[Split.VALIDATION] - 1000) < 4 * 30
    assert abs(counts[Split.TEST] - 3000) < 4 * 46


@given(st.text(min_size=1), st.sampled_from(list(Split)))
def test_a_share_of_nothing_is_never_drawn(respondent: str, only: Split) -> None:
    assert split_of(respondent, {split: float(split is only) for split in Split}) is only
    assert split_of(respondent, {only: 1.0}) is only


@given(st.text(min_size=1), st.floats(0.05, 0.9))
def test_more_train_never_moves_anybody_out_of_train(respondent: str, share: float) -> None:
    before = split_of(respondent, {Split.TRAIN: share, Split.TEST: 1 - share})
    after = split_of(respondent, {Split.TRAIN: share + 0.05, Split.TEST: 0.95 - share})
    assert not (before is Split.TRAIN and after is Split.TEST)
