"""The exact interval of a share, for tries that are few and independent.

Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404: never narrower than it says, at 1 of 2 as at 50 of 100.
"""

from scipy.stats import beta

from schemas.agreement import Estimate

LEVEL = 0.95


def exact_share(successes: int, tries: int, level: float = LEVEL) -> Estimate:
    """Return successes / tries with its exact interval; undefined where nothing was tried."""
    if tries == 0:
        return Estimate(value=None, low=None, high=None, undefined="nothing tried")
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(beta.ppf(tail, successes, tries - successes + 1))
    high = 1.0 if successes == tries else float(beta.ppf(1 - tail, successes + 1, tries - successes))
    return Estimate(value=successes / tries, low=low, high=high)
