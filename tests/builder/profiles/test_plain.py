"""Profiles in plain words: their order, and what must not be in them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.checks.scripts import beginning, beginnings, scripts_of
from builder.frameworks import built_in_frameworks, framework_words, load_framework
from builder.profiles.plain import asked_side, plain_aspect, plain_language, plain_profile
from schemas.identity import content_id
from schemas.questions import Answer, Question, Recipe
from schemas.values import DimensionScore, Level, ValueFramework, ValueProfile
from tests.annotation.made import made_profile, made_question, made_score

MFQ2 = load_framework("mfq2")
LANGUAGES = ("ar", "en", "es", "fr", "hi", "pt", "sw", "zh")


def profile_in(profile: ValueProfile, framework: ValueFramework, language: str = "en") -> str:
    return plain_profile(profile, framework, framework_words(framework, language))


def aspect_in(question: Question, framework: ValueFramework, language: str = "en") -> str:
    return plain_aspect(question, framework_words(framework, language))


def with_sides(recipe: Recipe, dimensions: tuple[str, ...], *sides: str) -> Question:
    """A question whose answers express `sides`, in either order."""
    answers = sorted(
        (Answer(id=content_id("a", side), text=side, side=side) for side in sides), key=lambda answer: answer.id
    )
    changed = {"recipe": recipe, "dimensions": dimensions, "answers": tuple(answers)}
    return made_question(1).model_copy(update=changed)


def test_the_text_falls_from_what_matters_most_to_what_matters_least() -> None:
    scores = (
        made_score("purity", 20, Level.LOW),
        made_score("care", 70, Level.HIGH),
        made_score("loyalty", 45, Level.NONE),
        made_score("equality", 90, Level.HIGH),
        made_score("authority", 55, Level.NONE),
        made_score("proportionality", 30, Level.LOW),
    )
    profile = made_profile("r", Level.HIGH).model_copy(update={"scores": scores})
    assert (
        profile_in(profile, MFQ2)
        == """\
What matters to this person in questions of right and wrong, from what matters most to what matters least.

Clearly so, the strongest first. This person ...
– wants everyone to end up with the same
– is moved first by whether someone is hurt or in need of tenderness

More or less so, what fits better first. To some degree, this person ...
– respects those who lead and the ways that were handed down
– stands with family, team and home before others

Clearly true as well, in what matters least to this person, the strongest last. This person ...
– does not keep count of who has put in how much
– sees no wrong in what is coarse or unusual as long as nobody is harmed"""
    )


def test_groups_that_are_empty_are_not_mentioned() -> None:
    text = profile_in(made_profile("r", Level.LOW), MFQ2)
    assert "Clearly so" not in text
    assert "Clearly true as well" in text


@pytest.mark.parametrize("name", ["mfq2", "prism"])
@given(levels=st.lists(st.sampled_from(list(Level)), min_size=9, max_size=9), raws=st.permutations(range(10, 100, 10)))
def test_no_number_and_no_name_of_a_dimension(name: str, levels: list[Level], raws: list[int]) -> None:
    framework = load_framework(name)
    scores = tuple(
        made_score(dimension.name, raw, level)
        for dimension, raw, level in zip(framework.dimensions, raws, levels, strict=False)
    )
    text = profile_in(made_profile("r", Level.HIGH).model_copy(update={"scores": scores}), framework)
    assert not re.search(r"\d", text)
    for dimension in framework.dimensions:
        assert not re.search(rf"\b({re.escape(dimension.name)}|{re.escape(dimension.title)})\b", text, re.IGNORECASE)
    assert text.count("–") == len(framework.dimensions)


@given(
    framework=st.sampled_from(built_in_frameworks()),
    language=st.sampled_from(LANGUAGES),
    levels=st.lists(st.sampled_from(list(Level)), min_size=19, max_size=19),
    raws=st.permutations(range(2, 97, 5)),
    measured=st.lists(st.booleans(), min_size=19, max_size=19),
)
def test_every_profile_is_told_in_every_language(
    framework: ValueFramework, language: str, levels: list[Level], raws: list[int], measured: list[bool]
) -> None:
    scores = tuple(
        made_score(dimension.name, raw, level)
        for dimension, raw, level, there in zip(framework.dimensions, raws, levels, measured, strict=False)
        if there
    )
    profile = made_profile("r", Level.HIGH).model_copy(update={"scores": scores})
    blocks = profile_in(profile, framework, language).split("\n\n")
    assert len(blocks) == 1 + len({one.level for one in scores})
    words = framework_words(framework, language)
    told = {f"– {text}" for side in words.sides.values() for text in (side.high, side.low)}
    heads = [block.splitlines()[0] for block in blocks[1:]]
    assert heads == [words.common.heads[level] for level in ("high", "none", "low") if level in set(levels_of(scores))]
    listed = [line for block in blocks[1:] for line in block.splitlines()[1:]]
    assert len(listed) == len(set(listed)) == len(scores)
    assert set(listed) <= told
    text = "\n".join(blocks)
    assert not re.search(r"[\d{}]", text)
    theirs = beginnings(scripts_of(language)[:1])
    assert {beginning(char) for char in text if char.isalpha()} <= theirs


def levels_of(scores: tuple[DimensionScore, ...]) -> list[Level]:
    return [one.level for one in scores]


def test_a_profile_in_another_language() -> None:
    assert (
        profile_in(made_profile("r", Level.HIGH), MFQ2, "sw-KE")
        == """\
Mambo muhimu kwa mtu huyu katika masuala ya mema na mabaya, kuanzia yaliyo muhimu zaidi hadi yaliyo na umuhimu mdogo \
zaidi.

Ni wazi kuwa ndivyo alivyo, lililo na nguvu zaidi likitangulia. Mtu huyu ...
– anaguswa kwanza na mtu aliyeumia au anayehitaji upole

Ndivyo alivyo kwa kiasi, linalolingana naye zaidi likitangulia. Kwa kiwango fulani, mtu huyu ...
– anathamini staha na kulinda mwili na akili visiharibike
– anasimama na familia yake, timu yake na watu wa kwao kabla ya wengine"""
    )


@pytest.mark.parametrize(("asked", "read"), [("sw-KE", "sw"), ("ar", "ar"), ("en", "en"), ("tlh", "en")])
def test_the_language_that_will_be_read_is_told_before(asked: str, read: str) -> None:
    profile = made_profile("r", Level.HIGH)
    assert plain_language(MFQ2, asked) == read
    assert profile_in(profile, MFQ2, asked) == profile_in(profile, MFQ2, read)


def test_a_side_is_told_as_somebody() -> None:
    question = with_sides(Recipe.SIDES, ("loyalty",), "loyalty:high", "loyalty:low")
    assert asked_side(question) == "loyalty:high"
    assert aspect_in(question, MFQ2) == "A person who stands with family, team and home before others"
    assert aspect_in(question, MFQ2, "es-MX") == (
        "Una persona que se pone del lado de su familia, su equipo y su tierra antes que de los demás"
    )


def test_a_tradeoff_is_told_as_what_comes_first() -> None:
    question = with_sides(Recipe.TRADEOFF, ("equality", "loyalty"), "equality:high", "loyalty:high")
    assert asked_side(question) == "equality:high"
    assert (
        aspect_in(question, MFQ2)
        == """\
A person for whom one thing counts more than another.
Counts more: this person wants everyone to end up with the same
Counts less: this person stands with family, team and home before others"""
    )


def test_of_a_paper_question_all_sides_of_one_answer_are_told() -> None:
    sides = ("equality:low+loyalty:high", "equality:high+loyalty:low")
    question = with_sides(Recipe.PAPER, ("equality", "loyalty"), *sides)
    assert asked_side(question) == "equality:high+loyalty:low"
    assert (
        aspect_in(question, MFQ2)
        == """\
A person who ...
– wants everyone to end up with the same
– gives no special weight to the groups that are one's own"""
    )
    alone = with_sides(Recipe.PAPER, ("equality",), "equality:low", "equality:high")
    assert aspect_in(alone, MFQ2) == "A person who wants everyone to end up with the same"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("framework", built_in_frameworks(), ids=lambda one: one.framework)
def test_every_aspect_is_told_in_every_language(framework: ValueFramework, language: str) -> None:
    sides = framework_words(framework, language).sides
    first, *_, last = (one.name for one in framework.dimensions)
    one = aspect_in(with_sides(Recipe.SIDES, (last,), f"{last}:high", f"{last}:low"), framework, language)
    assert one.endswith(sides[last].high)
    assert len(one) > len(sides[last].high)
    both = with_sides(Recipe.TRADEOFF, (first, last), f"{first}:high", f"{last}:high")
    head, more, less = aspect_in(both, framework, language).splitlines()
    assert more.endswith(sides[first].high)
    assert less.endswith(sides[last].high)
    theirs = beginnings(scripts_of(language)[:1])
    assert {beginning(char) for char in one + head + more + less if char.isalpha()} <= theirs


def test_a_dimension_that_the_framework_lacks_is_an_error() -> None:
    with pytest.raises(KeyError, match="fluency"):
        aspect_in(with_sides(Recipe.SIDES, ("fluency",), "fluency:high", "fluency:low"), MFQ2, "ar")
