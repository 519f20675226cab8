"""One value dimension after another: its items, its scores, over all people and country by country."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from builder.overview.census import Census
from builder.overview.opposed import Pairing, opposed
from builder.overview.scored import Scored
from builder.overview.spread import distribution, steps_of
from builder.profiles.answers import ANSWERED, KINDS, Answers
from builder.profiles.groups import rows_by
from builder.profiles.invariance import congruence_by, invariance_warning
from builder.profiles.reliability import reliability_by
from builder.profiles.scoring import known_reliability
from builder.profiles.weighting import weighted_mean, weighted_mean_by
from schemas.codebook import Missing
from schemas.overview import HIDDEN_BELOW, CountryScale, ItemOverview, ScaleFigures, ScaleOverview
from schemas.reliability import Coefficient, ScaleReliability
from schemas.values import ValueDimension, ValueFramework

Ints = NDArray[np.int64]
Kinds = NDArray[np.int8]


@dataclass(frozen=True)
class Material:
    """Everything that figures of scales are taken from."""

    framework: ValueFramework
    everybody: Census
    used: Census
    """Those whose answers the framework's rules take; rows of `scored` and `pairing`."""
    scored: Scored
    pairing: Pairing
    told: frozenset[str]
    """Countries of enough people."""


def scales_of(material: Material) -> tuple[ScaleOverview, ...]:
    """Return every dimension that some item measures, in the framework's order."""
    points = material.used.answers.points()
    return tuple(_scale(material, material.framework.dimension(name), points) for name in material.scored.raw)


def missing_kinds(kinds: Kinds) -> dict[Missing, int]:
    """Return kind -> answers that are missing so, of an array of `Answers.missing`; without kinds that do not occur."""
    counts = np.bincount(kinds[kinds != ANSWERED].ravel(), minlength=len(KINDS))
    return {kind: int(count) for kind, count in zip(KINDS, counts, strict=True) if count}


def _scale(material: Material, dimension: ValueDimension, points: NDArray[np.float64]) -> ScaleOverview:
    name, used = dimension.name, material.used
    raw = material.scored.raw[name]
    columns = used.answers.of(name)
    items = [used.answers.items[column].column for column in columns]
    measured = ~np.isnan(raw)
    groups = _groups(used.answers.countries, measured, material.told)
    whole, *by_country = reliability_by(name, items, points[:, columns], groups)
    checks = {one.country: one for one in congruence_by(name, items, points[:, columns], groups)}
    means = weighted_mean_by(raw, used.within, groups, used.design)
    steps, standing = steps_of(raw), material.pairing.sides.get(name)
    asked, rows = rows_by(material.everybody.answers.countries), rows_by(groups)
    kinds = material.everybody.answers.missing[:, columns]
    places = material.pairing.places
    countries = tuple(
        CountryScale(
            country=code,
            congruence=checks[code],
            mean=means[code],
            distribution=distribution(raw[rows[code]], steps),
            reliability=reliability,
            sides=None if standing is None else opposed(standing, places, rows[code], code),
            missing=missing_kinds(kinds[asked[code]]),
            answers=int((kinds[asked[code]] == ANSWERED).sum()),
        )
        for code, reliability in zip(rows, by_country, strict=True)
    )
    used_reliability, source = _reliability(used.answers, columns, dimension, whole)
    return ScaleOverview(
        dimension=name,
        title=dimension.title or name,
        definition=" ".join(dimension.definition.split()),
        items=_items(material, columns, whole),
        unscored=material.scored.unscored.get(name),
        reliability=used_reliability,
        reliability_source=source,
        whole=ScaleFigures(
            mean=weighted_mean(raw, used.across, used.design),
            distribution=distribution(raw, steps),
            reliability=whole,
            sides=None if standing is None else opposed(standing, places),
            missing=missing_kinds(kinds),
            answers=int((kinds == ANSWERED).sum()),
        ),
        countries=countries,
        warning=invariance_warning(dimension.title or name, len(countries), list(checks.values())),
    )


def _groups(
    countries: Sequence[str | None], measured: NDArray[np.bool_], told: frozenset[str]
) -> tuple[str | None, ...]:
    """Each person's country, None where too few of it have a score on this scale for figures of it."""
    known = np.array([country if country in told else "" for country in countries], dtype=str)
    names, people = np.unique(known[measured], return_counts=True)
    enough = {str(name) for name, count in zip(names, people, strict=True) if name and count >= HIDDEN_BELOW}
    return tuple(country if country in enough else None for country in countries)


def _reliability(
    answers: Answers, columns: Sequence[int], dimension: ValueDimension, whole: ScaleReliability
) -> tuple[Coefficient, str]:
    """By the rule of `scoring.score`: alpha of several items, else what is known of the one."""
    if len(columns) > 1:
        source = "Cronbach's alpha of these answers"
        return Coefficient(value=whole.alpha.value, undefined=whole.alpha.undefined), source
    item = answers.items[columns[0]]
    value, source = known_reliability(item, dimension)
    undefined = None if value is not None else "one column, and neither codebook nor framework gives a reliability"
    return Coefficient(value=value, undefined=undefined), " ".join(source.split())


def _items(material: Material, columns: Sequence[int], whole: ScaleReliability) -> tuple[ItemOverview, ...]:
    answers = material.everybody.answers
    rows = {code: own for code, own in rows_by(answers.countries).items() if code in material.told}
    found = []
    for column, item_rest in zip(columns, whole.item_rest, strict=True):
        kinds = answers.missing[:, column]
        silent = tuple(code for code, own in rows.items() if (kinds[own] != ANSWERED).all())
        found.append(
            ItemOverview(
                item=answers.items[column],
                answers=int((kinds == ANSWERED).sum()),
                missing=missing_kinds(kinds),
                unanswered_in=silent,
                item_rest=item_rest,
            )
        )
    return tuple(found)


def unscored_items(everybody: Census, people: Mapping[str, int]) -> tuple[ItemOverview, ...]:
    """Return the columns that measure nothing; `people` are those of each country that is told."""
    columns = everybody.columns
    return tuple(
        ItemOverview(
            item=item,
            answers=len(everybody.answers.people) - columns.absent[item.column].total(),
            missing=dict(columns.absent[item.column]),
            unanswered_in=tuple(code for code, count in people.items() if columns.silent[item.column][code] == count),
            item_rest=None,
        )
        for item in everybody.columns.items
    )
