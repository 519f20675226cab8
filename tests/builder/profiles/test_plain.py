"""Profiles in plain words: their order, and what must not be in them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.frameworks import load_framework
from builder.profiles.plain import plain_profile
from schemas.values import Level
from tests.annotation.made import made_profile, made_score

MFQ2 = load_framework("mfq2")


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
        plain_profile(profile, MFQ2)
        == """\
What matters to this person in questions of right and wrong, from what matters most to what matters least.

Clearly so, the strongest first. This person ...
– wants everyone to end up with the same
– is moved first by whether someone is hurt or in need of tenderness

More or less so, what fits better first. To some degree, this person ...
– respects those who lead and the ways that were handed down
– stands with family, team and home before others

Clearly the other way, the strongest last. This person ...
– does not keep count of who has put in how much
– sees no wrong in what is coarse or unusual as long as nobody is harmed"""
    )


def test_groups_that_are_empty_are_not_mentioned() -> None:
    text = plain_profile(made_profile("r", Level.LOW), MFQ2)
    assert "Clearly so" not in text
    assert "Clearly the other way" in text


@pytest.mark.parametrize("name", ["mfq2", "prism"])
@given(levels=st.lists(st.sampled_from(list(Level)), min_size=9, max_size=9), raws=st.permutations(range(10, 100, 10)))
def test_no_number_and_no_name_of_a_dimension(name: str, levels: list[Level], raws: list[int]) -> None:
    framework = load_framework(name)
    scores = tuple(
        made_score(dimension.name, raw, level)
        for dimension, raw, level in zip(framework.dimensions, raws, levels, strict=False)
    )
    text = plain_profile(made_profile("r", Level.HIGH).model_copy(update={"scores": scores}), framework)
    assert not re.search(r"\d", text)
    for dimension in framework.dimensions:
        assert not re.search(rf"\b({re.escape(dimension.name)}|{re.escape(dimension.title)})\b", text, re.IGNORECASE)
    assert text.count("–") == len(framework.dimensions)
