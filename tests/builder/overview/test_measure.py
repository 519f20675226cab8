"""What is measured of a survey: by hand on a few people, as sums on any, and against the stages that come later."""

import re
from collections import Counter
from collections.abc import Iterator
from math import sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.counterparts import Caps, match
from builder.frameworks import load_framework
from builder.overview import measure
from builder.overview.census import take_census
from builder.overview.measure import SPLIT_SHARES
from builder.overview.scored import score_each
from builder.profiles.answers import answers_of
from builder.profiles.profile import profile
from builder.profiles.scoring import score
from builder.stands import stands
from builder.survey import built_in_codebooks, import_survey, read_codebook
from mvpbench.store.stage import Streamed
from schemas.codebook import Missing, Weights
from schemas.errors import InputError
from schemas.overview import HIDDEN_BELOW, ScaleFigures, SurveyOverview
from schemas.questions import Dropped, Recipe
from schemas.study import GenerateSection, ProfileSection
from schemas.survey import Respondent
from schemas.values import Level, Scoring, Split
from tests.builder.made import made_framework, made_item
from tests.builder.overview.made import ITEMS, crowd, in_country, made_survey, measured, person, scale
from tests.synthetic import wvs7

pytestmark = pytest.mark.slow

ANSWERS = st.one_of(st.integers(1, 5).map(float), st.sampled_from(list(Missing)))
COUNTRIES = st.sampled_from(["KE", "BR", "IS", None])


@st.composite
def peoples(draw: st.DrawFn) -> list[Respondent]:
    count = draw(st.integers(0, 40))
    return [
        person(
            str(number),
            {item.column: draw(ANSWERS) for item in ITEMS if draw(st.booleans())},
            draw(COUNTRIES),
            draw(st.one_of(st.none(), st.floats(0.1, 9))),
        )
        for number in range(count)
    ]


def test_a_mean_is_weighted_and_its_error_follows_units_in_strata() -> None:
    # One column of 1 to 5, so raw is 25 (x - 1). Twelve people: weight 3 and answer 5 (raw 100), weight 1 and answer 3
    # (raw 50), six each. Mean = (6*3*100 + 6*1*50) / 24 = 2100/24 = 87.5. Kish: 24^2 / (6*9 + 6*1) = 576/60 = 9.6.
    # Units are pairs of one of each. Both strata have three alike, so z of each unit is 0 and the error too.
    people = [
        person(
            f"p{number}", {"c1": 5 - 2 * (number % 2)}, "KE", 3 - 2 * (number % 2), (str(number // 2), str(number // 6))
        )
        for number in range(12)
    ]
    overview = measured(people, made_survey(weights=Weights(design="w")))
    mean = in_country(overview, "crimson", "KE").mean
    assert mean.mean == pytest.approx(87.5)
    assert mean.n_effective == pytest.approx(9.6)
    assert (mean.psus, mean.strata) == (6, 2)
    assert mean.standard_error == pytest.approx(0, abs=1e-9)
    assert overview.countries[0].n_effective == pytest.approx(9.6)


def test_units_of_one_number_in_two_countries_are_two() -> None:
    people = [
        person(f"{country}{number}", {"c1": 1 + number % 5}, country, None, (str(number // 2), "1"))
        for country in ("KE", "BR")
        for number in range(12)
    ]
    whole = scale(measured(people), "crimson").whole
    assert (whole.mean.psus, whole.mean.strata) == (12, 2)


def test_a_country_is_a_stratum_where_none_is_named() -> None:
    # Kenya's ten answer 1 or 2 (raw 0, 25), Brazil's ten 4 or 5 (75, 100): within each s^2 = 12.5^2 * 10/9, so the
    # variance of the mean of all is 2 * (1/2)^2 * s^2 / 10, whatever lies between the two.
    people = [person(f"KE{number}", {"c1": 1 + number % 2}, "KE") for number in range(10)]
    people += [person(f"BR{number}", {"c1": 4 + number % 2}, "BR") for number in range(10)]
    whole = scale(measured(people), "crimson").whole.mean
    assert whole.mean == pytest.approx(50)
    assert whole.standard_error == pytest.approx(sqrt(2 * 0.25 * 12.5**2 * 10 / 9 / 10))


def test_a_distribution_by_hand() -> None:
    # Answers 1 1 2 2 2 3 3 4 5 5, raw 0 0 25 25 25 50 50 75 100 100: quartiles at ranks 2.25, 4.5, 6.75 (from 0):
    # 25, 25 + .5 * 25, 50 + .75 * 25. Mean 45, sum of squares 2*45^2 + 3*20^2 + 2*5^2 + 30^2 + 2*55^2 = 12250.
    people = [person(f"p{number}", {"c1": answer}) for number, answer in enumerate((1, 1, 2, 2, 2, 3, 3, 4, 5, 5))]
    found = scale(measured(people), "crimson").whole.distribution
    assert found.n == 10
    assert found.quartiles == pytest.approx((25, 37.5, 68.75))
    assert found.sd == pytest.approx(sqrt(12250 / 9))
    assert found.histogram is not None
    assert found.histogram.counts == (2, 3, 2, 1, 2)
    assert (found.histogram.start, found.histogram.width) == (-12.5, 25)


def test_missing_answers_are_counted_by_kind_item_and_country() -> None:
    people = crowd(12, "KE") + [
        person(f"BR{number}", {"a1": Missing.NOT_ASKED, "a2": 1 + number % 5, "d1": Missing.REFUSED}, "BR")
        for number in range(11)
    ]
    overview = measured(people)
    amber = scale(overview, "amber")
    assert amber.whole.answers == 12 * 2 + 11
    assert amber.whole.missing == {Missing.NOT_ASKED: 11}
    assert [item.unanswered_in for item in amber.items] == [("BR",), ()]
    assert scale(overview, "blue").whole.missing == {Missing.BLANK: 33}
    (other,) = overview.unscored_items
    assert (other.answers, other.missing, other.unanswered_in) == (12, {Missing.REFUSED: 11}, ("BR",))
    assert any(
        one.text == "Nobody answered a1, b1, b2, b3, c1 in Brazil." and one.about == "where"
        for one in overview.findings
    )


def test_small_countries_are_hidden_and_flagged() -> None:
    overview = measured(crowd(30, "KE") + crowd(29, "BR") + crowd(9, "IS") + crowd(2, None))
    assert [(one.country, one.flagged) for one in overview.countries] == [("KE", False), ("BR", True)]
    assert overview.hidden == ("IS",)
    assert overview.without_country == 2
    assert "IS" not in {one.country for part in overview.scales for one in part.countries}
    assert "IS" not in {code for one in overview.tradeoffs for code in one.countries}
    assert scale(overview, "crimson").whole.distribution.n == 70


def test_a_country_with_few_scores_on_a_scale_is_not_told_there() -> None:
    people = crowd(20, "KE") + [person(f"BR{number}", {"a1": 3, "a2": 3}, "BR") for number in range(20)]
    people += [person(f"more{number}", {"c1": 3}, "BR") for number in range(HIDDEN_BELOW - 1)]
    overview = measured(people)
    assert [one.country for one in scale(overview, "amber").countries] == ["BR", "KE"]
    assert [one.country for one in scale(overview, "crimson").countries] == ["KE"]


def test_means_of_one_country_need_no_warning_and_those_of_two_have_one() -> None:
    assert all(one.warning is None for one in measured(crowd(20, "KE")).scales)
    both = measured(crowd(20, "KE") + crowd(20, "BR"))
    assert all("not comparable" in (one.warning or "") for one in both.scales)
    assert any("not comparable" in one.text for one in both.findings)


def test_a_scale_that_cannot_be_scored_says_why_and_leaves_the_others() -> None:
    wrong = [made_item(item.column, item.dimension) if item.column == "b2" else item for item in ITEMS]
    overview = measured(crowd(40, "KE"), made_survey(wrong))
    blue = scale(overview, "blue")
    assert re.fullmatch(r"Cronbach's alpha -\d\.\d\d over 3 items; check .*which items .*", blue.unscored or "")
    assert blue.whole.sides is None
    assert blue.whole.distribution.histogram is not None
    assert "b2" in blue.whole.reliability.against
    assert scale(overview, "amber").whole.sides is not None
    assert overview.findings[0].kind == "stop"
    assert "blue cannot be scored" in overview.findings[0].text
    assert any("b2 runs against" in one.text for one in overview.findings)


def test_a_single_column_without_a_reliability_cannot_be_scored() -> None:
    crimson = scale(measured(crowd(20, "KE"), framework=made_framework(reliability=None)), "crimson")
    assert crimson.unscored is not None
    assert crimson.reliability.value is None
    assert crimson.reliability.undefined is not None


def test_people_whom_the_framework_does_not_take_are_counted_and_not_scored() -> None:
    framework = made_framework().model_copy(update={"scoring": Scoring(max_same=5)})
    same = person("same", dict.fromkeys(("a1", "a2", "b1", "b2", "b3", "c1"), 3.0))
    overview = measured([*crowd(20, "KE"), same, person("nothing", {"d1": 3.0})], framework=framework)
    assert overview.unusable == {"straight-lining": 1, "no-scores": 1}
    assert scale(overview, "crimson").whole.distribution.n == 20
    assert scale(overview, "crimson").whole.answers == 21


def test_one_value_alone_has_nothing_to_be_centred_on() -> None:
    people = [person(f"p{number}", {"c1": 1 + number % 5}) for number in range(40)]
    overview = measured(people)
    sides = scale(overview, "crimson").whole.sides
    assert sides is not None
    assert (sides.first, sides.neither, sides.second) == (0, 40, 0)
    assert overview.unpaired == {"no-stand": 40}


def test_values_of_different_people_are_no_tradeoff() -> None:
    people = [person(f"p{number}", {"c1" if number % 2 else "b2": 1 + number % 5}) for number in range(40)]
    items = [made_item("b2", "blue"), made_item("c1", "crimson")]
    (tradeoff,) = measured(people, made_survey(items)).tradeoffs
    assert (tradeoff.opposed.first, tradeoff.opposed.neither, tradeoff.opposed.second) == (0, 0, 0)


def test_nobody_at_all() -> None:
    overview = measured([])
    assert overview.people == 0
    assert overview.n_effective is None
    assert all(one.unscored is not None for one in overview.scales)
    assert overview.findings[0].kind == "stop"


def test_a_file_that_is_refused_is_told_all_the_same() -> None:
    def refusing() -> Streamed[Respondent]:
        def stream() -> Iterator[Respondent]:
            yield from crowd(60, "KE")
            raise InputError("too-many-bad-rows", "survey file", found="9 of 29 rows that cannot be used")

        drops = [Dropped(stage="survey import", subject="x", reason="off-scale", detail="found 9", where="line 3")]
        return Streamed(rows=stream(), dropped=drops, counts={})

    overview = measure(made_survey(), refusing(), made_framework())
    assert (overview.rows, overview.people) == (61, 60)
    assert "9 of 29 rows" in (overview.refused or "")
    assert overview.set_aside_first == {"off-scale": ("line 3: found 9",)}
    assert overview.findings[0].kind == "stop"
    assert any(one.text.startswith("Counted without the 1 row set aside: for") for one in overview.findings)
    assert "good" not in {one.kind for one in overview.findings}


def test_other_errors_of_the_stream_pass() -> None:
    def stream() -> Iterator[Respondent]:
        yield from crowd(3, "KE")
        raise InputError("survey-unreadable", "survey file")

    with pytest.raises(InputError, match="survey file"):
        measure(made_survey(), Streamed(rows=stream(), dropped=(), counts={}), made_framework())


@given(peoples())
def test_counts_add_up(people: list[Respondent]) -> None:
    overview = measured(people, made_survey(weights=Weights(design="w")))
    size = len(people)
    assert overview.people == size
    hidden = Counter(one.country for one in people if one.country in overview.hidden).total()
    assert sum(one.people for one in overview.countries) + hidden + overview.without_country == size
    assert overview.pairable + sum(overview.unpaired.values()) + sum(overview.unusable.values()) == size
    for part in overview.scales:
        _adds_up(part.whole, size * len(part.items))
        assert [one.answers + sum(one.missing.values()) for one in part.items] == [size] * len(part.items)
        assert sum(one.distribution.n for one in part.countries) <= part.whole.distribution.n
        for one in part.countries:
            told = next(country for country in overview.countries if country.country == one.country)
            _adds_up(one, told.people * len(part.items))
            assert one.distribution.n >= HIDDEN_BELOW
    for one in overview.demographics:
        assert one.known + sum(one.missing.values()) == size
    assert SurveyOverview.model_validate_json(overview.model_dump_json()) == overview


def _adds_up(figures: ScaleFigures, asked: int) -> None:
    spread, sides = figures.distribution, figures.sides
    assert figures.answers + sum(figures.missing.values()) == asked
    assert figures.mean.n + figures.mean.without_weight == spread.n
    assert spread.histogram is None or sum(spread.histogram.counts) == spread.n
    assert sides is None or sides.first + sides.second + sides.neither == spread.n
    assert sides is None or sides.total <= min(sides.first, sides.second)


@pytest.fixture(scope="module")
def survey_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A survey in which languages are mixed, people lack countries, and sides are rare in one."""
    made = wvs7(260, countries=("KE", "IN", "MX"), not_asked=("Q6",))
    made.frame["LNGE_ISO"] = ["en" if number % 5 else "sw" for number in range(260)]
    return made.write(tmp_path_factory.mktemp("wvs") / "survey.csv")


def test_what_is_told_of_pairs_holds_for_the_pairs_that_are_made(survey_file: Path) -> None:
    codebook, framework = read_codebook(built_in_codebooks()["wvs7"]), load_framework("wvs7")
    overview = measure(*import_survey(survey_file, codebook, framework), framework)
    survey, stream = import_survey(survey_file, codebook, framework)
    people = {one.id: one for one in stream.rows}
    profiles = list(profile(survey, people.values(), framework, ProfileSection(ground="none: made up")).rows)
    standing = stands(profiles, framework, (Recipe.SIDES, Recipe.TRADEOFF))
    section = GenerateSection()
    caps = Caps(section.max_uses, section.max_per_couple, regional=False)
    matches, left_out = match(people, profiles, standing, caps, ())
    levels = Counter((score.dimension, score.level) for one in profiles for score in one.scores)
    for part in overview.scales:
        assert part.whole.sides is not None
        assert part.whole.sides.first == levels[part.dimension, Level.HIGH]
        assert part.whole.sides.second == levels[part.dimension, Level.LOW]
        made = Counter(one.split for one in matches if one.dimensions == (part.dimension,))
        assert all(made[split] <= part.whole.sides.pairs[split] for split in Split)
    for one in overview.tradeoffs:
        assert one.opposed.total >= sum(found.dimensions == one.dimensions for found in matches)
    for country in overview.countries:
        made = Counter(one.split for one in matches if one.country == country.country)
        assert all(made[split] <= country.pairs[split] for split in Split)
        assert sum(made.values()) > 0
    paired = {stand.respondent_id for one in matches for stand in (one.first, one.second)}
    assert len(paired) <= overview.pairable <= len(profiles)
    reasons = Counter(one.reason for one in left_out)
    assert overview.unpaired.get("no-stand", 0) == reasons["no-stand"]
    assert overview.unpaired.get("no-counterpart", 0) <= reasons["no-counterpart"]


def test_raw_scores_are_those_of_the_profiles() -> None:
    survey = made_survey()
    people = [*crowd(40, "KE"), person("part", {"a1": 3.0, "b1": 2.0, "b2": Missing.REFUSED, "b3": 4.0})]
    framework = made_framework().model_copy(update={"scoring": Scoring(min_answered=0.6)})
    census = take_census(survey, Streamed(rows=iter(people), dropped=(), counts={}), SPLIT_SHARES)
    scored = score_each(census.answers, framework)
    scores = score(answers_of(people, survey.items), framework)
    for place, name in enumerate(scores.dimensions):
        assert scored.raw[name] == pytest.approx(scores.raw[:, place], nan_ok=True)
