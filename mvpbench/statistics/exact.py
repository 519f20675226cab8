"""Exact intervals and tests for small counts, and Holm's correction."""

from collections.abc import Sequence

from scipy.special import bdtr, betaincinv

from schemas.agreement import Estimate

LEVEL = 0.95


def exact_share(successes: int, tries: int, fewest: int = 1) -> Estimate:
    """Return the share with its interval of 95 % (Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404).

    Undefined, with the reason, where there were fewer than `fewest` tries.
    """
    if tries < max(fewest, 1):
        why = f"too few: {tries}, at least {max(fewest, 1)}"
        return Estimate(value=None, low=None, high=None, undefined=why)
    tail, failures = (1 - LEVEL) / 2, tries - successes
    low = float(betaincinv(successes, failures + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, failures, 1 - tail)) if failures else 1.0
    return Estimate(value=successes / tries, low=low, high=high)


def even_p(successes: int, tries: int) -> float:
    """Return the two-sided p of the exact binomial test against one half; 1 for no tries."""
    return min(1.0, 2 * float(bdtr(min(successes, tries - successes), tries, 0.5)))


def longest_run_p(longest: int, tries: int) -> float:
    """Return the probability that `tries` fair coins show a run of `longest` or more of either side.

    A run of m equal coins is one of m - 1 successes among the tries - 1 questions whether a coin is as the one before;
    for runs of k among n the recursion is q(n) = q(n - 1) - q(n - k - 1) / 2^(k + 1), the probability of none.
    """
    k, n = longest - 1, tries - 1
    if k < 1:
        return 1.0
    if n < k:
        return 0.0
    none = [1.0] * k + [1 - 0.5**k]
    for place in range(k + 1, n + 1):
        none.append(none[place - 1] - 0.5 ** (k + 1) * none[place - k - 1])
    return 1 - none[n]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for all of them being looked at (Holm 1979, Scand. J. Statist. 6, 65-70)."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, reached = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        reached = max(reached, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = reached
    return adjusted
