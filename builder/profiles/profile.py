"""The `profile` stage: respondents to value profiles."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from builder.profiles.scoring import SCORING_VERSION, Scores, score
from builder.profiles.sides import SIDES_VERSION, one_dimension
from builder.profiles.splits import split_of
from builder.survey.countries import is_country_code
from mvpbench.store.stage import Produced, Stage
from schemas.codebook import Missing
from schemas.errors import ConfigError
from schemas.questions import Dropped
from schemas.study import ProfileSection
from schemas.survey import Respondent, Survey
from schemas.values import DimensionScore, Domain, Level, ValueFramework, ValueProfile

STAGE = Stage(
    table="profiles",
    record=ValueProfile,
    version=SCORING_VERSION * 1000 + SIDES_VERSION,
    inputs=("surveys", "respondents"),
    sections=("profile",),
    makes_with="mvpbench profile",
)
LEVELS = {1: Level.HIGH, 0: Level.NONE, -1: Level.LOW}


def profile(
    survey: Survey, respondents: Sequence[Respondent], framework: ValueFramework, section: ProfileSection
) -> Produced[ValueProfile]:
    """Return one `ValueProfile` a respondent, in the order given.

    A person with no score at all is dropped (`no-scores`); one without a country keeps the profile and is left out
    when counterparts are sought. Raises as `scoring.score` does, and ConfigError `domain-unknown` where a code of
    `out_of_domain` is none, or nobody comes from there: a slip of the pen would leave a country in training.
    """
    _check_domains(section.out_of_domain, respondents)
    scores = score(respondents, survey.items, framework)
    levels = [one_dimension(scores, index) for index in range(len(scores.dimensions))]
    rows: list[ValueProfile] = []
    dropped: list[Dropped] = []
    for row, person in enumerate(respondents):
        measured = [
            _dimension_score(scores, row, index, int(sides.sign[row]), float(sides.error[row]))
            for index, sides in enumerate(levels)
            if not np.isnan(scores.raw[row, index])
        ]
        if not measured:
            dropped.append(Dropped(stage="profile", subject=person.id, reason="no-scores"))
            continue
        rows.append(
            ValueProfile(
                respondent_id=person.id,
                survey=survey.id,
                framework=framework.framework,
                split=split_of(person.id, section.splits),
                domain=Domain.OUT if person.country in section.out_of_domain else Domain.IN,
                country=person.country,
                scores=tuple(measured),
                missing=_missing(person, scores, row),
                scoring_version=SCORING_VERSION,
            )
        )
    return Produced(rows=rows, dropped=dropped, counts=_counts(rows))


def _check_domains(codes: Sequence[str], respondents: Sequence[Respondent]) -> None:
    known = {person.country for person in respondents if person.country is not None}
    for code in codes:
        if code in known:
            continue
        is_code = is_country_code(code)
        raise ConfigError(
            "domain-unknown",
            "study.yaml",
            where="profile.out_of_domain",
            found=f"{code!r}, from where nobody of the survey comes" if is_code else f"{code!r}",
            expected=f"of {', '.join(sorted(known))}" if is_code else "alpha-2 codes of ISO 3166, in capitals",
            way_out="mend the code, or take it out",
        )


def _dimension_score(scores: Scores, row: int, index: int, sign: int, error: float) -> DimensionScore:
    return DimensionScore(
        dimension=scores.dimensions[index],
        raw=float(scores.raw[row, index]),
        centred=float(scores.centred[row, index]),
        standardised=float(scores.standardised[row, index]),
        standard_error=float(scores.raw_error[row, index]),
        standard_error_centred=float(scores.centred_error[row, index]),
        standard_error_standardised=float(scores.standardised_error[row, index]),
        level=LEVELS[sign],
        error_probability=error if sign else None,
        items=scores.items[index],
    )


def _missing(person: Respondent, scores: Scores, row: int) -> dict[str, Missing]:
    """The reason of the first item that is missing; a score needs all of them."""
    reasons: dict[str, Missing] = {}
    for index, dimension in enumerate(scores.dimensions):
        if np.isnan(scores.raw[row, index]):
            absent = [column for column in scores.items[index] if column not in person.answers]
            reasons[dimension] = person.answers_missing.get(absent[0], Missing.BLANK)
    return reasons


def _counts(rows: Sequence[ValueProfile]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for profile_row in rows:
        counts[f"split {profile_row.split}"] += 1
        counts[f"domain {profile_row.domain}"] += 1
        for value in profile_row.scores:
            counts[f"{value.dimension} {value.level}"] += 1
    return dict(sorted(counts.items()))
