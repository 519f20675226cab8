"""What a survey file holds: from a stream of respondents to one record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from builder.overview.census import Census, take_census
from builder.overview.findings import findings_of
from builder.overview.opposed import Pairing, opposed, pairing
from builder.overview.scales import Material, scales_of, unscored_items
from builder.overview.scored import score_each
from builder.profiles.groups import rows_by
from builder.profiles.scoring import SCORING_VERSION
from builder.profiles.sides import SIDES_VERSION
from builder.profiles.validity import unusable
from builder.profiles.weighting import effective_n
from builder.survey.countries import country_name
from builder.survey.importing import SetAside
from mvpbench.store.stage import Streamed
from schemas.overview import (
    FLAGGED_BELOW,
    HIDDEN_BELOW,
    CountryOverview,
    DemographicOverview,
    SurveyOverview,
    TradeoffOverview,
)
from schemas.study import ProfileSection
from schemas.survey import Respondent, Survey
from schemas.values import Split, ValueFramework

SPLIT_SHARES: Mapping[Split, float] = ProfileSection().splits
OVERVIEW_VERSION = 2
NO_SCORES = "no-scores"


def measure(
    survey: Survey,
    people: Streamed[Respondent],
    framework: ValueFramework,
    shares: Mapping[Split, float] = SPLIT_SHARES,
    totals: SetAside | None = None,
) -> SurveyOverview:
    """Return what the survey holds; `people` is gone through once, and kept as arrays.

    `totals` are those that `import_survey` fills; without them the rows set aside are those of `people.dropped`.

    Scores and sides are those that `profile` would make of the whole file, over the people whose answers the
    framework's rules take. A dimension that `profile` would stop at is told with its reason, and the rest goes on
    without it. Raises what the stream raises, but for `too-many-bad-rows`, which becomes `refused`.
    """
    everybody = take_census(survey, people, shares)
    aside = totals if totals is not None else _set_aside(people)
    reasons = unusable(everybody.answers, framework.scoring)
    used = everybody.only(np.array([reason is None for reason in reasons], dtype=bool))
    scored = score_each(used.answers, framework)
    sizes = Counter(country for country in everybody.answers.countries if country is not None)
    told = frozenset(country for country, size in sizes.items() if size >= HIDDEN_BELOW)
    paired = pairing(used, scored)
    material = Material(framework, everybody, used, scored, paired, told)
    profiled = _profiled(material)
    dropped = Counter(reason for reason in reasons if reason is not None)
    dropped[NO_SCORES] = int((~profiled).sum())
    measured = SurveyOverview(
        survey=survey,
        framework=framework.title,
        rows=len(everybody.answers.people) + aside.reasons.total(),
        people=len(everybody.answers.people),
        set_aside=dict(aside.reasons.most_common()),
        set_aside_first={
            reason: tuple(f"{one.where}: {one.detail}" for one in first) for reason, first in aside.first.items()
        },
        refused=everybody.refused,
        unusable={reason: count for reason, count in dropped.items() if count},
        without_country=everybody.answers.countries.count(None),
        countries=_countries(everybody, used, paired, told),
        hidden=tuple(sorted(set(sizes) - told)),
        n_effective=effective_n(everybody.across),
        unpaired=_unpaired(used, paired, profiled),
        pairable=int(paired.pairable.sum()),
        pairs=paired.places.by_split(paired.pairs),
        splits=dict(shares),
        demographics=_demographics(everybody),
        scales=scales_of(material),
        unmeasured=tuple(one.title or one.name for one in framework.dimensions if one.name not in scored.raw),
        unscored_items=unscored_items(everybody, {code: sizes[code] for code in sorted(told)}),
        tradeoffs=_tradeoffs(paired, told),
        findings=(),
        made_with={
            "mvpbench": version("mvpbench"),
            "numpy": np.__version__,
            "overview": str(OVERVIEW_VERSION),
            "scoring": str(SCORING_VERSION),
            "sides": str(SIDES_VERSION),
        },
    )
    return measured.model_copy(update={"findings": findings_of(measured)})


def _set_aside(people: Streamed[Respondent]) -> SetAside:
    found = SetAside()
    for one in people.dropped:
        found.add(one)
    return found


def _profiled(material: Material) -> NDArray[np.bool_]:
    """Who has a score on some dimension."""
    found = np.zeros(len(material.used.answers.people), dtype=bool)
    for raw in material.scored.raw.values():
        found |= ~np.isnan(raw)
    return found


def _countries(everybody: Census, used: Census, paired: Pairing, told: frozenset[str]) -> tuple[CountryOverview, ...]:
    usable = rows_by(used.answers.countries)
    found = []
    for code, rows in rows_by(everybody.answers.countries).items():
        if code not in told:
            continue
        weights = everybody.within[rows]
        found.append(
            CountryOverview(
                country=code,
                name=country_name(code),
                people=len(rows),
                flagged=len(rows) < FLAGGED_BELOW,
                n_effective=effective_n(weights),
                without_weight=int(np.isnan(weights).sum()),
                languages=dict(Counter(everybody.languages[row] for row in rows.tolist()).most_common()),
                pairable=int(paired.pairable[usable[code]].sum()) if code in usable else 0,
                pairs=paired.places.by_split(paired.pairs, code),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.people, one.name)))


def _unpaired(used: Census, paired: Pairing, profiled: NDArray[np.bool_]) -> dict[str, int]:
    """By the reasons of `counterparts.match`."""
    abroad = paired.places.of < 0
    alone = profiled & ~abroad & ~paired.pairable
    counts = {
        "country-unknown": int((profiled & abroad).sum()),
        "no-stand": int((alone & ~paired.stands).sum()),
        "no-counterpart": int((alone & paired.stands).sum()),
    }
    return {reason: count for reason, count in counts.items() if count}


def _demographics(everybody: Census) -> tuple[DemographicOverview, ...]:
    known, unknown = everybody.columns.known, everybody.columns.unknown
    found = []
    for name in dict.fromkeys([*known, *unknown]):
        values = known.get(name, Counter[str]())
        told = {value: count for value, count in values.most_common() if count >= HIDDEN_BELOW}
        found.append(
            DemographicOverview(
                name=name,
                known=values.total(),
                missing=dict(unknown.get(name, {})),
                values=told,
                other_values=len(values) - len(told),
            )
        )
    return tuple(found)


def _tradeoffs(paired: Pairing, told: frozenset[str]) -> tuple[TradeoffOverview, ...]:
    return tuple(
        TradeoffOverview(
            dimensions=names,
            opposed=opposed(standing, paired.places),
            countries=_by_country(standing.pairs, paired.places.countries, told),
        )
        for names, standing in paired.tradeoffs.items()
    )


def _by_country(pairs: NDArray[np.int64], countries: Sequence[str], told: frozenset[str]) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for country, count in zip(countries, pairs.tolist(), strict=True):
        totals[country] += count
    return {country: count for country, count in sorted(totals.items()) if count and country in told}
