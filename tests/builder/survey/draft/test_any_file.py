"""Whatever columns a file has: a draft is YAML, and what is wrong with it is exactly what it says is to be filled."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from builder.survey.draft.facts import Column, shown
from builder.survey.draft.guess import guess
from builder.survey.draft.write import write_draft
from builder.survey.raw import Cell, DeclaredMissing
from mvpbench.store.config_file import parse_yaml
from schemas.codebook import Codebook
from tests.builder.survey.draft.made import column, facts

NAMES = st.sampled_from(
    [
        "id",
        "respid",
        "hh",
        "line",
        "country",
        "pais",
        "birth_country",
        "lang",
        "consent",
        "weight",
        "w_post",
        "psu",
        "stratum",
        "sex",
        "age",
        "educ",
        "marital",
        "region",
        "relig",
        "name",
        "q1",
        "q2",
        "q3",
        "q4",
        "q5",
        "care",
        "equality",
        "care_1",
        "care_2",
        "synthetic",
        "x",
        "y",
    ]
)
NUMBERS: tuple[Cell, ...] = (None, 0, 1, 2, 3, 4, 5, 9, 99, -1, 2.5, 404, 1e300, 18, 30, 71, DeclaredMissing("9"))
TEXTS = (
    "NA",
    "Kenya",
    "NO",
    "en",
    "yes",
    "Refused",
    "Male",
    "Otherland",
    "x" * 60,
    "synthetic",
    "a: {b",
    "12,5",
    "true",
)
CELLS: st.SearchStrategy[Cell] = st.sampled_from((*NUMBERS, *TEXTS, DeclaredMissing(".a")))
WORDS = st.sampled_from(
    ("", "Refused", "Don't know", "Strongly agree", "Yes", "English", "a: [b", "\u2028x", "0", *TEXTS)
)
CODES = st.sampled_from(("0", "1", "2", "3", "5", "9", "99", "-1", ".a", "no", "404"))


@st.composite
def columns(draw: st.DrawFn) -> tuple[Column, ...]:
    rows = draw(st.integers(0, 12))
    names = draw(st.lists(NAMES, min_size=1, max_size=14, unique=True))
    pools = st.lists(CELLS, min_size=1, max_size=6)
    made = []
    for name in names:
        pool = draw(pools)
        cells = draw(st.lists(st.sampled_from(pool), min_size=rows, max_size=rows))
        labels = draw(st.dictionaries(CODES, WORDS, max_size=4))
        missing = frozenset(draw(st.sets(CODES, max_size=1)))
        made.append(column(name, cells, draw(WORDS), labels=labels, missing=missing))
    return tuple(made)


@pytest.mark.slow
@settings(max_examples=300)
@given(columns())
def test_a_draft_lacks_what_it_says_and_nothing_else(made: tuple[Column, ...]) -> None:
    text, todo = write_draft(guess(facts(*made)))
    data = parse_yaml(text, "draft")
    gaps = {key.split(".")[0] for key in todo}
    assert lacking(data) == gaps
    for one in made:
        shown(one).model_dump_json()


def lacking(data: dict[str, Any]) -> set[str]:
    """The keys of the top by which the codebook is refused."""
    try:
        Codebook.model_validate(data)
    except ValidationError as error:
        return {str(one["loc"][0]) if one["loc"] else one["msg"] for one in error.errors()}
    return set()
