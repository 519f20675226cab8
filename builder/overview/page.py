"""The page: what stands in each section, and the template that lays it out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from jinja2.sandbox import ImmutableSandboxedEnvironment

from builder.overview.draw import drawing, standing
from builder.overview.findings import ENOUGH_PAIRS, KINDS, RELIABLE, named, number, share, verdict
from builder.survey.countries import country_name
from mvpbench.page import environment
from schemas.agreement import Estimate
from schemas.codebook import Missing, WeightRole
from schemas.overview import (
    FLAGGED_BELOW,
    HIDDEN_BELOW,
    CountryScale,
    Finding,
    Opposed,
    ScaleOverview,
    SurveyOverview,
)
from schemas.reliability import Coefficient, WeightedMean
from schemas.survey import Survey

NOTHING = "–"
TITLES = {"use": "Can it be used?", "where": "Where?", "way": "What to know first"}
ROLES: Mapping[WeightRole, str] = {
    "design": "design",
    "post_stratification": "post-stratification",
    "population": "population",
}
REASONS = {
    "country-unknown": "have no country",
    "no-stand": "surely stand on no side",
    "no-counterpart": "have nobody opposite",
}
SOME_PAIRS = 10
UNIT = "\N{NO-BREAK SPACE}%"
LITTLE = 0.05
"""Percent, below which a share is told as such."""
FINE = 9.95
"""Percent, up to which a share has a decimal."""


def render(overview: SurveyOverview) -> str:
    """Return the page as HTML; every text of the survey and its codebook in it is escaped."""
    columns = [*(item for scale in overview.scales for item in scale.items), *overview.unscored_items]
    scored = [scale for scale in overview.scales if scale.whole.sides is not None]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            overview=overview,
            survey=overview.survey,
            verdict=verdict(overview.findings),
            summary=_summary(overview.findings),
            countries=overview.countries,
            total_countries=len(overview.countries) + len(overview.hidden),
            hidden=[country_name(code) for code in overview.hidden],
            flagged=any(one.flagged for one in overview.countries),
            flagged_below=FLAGGED_BELOW,
            hidden_below=HIDDEN_BELOW,
            enough=ENOUGH_PAIRS,
            reliable=RELIABLE,
            names={one.country: one.name for one in overview.countries},
            titles={scale.dimension: scale.title for scale in overview.scales},
            scored=scored,
            pair_rows=_by_country(overview, scored, _pairs),
            side_rows=_by_country(overview, scored, _sides),
            tradeoffs=sorted(overview.tradeoffs, key=lambda one: -one.opposed.total),
            kinds=_kinds(scale.whole.missing for scale in overview.scales),
            columns=columns,
            column_kinds=_kinds(one.missing for one in columns),
            fact_kinds=_kinds(one.missing for one in overview.demographics),
            reason_words=REASONS,
            weighting=_weighting(overview.survey),
        )
    )


def _environment() -> ImmutableSandboxedEnvironment:
    made = environment(Path(__file__).parent)
    made.filters |= {
        "plural": number,
        "share": lambda part, whole: share(part, whole).replace(" %", UNIT),
        "percent": _percent,
        "decimal": _decimal,
        "plain": lambda value: f"{value:g}",
        "mean": _mean,
        "estimate": _estimate,
        "coefficient": _coefficient,
        "used_reliability": _used_reliability,
        "kind": lambda kind: KINDS[kind],
        "drawing": drawing,
        "standing": standing,
        "direction": _direction,
        "heat": _heat,
        "by_name": lambda countries, names: sorted(countries, key=lambda one: names[one.country]),
    }
    return made


def _summary(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    grouped = ((title, [one for one in findings if one.about == about]) for about, title in TITLES.items())
    return [(title, found) for title, found in grouped if found]


def _kinds(counts: Iterable[Mapping[Missing, int]]) -> list[Missing]:
    """The kinds that occur, in their declared order."""
    there = {kind for one in counts for kind, count in one.items() if count}
    return [kind for kind in Missing if kind in there]


def _by_country(
    overview: SurveyOverview, scored: Sequence[ScaleOverview], cell: Callable[[Opposed | None], object]
) -> list[tuple[str, list[object]]]:
    """A row a country, most people first, with a cell for each scale."""
    found: list[Mapping[str, CountryScale]] = [{one.country: one for one in scale.countries} for scale in scored]
    return [
        (
            country.name,
            [cell(scale[country.country].sides if country.country in scale else None) for scale in found],
        )
        for country in overview.countries
    ]


def _pairs(sides: Opposed | None) -> int | None:
    return None if sides is None else sides.total


def _sides(sides: Opposed | None) -> str:
    return NOTHING if sides is None else f"{sides.first:,} / {sides.neither:,} / {sides.second:,}"


def _heat(pairs: int) -> int:
    """Number of the shade of a cell."""
    return sum(pairs >= least for least in (1, SOME_PAIRS, ENOUGH_PAIRS))


def _decimal(value: float | None, digits: int) -> str:
    if value is None:
        return NOTHING
    text = f"{value:,.{digits}f}"
    return (text if float(text.replace(",", "")) else text.removeprefix("-")).replace("-", "−")


def _percent(part: int, whole: int) -> str:
    """A share with a decimal where it is small."""
    value = 100 * part / whole if whole else 0.0
    if 0 < value < LITTLE:
        return f"< 0.1{UNIT}"
    return f"{value:.1f}{UNIT}" if 0 < value < FINE else f"{value:.0f}{UNIT}"


def _mean(mean: WeightedMean) -> str:
    if mean.mean is None:
        return NOTHING
    error = "no SE" if mean.standard_error is None else _decimal(mean.standard_error, 1)
    return f"{_decimal(mean.mean, 1)} ({error})"


def _estimate(estimate: Estimate) -> str:
    if estimate.value is None:
        return f"{NOTHING} ({estimate.undefined})"
    if estimate.low is None or estimate.high is None:
        return _decimal(estimate.value, 2)
    return f"{_decimal(estimate.value, 2)} ({_decimal(estimate.low, 2)} to {_decimal(estimate.high, 2)})"


def _coefficient(found: Coefficient) -> str:
    return f"{NOTHING} ({found.undefined})" if found.value is None else _decimal(found.value, 2)


def _used_reliability(scale: ScaleOverview) -> str:
    if scale.reliability.value is None:
        return NOTHING
    if len(scale.items) > 1:
        return _estimate(scale.whole.reliability.alpha)
    return f"{_decimal(scale.reliability.value, 2)}, from elsewhere"


def _direction(scale: ScaleOverview) -> str:
    """Which answer counts as most of the value, by the codebook: where it is wrong, whoever knows the file sees it."""
    columns: dict[tuple[float, float], list[str]] = {}
    for one in scale.items:
        ends = (one.item.scale.low, one.item.scale.high)
        columns.setdefault(ends if one.item.reverse else ends[::-1], []).append(one.item.column)
    told = [
        f"{most:g} counts as most and {least:g} as least" + (f" in {named(names)}" if len(columns) > 1 else "")
        for (most, least), names in columns.items()
    ]
    return f"By the codebook {'; '.join(told)}."


def _weighting(survey: Survey) -> str:
    weights = survey.weights
    if not weights.columns():
        return "Means are not weighted: the codebook names no weights. Standard errors take people as drawn one by one."
    within = " times ".join(ROLES[role] for role in weights.within()) or "none"
    across = " times ".join(ROLES[role] for role in weights.across()) or "none"
    return (
        f"Means of one country are weighted (weights: {within}), means over all countries too (weights: {across}). "
        "Standard errors (SE) follow sampling units and strata where the file names them, each nested in its country."
    )
