"""What is wrong with a written question, by itself: each check a pure function with a code, whose words are in YAML."""

from collections.abc import Callable, Container, Iterable, Mapping
from functools import cache
from pathlib import Path

from builder.checks.answers import answers_alike, answers_name_each_other, straw_man, unequal_quality
from builder.checks.conduct import refusal, unsafe
from builder.checks.form import (
    blank_text,
    markup,
    names_value,
    not_a_question,
    same_answers,
    too_long,
    too_short,
    unequal_length,
)
from builder.checks.places import has_countries, names_country, names_group
from builder.checks.privacy import personal_data, quotes_person
from builder.checks.text import Check, Checked, Problem
from builder.checks.tongue import detectable, knows_script, wrong_language, wrong_script
from builder.checks.words import words_of
from mvpbench.store.config_file import parse_config, read_yaml
from schemas.record import Record

__all__ = ["CHECKS", "Check", "Checked", "Meaning", "Problem", "Seen", "meaning", "meanings", "not_checked", "problems"]

MEANINGS = Path(__file__).with_name("meanings.yaml")

CHECKS: Mapping[str, Check] = {
    "blank-text": blank_text,
    "too-short": too_short,
    "too-long": too_long,
    "not-a-question": not_a_question,
    "markup": markup,
    "same-answers": same_answers,
    "answers-alike": answers_alike,
    "unequal-length": unequal_length,
    "unequal-quality": unequal_quality,
    "straw-man": straw_man,
    "answers-name-each-other": answers_name_each_other,
    "names-value": names_value,
    "names-country": names_country,
    "names-group": names_group,
    "personal-data": personal_data,
    "quotes-person": quotes_person,
    "wrong-script": wrong_script,
    "wrong-language": wrong_language,
    "refusal": refusal,
    "unsafe": unsafe,
}
"""Code -> check, in the order in which they run."""
OF_THE_PERSON = frozenset({"quotes-person"})
"""Those that read whose words set the topic; all others read the texts alone."""
_PLACES = {code: place for place, code in enumerate(CHECKS)}

Seen = dict[tuple[str, ...], tuple[Problem, ...]]
"""A question's language and texts -> what is wrong with them, whoever they are for."""


class Meaning(Record):
    """The words of a check."""

    finds: str
    lists: str
    """What of a language the check needs; `none`: nothing."""
    do: str


def problems(checked: Checked, exempt: Container[str] = (), seen: Seen | None = None) -> tuple[Problem, ...]:
    """Return all that is wrong, in the order of CHECKS but for those that are `exempt`; nothing in it quotes the text.

    `seen` is filled with what each text is found to be, so that the same texts are read once whoever they are for.
    """
    texts = (checked.language, *checked.texts(), *checked.taboo)
    found = (seen or {}).get(texts)
    if found is None:
        found = _found(checked, [code for code in CHECKS if code not in OF_THE_PERSON])
        if seen is not None:
            seen[texts] = found
    own = _found(checked, [code for code in OF_THE_PERSON if code not in exempt])
    every = sorted((*found, *own), key=lambda problem: _PLACES[problem.code]) if own else found
    return tuple(problem for problem in every if problem.code not in exempt)


def _found(checked: Checked, codes: Iterable[str]) -> tuple[Problem, ...]:
    found = ((code, CHECKS[code](checked)) for code in codes)
    return tuple(Problem(code, problem) for code, problem in found if problem is not None)


def not_checked(language: str) -> tuple[str, ...]:
    """Return the codes that lack what they need of a language: they say nothing of it, or find its faults in part."""
    return tuple(code for code, words in meanings().items() if not _has(words.lists, language))


def meaning(code: str) -> str:
    """Return in a line what the check `code` finds."""
    return meanings()[code].finds


@cache
def meanings() -> Mapping[str, Meaning]:
    """Return the words of every check, in their order."""
    return {
        code: parse_config(words, f"{MEANINGS.name}, {code}", Meaning) for code, words in read_yaml(MEANINGS).items()
    }


def _has(lists: str, language: str) -> bool:
    needs: dict[str, Callable[[str], bool]] = {
        "none": lambda _: True,
        "names": has_countries,
        "script": knows_script,
        "detector": detectable,
    }
    return needs[lists](language) if lists in needs else bool(getattr(words_of(language), lists))
