"""Whether means of countries may be compared, and what the data say against it.

A difference between the means of two countries is one in what people hold only where the items work alike in both:
loadings and intercepts equal (scalar invariance; Meredith 1993, doi:10.1007/BF02294825). That takes a multi-group model
of the survey in question and is not shown here. What is shown is cheap and cuts one way: a country where the items
hang together otherwise than elsewhere, or where an item runs against the rest, is not measured alike. That all
countries pass does not make their means comparable, for intercepts are not looked at.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from builder.profiles.factor import Factor, one_factor
from builder.profiles.groups import Labels, rows_by
from builder.profiles.reliability import FEWEST_ROWS, Complete, against_others, complete_rows, item_rest_of
from schemas.errors import Defect
from schemas.reliability import CountryCongruence

Floats = NDArray[np.float64]

EQUAL = 0.95
FAIR = 0.85
NAMED = 5
"""Countries named in a sentence; of more, the number."""


def tucker_congruence(one: ArrayLike, other: ArrayLike) -> float | None:
    """Return the congruence of two vectors of loadings, sum(xy) / sqrt(sum(x^2) sum(y^2)); None where one is all 0.

    From -1 to 1, blind to size: it asks whether the loadings are proportional. Loadings that are all positive have a
    high one as it is, so only a low value says much.

    Tucker (1951), A Method for Synthesis of Factor Analysis Studies; Lorenzo-Seva and ten Berge (2006),
    doi:10.1027/1614-2241.2.2.57, eq. 1.
    """
    x, y = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    below = float(np.sqrt((x @ x) * (y @ y)))
    return float(np.clip(x @ y / below, -1, 1)) if below > 0 else None


def congruence_by(
    scale: str, items: Sequence[str], answers: Floats, countries: Labels
) -> tuple[CountryCongruence, ...]:
    """Return for every country, in alphabetical order, how its loadings agree with the pooled ones.

    Loadings are of one factor fitted by maximum likelihood to correlations. The pooled ones are of the covariances
    within countries, each weighing by its complete rows less 1, so that differences between countries' means do not
    enter. A large country weighs in what it is compared with.

    Args:
        scale: its name.
        items: names of its columns.
        answers: of shape (respondents, items), turned round where reverse-keyed, NaN where missing.
        countries: of each respondent; people without one are left out.

    Returns:
        `congruence` None, with the reason, where either has no factor: two items, too few people, Heywood cases.
        `against` is there all the same.

    Raises:
        Defect: `uneven-rows` where the shapes differ.
    """
    if answers.shape != (len(countries), len(items)):
        found = f"answers of shape {answers.shape}, {len(items)} items, {len(countries)} countries"
        raise Defect("uneven-rows", "congruence", where=scale, found=found, expected="(respondents, items)")
    parts = {country: complete_rows(answers[rows]) for country, rows in rows_by(countries).items()}
    known = [(part.n - 1, part.covariance) for part in parts.values() if part.covariance is not None]
    pooled = (
        one_factor(sum(weight * own for weight, own in known) / sum(weight for weight, _ in known))
        if known
        else "no country has enough people"
    )
    return tuple(_congruence(scale, tuple(items), country, part, pooled) for country, part in parts.items())


def invariance_warning(
    scale: str, countries: int, checks: Sequence[CountryCongruence] = (), established: str | None = None
) -> str | None:
    """Return in plain words why means of `scale` may not be compared over `countries`, or None where they may be.

    Args:
        scale: its name.
        countries: how many are compared.
        checks: of the countries compared, as `congruence_by` returns them.
        established: a citation that shows scalar invariance of this scale over these countries. What the data say
            against it is told nevertheless.

    Returns:
        None for fewer than two countries; and where invariance was established and nothing in `checks` contradicts.
    """
    if countries < 2:  # noqa: PLR2004 - a comparison takes two
        return None
    doubts = _doubts(checks)
    if established and established.strip():
        return " ".join([f"{scale}: invariance is cited ({established}), but:", *doubts]) if doubts else None
    head = (
        f"{scale}: means of {countries} countries are not comparable. Nothing shows that its items work alike in all of"
        " them (scalar invariance), so a difference may lie in how questions are understood, translated or answered."
        " Do not rank countries by them."
    )
    passed = any(check.likeness in {"equal", "fair"} for check in checks)
    tail = ["That loadings agree in other countries does not change this: intercepts were not looked at."]
    return " ".join([head, *doubts, *(tail if passed else [])])


def _congruence(
    scale: str, items: tuple[str, ...], country: str, part: Complete, pooled: Factor | str
) -> CountryCongruence:
    value: float | None = None
    undefined: str | None = None
    against: tuple[str, ...] = ()
    if part.covariance is None:
        undefined = f"{part.n} people answered every item: fewer than {FEWEST_ROWS}"
    else:
        against = against_others(items, item_rest_of(part.covariance), part.n)
        own = one_factor(part.covariance)
        if isinstance(own, str):
            undefined = own
        elif isinstance(pooled, str):
            undefined = f"over all countries: {pooled}"
        else:
            value = tucker_congruence(own.loadings, pooled.loadings)
    return CountryCongruence(
        scale=scale,
        country=country,
        n=part.n,
        congruence=value,
        likeness=None if value is None else _likeness(value),
        against=against,
        undefined=undefined,
    )


def _likeness(congruence: float) -> Literal["equal", "fair", "unlike"]:
    if congruence >= EQUAL:
        return "equal"
    return "fair" if congruence >= FAIR else "unlike"


def _doubts(checks: Sequence[CountryCongruence]) -> list[str]:
    doubts: list[str] = []
    unlike = [f"{check.country} ({check.congruence:.2f})" for check in checks if check.likeness == "unlike"]
    if unlike:
        doubts.append(f"Items hang together otherwise than elsewhere in {_named(unlike)}: congruence below {FAIR:.2f}.")
    against: dict[str, list[str]] = {}
    for check in checks:
        for item in check.against:
            against.setdefault(item, []).append(check.country)
    for item, where in against.items():
        doubts.append(f"Item {item} runs against the others in {_named(where)}: look at its key and its translation.")
    untold = sum(check.congruence is None for check in checks)
    if untold:
        doubts.append(f"In {untold} of {len(checks)} countries loadings could not be compared.")
    return doubts


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
