"""What a framework tells raters and writers: its sentences and definitions."""

import re

import pytest

from builder.frameworks import load_framework
from builder.frameworks.load import FOLDER
from schemas.values import ValueDimension, ValueFramework

NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
FRAMEWORKS = [load_framework(name) for name in NAMES]
DIMENSIONS = [
    pytest.param(framework, dimension, id=f"{framework.framework}-{dimension.name}")
    for framework in FRAMEWORKS
    for dimension in framework.dimensions
]
PLAIN = frozenset({"action", "choice", "civic", "devotion", "personal", "thought", "work"})
"""Words of names that people say without naming the dimension."""
JUDGES = re.compile(
    r"\b(?:bad|wrongly|selfish\w*|generous\w*|narrow|rigid|backward|modern|extreme|sensible|stubborn|lazy|greedy)\b"
)
PERSON = re.compile(r"\b(?:he|she|his|her|him|i|my|you|your|we|our)\b", re.IGNORECASE)
SENTENCE = re.compile(r"[a-z][^.!?:;0-9]*[a-z]")
"""Completes `This person ...`: begins small, ends without a mark, holds no number."""
VERB = re.compile(r"[a-z]+s\b|can\b")
"""The third person that `This person` asks for."""


def words_of(dimension: ValueDimension) -> set[str]:
    parts = {dimension.name.replace("_", " "), dimension.title.lower(), *dimension.name.split("_")}
    return parts - PLAIN


def test_each_file_holds_the_framework_of_its_name() -> None:
    assert {"mfq2", "prism", "pvq21", "pvqrr", "wvs7"} <= set(NAMES)
    assert [framework.framework for framework in FRAMEWORKS] == NAMES


@pytest.mark.parametrize(("framework", "dimension"), DIMENSIONS)
def test_both_sides_complete_the_sentence(framework: ValueFramework, dimension: ValueDimension) -> None:
    assert dimension.high != dimension.low
    for side in (dimension.high, dimension.low):
        assert SENTENCE.fullmatch(side), side
        assert VERB.match(side), side
        assert not PERSON.search(side), side
        assert not JUDGES.search(side), side
        assert 5 <= len(side.split()) <= 20, side
    long, short = sorted((len(dimension.high.split()), len(dimension.low.split())), reverse=True)
    assert long - short <= 8, "sides of like length: neither may look thinner"
    assert framework.domain


@pytest.mark.parametrize(("framework", "dimension"), DIMENSIONS)
def test_no_sentence_names_a_dimension_of_its_framework(framework: ValueFramework, dimension: ValueDimension) -> None:
    """Raters read them side by side: a name in any of them would tell what is measured."""
    for other in framework.dimensions:
        for word in words_of(other):
            for side in (dimension.high, dimension.low):
                assert not re.search(rf"\b{re.escape(word)}\b", side, re.IGNORECASE), f"{word!r} in {side!r}"


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=NAMES)
def test_no_two_sentences_are_the_same(framework: ValueFramework) -> None:
    sentences = [side for dimension in framework.dimensions for side in (dimension.high, dimension.low)]
    assert len(set(sentences)) == len(sentences)
    for dimension in framework.dimensions:
        assert dimension.definition.strip().endswith("."), dimension.name
    assert re.search(r"doi:10\.\d{4,}/", framework.source), "a source can be looked up"
