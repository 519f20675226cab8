"""What holds for any text: no check raises, takes long, says two things of one text, or repeats it."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.checks import CHECKS, Checked, problems
from builder.checks.steering import steers
from builder.checks.twins import Row, twins
from tests.builder.checks.made import BASES, made

LANGUAGES = [*BASES, "pt-BR", "sr-Latn", "el", "tlh", "x-none", "", "zh_Hant", "EN", "not a language", "…"]
# Private use: no check's own words hold them, so what holds them was taken from the text.
OURS = st.sampled_from("\ue000\ue001\ue002")
ALPHABET = st.one_of(st.characters(), st.sampled_from("aA?. @1<{*#-\n\u202e中ก؟"))
TEXTS = st.text(ALPHABET, max_size=200)
SECOND = 1.0
LONG = 1_000_000
HOSTILE = {
    "letters": "a",
    "digits": "1",
    "digits and spaces": "1 ",
    "digits and dots": "1.",
    "dots": ".",
    "dots and letters": "a.",
    "at": "@",
    "a at": "a@",
    "mail": "a.b@c.",
    "at in words": "a at b dot ",
    "open tags": "<a",
    "stars": "*",
    "open bold": "**a",
    "underlines": "__a",
    "ticks": "`a",
    "brackets": "](a",
    "brackets alone": "[(",
    "lines": "\n",
    "spaces": " ",
    "spaces and sharps": " #",
    "marks": "a\u0301",
    "marks alone": "\u0301",
    "wide": "\ufdfa",
    "joiners": "\u200d",
    "Han": "中",
    "Han streets": "路1",
    "Thai": "ก",
    "Arabic": "وبال",
    "ambiguous names": "Jordan ",
    "names": "in Turkey ",
    "streets": "12 A B C ",
    "streets in Spanish": "calle de ",
    "born": "born on 1 ",
    "phrases that begin": "ignore all ",
    "who cares": "who cares ",
    "quotes": "\"'",
    "roles": "system: ",
    "no end": "&a",
    "sharp s": "ß",
    "dotted I": "İ",
    "surrogates": "\ud800",
}


@given(language=st.sampled_from(LANGUAGES), texts=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), own=TEXTS, taboo=TEXTS)
def test_no_text_makes_a_check_raise_and_all_say_the_same_twice(
    language: str, texts: tuple[str, str, str, str], own: str, taboo: str
) -> None:
    topic, question, one, other = texts
    checked = Checked(
        language=language, topic=topic, question=question, answers=(one, other), taboo=(taboo,), own_words=own
    )
    assert problems(checked) == problems(checked)


@given(
    st.lists(OURS, min_size=3, max_size=8).map("".join),
    st.sampled_from(["{}", "As an AI {}", "{} Kenya", "a@b.com {}"]),
)
def test_no_problem_quotes_the_text(mark: str, frame: str) -> None:
    text = frame.format(mark)
    found = problems(made(topic=text, question=text, one=text, other=text + "!!", own=text))
    assert found
    assert not any(char in problem for _, problem in found for char in mark)


@given(st.sampled_from(LANGUAGES), st.text(max_size=100))
def test_any_words_can_be_asked_whether_they_steer(language: str, words: str) -> None:
    assert steers(words) == steers(words)
    assert twins([Row(id="a", language=language, country=None, group="a", text=words)]) == []


@pytest.mark.slow
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * (LONG // len(piece) + 1))[:LONG]
    for checked in (
        made(question=text, own=text),
        made(one=text),
        made("es", question=text),
        made("zh", other=text),
        made("ar", other=text),
        made("th", question=text),
    ):
        for check in CHECKS.values():
            assert _seconds(lambda check=check, checked=checked: check(checked)) < SECOND
    assert _seconds(lambda: steers(text)) < SECOND


def _seconds(call: Callable[[], object]) -> float:
    """Of the processor, so that what else runs on the machine counts little."""
    start = time.process_time()
    call()
    return time.process_time() - start
