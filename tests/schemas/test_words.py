"""Words of profiles: what a file must hold, and what must not be in it."""

import pytest
from pydantic import ValidationError

from schemas.words import CommonWords, FrameworkWords

SIDES = {"high": "wants rain", "low": "wants sun"}
WEATHER: dict[str, object] = {
    "framework": "weather",
    "language": "en-GB",
    "made_by": "a test",
    "domain": "in the weather",
    "dimensions": {"rain": SIDES},
}
AROUND: dict[str, object] = {
    "language": "en",
    "made_by": "a test",
    "title": "What matters {domain}",
    "heads": {"high": "Very much so", "none": "So", "low": "Not so"},
    "one": "One who {sentence}",
    "tradeoff": "Less: {less}\nMore: {more}",
}


def test_what_is_whole_is_taken() -> None:
    assert FrameworkWords.model_validate(WEATHER).dimensions["rain"].low == "wants sun"
    assert CommonWords.model_validate(AROUND).tradeoff.format(less="sun", more="rain") == "Less: sun\nMore: rain"


@pytest.mark.parametrize("text", ["", " ", "wants rain ", "wants\nrain", "wants \u202erain", "wants\u200brain"])
def test_a_sentence_is_one_line_that_can_be_seen(text: str) -> None:
    for changed in ({"domain": text}, {"dimensions": {"rain": SIDES | {"high": text}}}):
        with pytest.raises(ValidationError, match="one line of words"):
            FrameworkWords.model_validate(WEATHER | changed)


def test_the_sides_differ() -> None:
    with pytest.raises(ValidationError, match="high and low are the same"):
        FrameworkWords.model_validate(WEATHER | {"dimensions": {"rain": {"high": "waits", "low": "waits"}}})


@pytest.mark.parametrize("tag", ["../en", "en/x", "", "en_GB"])
def test_a_language_is_a_tag(tag: str) -> None:
    with pytest.raises(ValidationError, match="language"):
        FrameworkWords.model_validate(WEATHER | {"language": tag})


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title", "What matters"),
        ("title", "{domain} {domain}"),
        ("title", "{domain.__class__}"),
        ("title", "{domain!r}"),
        ("title", "{domain:>9}"),
        ("title", "{domain} {"),
        ("one", "One who {domain}"),
        ("one", "One who {}"),
        ("tradeoff", "{more}"),
        ("tradeoff", "{more}\n\n{less}"),
    ],
)
def test_each_text_has_its_blanks_and_no_other(field: str, text: str) -> None:
    with pytest.raises(ValidationError, match=field):
        CommonWords.model_validate(AROUND | {field: text})


@pytest.mark.parametrize("heads", [{"high": "a", "low": "b"}, {"high": "a", "none": "a", "low": "b"}])
def test_each_level_has_a_head_of_its_own(heads: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="a different head for each of high, low, none"):
        CommonWords.model_validate(AROUND | {"heads": heads})
