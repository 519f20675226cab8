"""A small survey of made-up people, measured from memory."""

from collections.abc import Iterable, Sequence

from builder.overview import measure
from mvpbench.store.stage import Streamed
from schemas.codebook import Missing, Scale, SurveyItem, Weights
from schemas.overview import CountryScale, ScaleOverview, SurveyOverview
from schemas.questions import Dropped
from schemas.survey import Demographics, Respondent, Survey
from schemas.values import ValueFramework
from tests.builder.made import made_framework, made_item

ITEMS = (
    *(made_item(column, "amber") for column in ("a1", "a2")),
    *(made_item(column, "blue", reverse=column == "b2") for column in ("b1", "b2", "b3")),
    made_item("c1", "crimson"),
    SurveyItem(column="d1", scale=Scale(low=0, high=10)),
)
"""Two, three and one column of 1 to 5, and one that measures nothing; `b2` is asked the other way round."""


def made_survey(items: Sequence[SurveyItem] = ITEMS, weights: Weights | None = None, title: str = "Made up") -> Survey:
    return Survey(
        id="s-made",
        name="made",
        title=title,
        version="1",
        framework="made",
        citation="nobody",
        doi=None,
        url=None,
        licence="CC0-1.0",
        language="en",
        synthetic=False,
        redistribute_profiles=True,
        source_file="made.csv",
        source_sha256="0" * 64,
        items=tuple(items),
        weights=weights or Weights(),
    )


def person(
    name: str,
    answers: dict[str, float | Missing],
    country: str | None = "KE",
    weight: float | None = None,
    design: tuple[str | None, str | None] = (None, None),
) -> Respondent:
    """`design` is unit and stratum; a kind in place of an answer is why it is missing."""
    return Respondent(
        id=f"r-{name}",
        source_id=name,
        survey="s-made",
        row=1,
        country=country,
        language="en",
        demographics=Demographics(known={"age": "30"})
        if name.endswith("1")
        else Demographics(missing={"age": Missing.REFUSED}),
        answers={column: value for column, value in answers.items() if not isinstance(value, Missing)},
        answers_missing={column: value for column, value in answers.items() if isinstance(value, Missing)},
        weights={} if weight is None else {"design": weight},
        psu=design[0],
        stratum=design[1],
    )


def measured(
    people: Iterable[Respondent],
    survey: Survey | None = None,
    framework: ValueFramework | None = None,
    dropped: Sequence[Dropped] = (),
) -> SurveyOverview:
    stream = Streamed(rows=iter(people), dropped=dropped, counts={})
    return measure(survey or made_survey(), stream, framework or made_framework())


def scale(overview: SurveyOverview, dimension: str) -> ScaleOverview:
    return next(one for one in overview.scales if one.dimension == dimension)


def in_country(overview: SurveyOverview, dimension: str, country: str) -> CountryScale:
    return next(one for one in scale(overview, dimension).countries if one.country == country)


def crowd(count: int, country: str | None, start: int = 0) -> list[Respondent]:
    """People with answers that differ: person i answers amber i, blue 4 - i, crimson 2 i, all modulo 5, plus 1."""
    return [
        person(
            f"{country}-{number}",
            {
                "a1": 1 + number % 5,
                "a2": 1 + (number + number // 5) % 5,
                "b1": 5 - number % 5,
                "b2": 1 + number % 5,
                "b3": 5 - (number + 1 + number // 7) % 5,
                "c1": 1 + 2 * number % 5,
                "d1": number % 11,
            },
            country,
        )
        for number in range(start, start + count)
    ]
