"""The bundled sample: drawn as committed, in the real shape, with the published numbers, and marked everywhere."""

import json
from collections import Counter
from math import sqrt
from pathlib import Path
from statistics import correlation, mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.counterparts import Caps, match
from builder.frameworks import load_framework
from builder.profiles.profile import profile
from builder.stands import stands
from builder.survey import built_in_codebooks, import_survey, read_codebook, recognise
from mvpbench.demo.draw_sample import PEOPLE, main
from mvpbench.demo.sample import SAMPLE
from mvpbench.demo.sample.chance import Chance
from mvpbench.demo.sample.grammar import BLANK, read_grammar, sentence
from mvpbench.demo.sample.marginals import Country, Marginals, Slider
from mvpbench.demo.sample.people import Material, birth_countries, read_design
from mvpbench.demo.sample.preferences import cholesky, quantile
from schemas.errors import ConfigError
from schemas.questions import Recipe, Scope
from schemas.study import ProfileSection
from schemas.survey import CountryOf

pytestmark = pytest.mark.slow

MARGINALS = Path(__file__).parents[4] / "shared" / "data" / "prism"
SURVEY = [json.loads(line) for line in (SAMPLE / "survey.jsonl").read_text(encoding="utf-8").splitlines()]
TALKS = [json.loads(line) for line in (SAMPLE / "conversations.jsonl").read_text(encoding="utf-8").splitlines()]

# Means and SDs over the 1,500 people of PRISM, from its codebook (Kirk et al. 2024, doi:10.48550/arXiv.2404.16019).
STATED = {
    "values": (54.3, 26.3),
    "creativity": (69.6, 22.1),
    "fluency": (86.7, 16.3),
    "factuality": (88.7, 16.2),
    "diversity": (75.7, 20.0),
    "safety": (80.2, 25.2),
    "personalisation": (67.9, 24.6),
    "helpfulness": (89.4, 14.4),
}
# People of 1,500 who gave an answer, from the same.
ANSWERED = {
    ("gender", "Female"): 718,
    ("age", "25-34 years old"): 454,
    ("employment_status", "Working full-time"): 712,
    ("education", "University Bachelors Degree"): 637,
    ("marital_status", "Never been married"): 870,
    ("english_proficiency", "Native speaker"): 886,
    ("lm_direct_use", "Yes"): 1162,
}
# Pearson, from its notebook 04.
CORRELATED = {("factuality", "helpfulness"): 0.62, ("values", "factuality"): 0.11, ("creativity", "values"): 0.40}

# The fields that the dataset's codebook lists for a line of survey.jsonl, for its `location` and for a line of
# conversations.jsonl, and the mark.
PERSON = """
    synthetic user_id survey_only num_completed_conversations consent consent_age lm_familiarity lm_indirect_use
    lm_direct_use lm_frequency_use self_description system_string age gender employment_status education
    marital_status english_proficiency study_id study_locale religion ethnicity location lm_usecases stated_prefs
    order_lm_usecases order_stated_prefs generated_datetime timing_duration_s timing_duration_mins
    included_in_US_REP included_in_UK_REP included_in_balanced_subset
"""
PLACE = """
    birth_country birth_countryISO birth_region birth_subregion reside_country reside_countryISO reside_region
    reside_subregion same_birth_reside_country special_region
"""
TALK = """
    synthetic conversation_id user_id conversation_type opening_prompt conversation_turns conversation_history
    performance_attributes choice_attributes open_feedback generated_datetime timing_duration_s
    timing_duration_mins included_in_balanced_subset
"""


@pytest.mark.skipif(not MARGINALS.exists(), reason="needs ../shared/data/prism beside the checkout")
def test_the_same_seed_draws_the_committed_files(tmp_path: Path) -> None:
    assert main(["--marginals", str(MARGINALS), "--out", str(tmp_path)]) == 0
    for name in ("survey.jsonl", "conversations.jsonl"):
        assert (tmp_path / name).read_bytes() == (SAMPLE / name).read_bytes(), f"{name}: draw the sample again"


@pytest.mark.skipif(not MARGINALS.exists(), reason="needs ../shared/data/prism beside the checkout")
def test_another_seed_draws_other_people(tmp_path: Path) -> None:
    assert main(["--marginals", str(MARGINALS), "--out", str(tmp_path), "--seed", "2", "--people", "200"]) == 0
    other = [json.loads(line) for line in (tmp_path / "survey.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(other) == 200
    assert [row["stated_prefs"] for row in other] != [row["stated_prefs"] for row in SURVEY[:200]]


def test_without_the_marginals_there_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--marginals", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("published marginals (")
    assert list(tmp_path.iterdir()) == []


def test_every_record_is_marked() -> None:
    assert all(row["synthetic"] is True for row in [*SURVEY, *TALKS])
    assert all(row["user_id"].startswith("synthetic-") for row in [*SURVEY, *TALKS])
    assert read_codebook(SAMPLE / "codebook.yaml").synthetic
    assert "SYNTHETIC" in read_codebook(SAMPLE / "codebook.yaml").title
    assert "SYNTHETIC: nothing in this folder is about anybody." in (SAMPLE / "README.md").read_text(encoding="utf-8")


def test_the_sample_is_never_taken_for_the_real_survey() -> None:
    assert recognise(SAMPLE) == SAMPLE / "codebook.yaml"
    assert recognise(SAMPLE / "survey.jsonl") == SAMPLE / "codebook.yaml"
    with pytest.raises(ConfigError) as caught:
        import_survey(SAMPLE, read_codebook(built_in_codebooks()["prism"]), load_framework("prism"))
    assert caught.value.report.code == "synthetic-unmarked"


def test_the_sample_is_read_as_the_real_file_is() -> None:
    """Everything but who and what it is about is the built-in codebook's."""
    own = read_codebook(SAMPLE / "codebook.yaml").model_dump()
    real = read_codebook(built_in_codebooks()["prism"]).model_dump()
    about = {"name", "title", "version", "citation", "doi", "url", "licence", "synthetic"}
    assert {key: own[key] for key in own.keys() - about} == {key: real[key] for key in real.keys() - about}


def test_the_files_are_small_enough_for_a_wheel() -> None:
    assert sum((SAMPLE / name).stat().st_size for name in ("survey.jsonl", "conversations.jsonl")) < 2_500_000


def test_people_are_as_many_and_as_spread_as_announced() -> None:
    countries = Counter(row["location"]["birth_country"] for row in SURVEY)
    assert sum(countries.values()) == len(SURVEY) == PEOPLE == 520
    assert countries.pop("Prefer not to say") == 1
    assert len(countries) == 14
    assert [name for name, count in countries.items() if count == 1] == ["Iceland"]
    assert min(count for name, count in countries.items() if name != "Iceland") >= 15
    assert len({row["user_id"] for row in SURVEY}) == len(SURVEY)


def test_a_person_has_the_fields_of_the_published_file() -> None:
    for row in SURVEY:
        assert list(row) == PERSON.split()
        assert set(row["location"]) == set(PLACE.split())
        assert set(row["religion"]) == set(row["ethnicity"]) == {"self_described", "categorised", "simplified"}
        assert set(row["stated_prefs"]) == {*STATED, "other", "other_text"}
        assert sorted(row["order_stated_prefs"].values()) == list(range(1, 10))
        assert set(row["order_lm_usecases"]) == set(row["lm_usecases"]) - {"other_text"}
        assert all(type(row["stated_prefs"][name]) is int and 0 <= row["stated_prefs"][name] <= 100 for name in STATED)


def test_a_conversation_has_the_fields_of_the_published_file() -> None:
    for talk in TALKS:
        assert list(talk) == TALK.split()
        said = talk["conversation_history"]
        assert said[0] == {"turn": 0, "role": "user", "content": talk["opening_prompt"]}
        assert {one["turn"] for one in said} == set(range(talk["conversation_turns"]))
        for turn in range(talk["conversation_turns"]):
            replies = [one for one in said if one["turn"] == turn and one["role"] == "model"]
            chosen = [one for one in replies if one["if_chosen"]]
            assert [one["score"] for one in chosen] == [max(one["score"] for one in replies)]
            assert [one["within_turn_id"] for one in replies] == list(range(len(replies)))
            assert {one["model_provider"] for one in replies} == {"synthetic"}


def test_conversations_are_those_that_people_say_they_held() -> None:
    held = Counter(talk["user_id"] for talk in TALKS)
    assert {row["user_id"]: row["num_completed_conversations"] for row in SURVEY if not row["survey_only"]} == held
    assert all(row["num_completed_conversations"] == 0 for row in SURVEY if row["survey_only"])
    kinds = {"unguided", "values guided", "controversy guided"}
    assert {talk["conversation_type"] for talk in TALKS} == kinds


def test_texts_are_varied_and_wholly_expanded() -> None:
    texts = [row[field] for row in SURVEY for field in ("self_description", "system_string")]
    assert not any("{" in text or "}" in text for text in texts)
    assert len({row["self_description"] for row in SURVEY}) > 500
    assert len({talk["opening_prompt"] for talk in TALKS}) > 120


@pytest.mark.parametrize(("name", "mean_sd"), STATED.items())
def test_stated_preferences_have_the_published_mean_and_spread(name: str, mean_sd: tuple[float, float]) -> None:
    """The mean within four standard errors; the SD within an eighth, since it is no parameter of the quartiles."""
    values = [row["stated_prefs"][name] for row in SURVEY]
    assert abs(mean(values) - mean_sd[0]) < 4 * mean_sd[1] / sqrt(len(values))
    assert abs(stdev(values) / mean_sd[1] - 1) < 1 / 8


@pytest.mark.parametrize(("names", "published"), CORRELATED.items())
def test_stated_preferences_hang_together_as_published(names: tuple[str, str], published: float) -> None:
    """Within four standard errors of a correlation, (1 - r^2)/sqrt(n), and .03 that rounding and cutting off cost."""
    one, other = ([row["stated_prefs"][name] for row in SURVEY] for name in names)
    assert abs(correlation(one, other) - published) < 4 * (1 - published**2) / sqrt(len(SURVEY)) + 0.03


def test_answers_heap_at_the_middle_and_the_top() -> None:
    """A smooth distribution would have about as many at 50 as at 45 or 55, and at 100 as at 95."""
    values = Counter(row["stated_prefs"][name] for row in SURVEY for name in STATED)
    assert values[50] > 2 * max(values[45], values[55])
    assert values[100] > 5 * values[95]


@pytest.mark.parametrize(("answer", "people"), ANSWERED.items())
def test_demographics_are_as_published(answer: tuple[str, str], people: int) -> None:
    """Within four standard errors of a share."""
    share = people / 1500
    found = sum(row[answer[0]] == answer[1] for row in SURVEY) / len(SURVEY)
    assert abs(found - share) < 4 * sqrt(share * (1 - share) / len(SURVEY))


def test_there_are_enough_pairs_for_the_demo() -> None:
    """Pairs of compatriots over both recipes: at least 350 to train on and 150 to test on."""
    framework = load_framework("prism")
    survey, imported = import_survey(SAMPLE, read_codebook(SAMPLE / "codebook.yaml"), framework, CountryOf.BIRTH)
    people = {person.id: person for person in imported.rows}
    profiles = list(profile(survey, people.values(), framework, ProfileSection()).rows)
    sides = stands(profiles, framework, (Recipe.SIDES, Recipe.TRADEOFF))
    matches, _ = match(people, profiles, sides, Caps(max_uses=2, max_per_couple=6, regional=True), [])
    pairs = Counter(one.split.value for one in matches if one.scope is Scope.COUNTRY)
    assert pairs["train"] >= 350
    assert pairs["test"] >= 150


def test_the_factor_of_a_correlation() -> None:
    # 1 * 1 = 1; .6 * 1 = .6; .6^2 + .8^2 = 1.
    assert cholesky([[1, 0.6], [0.6, 1]]) == [[1, 0], [0.6, pytest.approx(0.8)]]


def test_quantiles_pass_the_published_quartiles_and_keep_the_mean() -> None:
    slider = Slider(mean=88.7, low=0, high=100, quarter=81, median=97, three_quarters=100)
    assert [quantile(slider, share) for share in (0, 0.25, 0.5, 0.75)] == [0, 81, 97, 100]
    steps = 200_000
    midpoints = [quantile(slider, (step + 0.5) / steps) for step in range(steps)]
    assert mean(midpoints) == pytest.approx(88.7, abs=0.01)


@given(st.floats(0, 0.999), st.floats(0, 0.999))
def test_quantiles_rise(one: float, other: float) -> None:
    slider = Slider(mean=54.3, low=0, high=100, quarter=34, median=53, three_quarters=75)
    low, high = sorted((one, other))
    assert 0 <= quantile(slider, low) <= quantile(slider, high) <= 100


def material(**countries: int) -> Material:
    published = {
        name: Country(name, "XXX", born, born, "Northern Europe", "Europe") for name, born in countries.items()
    }
    design = read_design().model_copy(update={"countries": tuple(countries), "single": "Lonely", "unsaid": 1})
    facts = Marginals(1500, {}, {}, (), (), {}, {}, published, 177, 104)
    return Material(facts, design, {})


def test_places_go_by_the_square_root_of_the_people_there() -> None:
    # Of 32, one is alone and one will not say; sqrt(400) : sqrt(100) = 2 : 1 of the other 30.
    assert Counter(birth_countries(32, material(Large=400, Small=100))) == {
        "Large": 20,
        "Small": 10,
        "Lonely": 1,
        None: 1,
    }
    # Of 33 it is 20.67 and 10.33: the place left over goes to the larger remainder.
    assert Counter(birth_countries(33, material(Large=400, Small=100)))["Large"] == 21


def test_too_small_a_sample_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        birth_countries(5, material(Large=400, Small=100))
    assert caught.value.report.code == "sample-too-small"


def test_every_symbol_of_the_grammar_can_be_expanded() -> None:
    """Each blank is a symbol, a given word, or a symbol in every case that a person can be."""
    grammar = read_grammar()
    sliders = set(STATED)
    for text in (text for alternatives in grammar.values() for text in alternatives):
        for name, case in BLANK.findall(text):
            if case:
                assert {f"{name}.{slider}" for slider in sliders} <= set(grammar), name
            else:
                assert name in grammar or name == "topic", name


def test_a_sentence_by_hand() -> None:
    grammar = {"greeting": ("{hello}, {name}: {wish:most}",), "hello": ("good day",), "wish.rest": ("sleep well",)}
    words = {"name": "you", "most": "rest"}
    assert sentence(grammar, "greeting", words, Chance(1, "nobody"), "text") == "Good day, you: sleep well"


@given(st.integers(0, 10), st.text(max_size=5), st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 5)))
def test_weights_of_nothing_are_never_drawn(seed: int, purpose: str, weights: dict[str, int]) -> None:
    drawn = Chance(seed, "somebody").weighted(purpose, weights)
    possible = {name for name, weight in weights.items() if weight > 0}
    assert drawn in (possible or {""})
