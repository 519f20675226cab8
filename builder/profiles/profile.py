"""The `profile` stage: respondents to value profiles."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import isnan

import numpy as np

from builder.profiles.answers import ANSWERED, KINDS, Answers, answers_of
from builder.profiles.scoring import SCORING_VERSION, Scores, score
from builder.profiles.sides import SIDES_VERSION, Sides, by_thresholds, one_dimension
from builder.profiles.splits import split_of
from builder.profiles.validity import unusable
from builder.survey.countries import is_country_code
from mvpbench.store.stage import Stage, Streamed
from schemas.codebook import Missing
from schemas.errors import ConfigError
from schemas.questions import Dropped
from schemas.study import LevelRule, ProfileSection
from schemas.survey import Respondent, Survey
from schemas.values import Domain, Level, ValueFramework, ValueProfile

STAGE = Stage(
    table="profiles",
    record=ValueProfile,
    version=SCORING_VERSION * 1000 + SIDES_VERSION,
    inputs=("surveys", "respondents"),
    sections=("profile",),
    makes_with="mvpbench profile",
)
PART = 2000
"""People whose scores are Python's numbers at once."""
LEVELS = {1: Level.HIGH, 0: Level.NONE, -1: Level.LOW}


def profile(
    survey: Survey, respondents: Iterable[Respondent], framework: ValueFramework, section: ProfileSection
) -> Streamed[ValueProfile]:
    """Return one `ValueProfile` a respondent, a stream in the order given; `respondents` is gone through once.

    A person whose answers the framework's rules do not take (`too-many-missing`, `straight-lining`: neither scored nor
    part of the sample) or who has no score at all (`no-scores`) is dropped; one without a country keeps the profile
    and is left out when counterparts are sought. Raises as `scoring.score` does, and ConfigError `domain-unknown` where
    a code of `out_of_domain` is none, or nobody comes from there: a slip of the pen would leave a country in training.
    """
    everyone = answers_of(respondents, survey.items)
    _check_domains(section.out_of_domain, {code for code in everyone.countries if code is not None})
    reasons = unusable(everyone, framework.scoring)
    dropped = [
        Dropped(stage="profile", subject=person, reason=reason)
        for person, reason in zip(everyone.people, reasons, strict=True)
        if reason is not None
    ]
    answers = everyone.only(np.array([reason is None for reason in reasons], dtype=bool))
    scores = score(answers, framework)
    sure = [one_dimension(scores, index) for index in range(len(scores.dimensions))]
    told = [_told(scores, index, section.levels, sure[index]) for index in range(len(sure))]
    counts: dict[str, int] = {}

    def rows() -> Iterator[ValueProfile]:
        seen: Counter[str] = Counter()
        for row, measured in enumerate(_measured(scores, told, answers)):
            person, country = answers.people[row], answers.countries[row]
            if not measured:
                dropped.append(Dropped(stage="profile", subject=person, reason="no-scores"))
                continue
            # From plain values at once: a record made for each score would take most of the time.
            made = ValueProfile.model_validate(
                {
                    "respondent_id": person,
                    "survey": survey.id,
                    "framework": framework.framework,
                    "split": split_of(person, section.splits),
                    "domain": Domain.OUT if country in section.out_of_domain else Domain.IN,
                    "country": country,
                    "scores": measured,
                    "missing": _missing(answers, scores, row) if len(measured) < len(told) else {},
                    "scoring_version": SCORING_VERSION,
                }
            )
            seen.update((f"split {made.split}", f"domain {made.domain}"))
            seen.update(f"{value.dimension} {value.level}" for value in made.scores)
            yield made
        counts.update(sorted(seen.items()))

    return Streamed(rows=rows(), dropped=dropped, counts=counts)


def _told(scores: Scores, index: int, rule: LevelRule, sure: Sides) -> Sides:
    """The levels on one dimension by the study's rule."""
    if rule.rule == "sure":
        return sure
    return by_thresholds(scores, index, rule.high, rule.low)


def _check_domains(codes: Sequence[str], known: set[str]) -> None:
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


def _measured(scores: Scores, told: Sequence[Sides], answers: Answers) -> Iterator[list[dict[str, object]]]:
    """Yield for each person the fields of a `DimensionScore` for every dimension measured."""
    forms = {
        "raw": scores.raw,
        "centred": scores.centred,
        "standardised": scores.standardised,
        "standard_error": scores.raw_error,
        "standard_error_centred": scores.centred_error,
        "standard_error_standardised": scores.standardised_error,
    }
    sign = np.column_stack([sides.sign for sides in told])
    error = np.column_stack([sides.error for sides in told])
    gaps = np.isnan(answers.values).sum(axis=1) > 0
    for start in range(0, len(scores.raw), PART):
        part = slice(start, start + PART)
        numbers = np.stack([form[part] for form in forms.values()], axis=2).tolist()
        each = zip(numbers, sign[part].tolist(), error[part].tolist(), strict=True)
        for row, (own, signs, errors) in enumerate(each, start=start):
            behind = [_answered(answers, row, name) for name in scores.dimensions] if gaps[row] else scores.items
            yield [
                dict(
                    zip(forms, values, strict=True),
                    dimension=name,
                    level=LEVELS[one],
                    error_probability=wrong if one else None,
                    items=items,
                )
                for name, items, values, one, wrong in zip(scores.dimensions, behind, own, signs, errors, strict=True)
                if not isnan(values[0])
            ]


def _answered(answers: Answers, row: int, dimension: str) -> tuple[str, ...]:
    """The columns of the dimension that the person answered."""
    places = answers.of(dimension)
    return tuple(answers.items[place].column for place in places if answers.missing[row, place] == ANSWERED)


def _missing(answers: Answers, scores: Scores, row: int) -> dict[str, Missing]:
    """The reason of the first item without an answer."""
    reasons: dict[str, Missing] = {}
    for index, dimension in enumerate(scores.dimensions):
        if np.isnan(scores.raw[row, index]):
            kinds = answers.missing[row, answers.of(dimension)]
            reasons[dimension] = KINDS[kinds[kinds != ANSWERED][0]]
    return reasons
