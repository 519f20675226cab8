"""Checks that a text is in the script and the language that were asked for."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from builder.checks.scripts import beginning, beginnings, known, scripts_of
from builder.checks.text import READ_CHARACTERS, Checked, read
from builder.checks.words import primary
from mvpbench.store.config_file import parse_config, read_yaml
from schemas.record import Record

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

FILE = Path(__file__).with_name("near.yaml")
MOST_OUTSIDE = 0.2
"""Share of the letters of all texts together; names of things keep their own script."""
MOST_OUTSIDE_ONE = 0.5
"""Of one text."""
FEWEST_LETTERS = 10
MOST_OTHER_HAN = 0.08
"""Share of the Han characters that only the other of the two writings has."""
FEWEST_OTHER_HAN = 3
SURE = 0.99
"""The detector's probability of what it finds and all that is near; naive Bayes runs to the extremes."""
UNLIKELY = 0.001
"""The most that it may give to the language asked for."""
DETECTED = 150
"""Characters of each text; more make the detector slower and hardly surer."""
FEWEST_DETECTED = 60
"""Letters; fewer are not a language for sure. A letter of Han counts as three."""

# What GB 2312 holds and Big5 does not is simplified, and the other way round.
_NO_SCRIPT = frozenset({"", "MODIFIER"})
_HAN_SETS = {"Hans": ("big5", "gb2312"), "Hant": ("gb2312", "big5")}


class _Near(Record):
    groups: tuple[tuple[str, ...], ...]


def wrong_script(checked: Checked) -> str | None:
    """The share of letters outside what CLDR gives for the language."""
    scripts = scripts_of(checked.language)
    if not scripts or not all(known(script) for script in scripts):
        return None
    fit = beginnings(scripts)
    texts = (checked.question, *checked.answers)
    outside = [_outside(text, fit) for text in texts]
    letters = sum(count for _, count in outside)
    foreign = sum(strange for strange, _ in outside)
    if letters >= FEWEST_LETTERS and foreign > MOST_OUTSIDE * letters:
        return "it is written in another script than its language"
    if any(count >= FEWEST_LETTERS and strange > MOST_OUTSIDE_ONE * count for strange, count in outside):
        return "a part of it is written in another script than its language"
    if len(scripts) == 1 and scripts[0] in _HAN_SETS and _other_han("".join(texts), scripts[0]):
        return "it is written in the other kind of Chinese characters (simplified, traditional) than asked for"
    return None


def wrong_language(checked: Checked) -> str | None:
    """All texts together, and only where the detector is sure and knows the language asked for."""
    asked = primary(checked.language)
    text = " ".join(read(part).text[:DETECTED] for part in (checked.question, *checked.answers))
    if not detectable(asked) or _letters(text) < FEWEST_DETECTED:
        return None
    ranked = dict(reversed(_detector().rank(text)))
    found = max(ranked, key=lambda code: ranked[code])
    near = _near(asked)
    sure = sum(ranked.get(code, 0.0) for code in _near(found))
    if found in near or found == "zxx" or sure < SURE or max(ranked.get(code, 0.0) for code in near) > UNLIKELY:
        return None
    return "it is written in another language than asked for"


def detectable(language: str) -> bool:
    """Say whether the detector knows a language or one that it cannot be told from."""
    return not _near(primary(language)).isdisjoint(_labels())


def knows_script(language: str) -> bool:
    """Say whether the letters of a language's scripts can be told."""
    scripts = scripts_of(language)
    return bool(scripts) and all(known(script) for script in scripts)


def _outside(text: str, fit: frozenset[str]) -> tuple[int, int]:
    """How many letters are outside the scripts, of how many."""
    found = [(beginning(char), count) for char, count in Counter(read(text).text).items()]
    letters = [(name, count) for name, count in found if name not in _NO_SCRIPT]
    return sum(count for name, count in letters if name not in fit), sum(count for _, count in letters)


def _other_han(text: str, script: str) -> bool:
    other, own = _HAN_SETS[script]
    han = [(char, count) for char, count in Counter(text[:READ_CHARACTERS]).items() if beginning(char) == "CJK"]
    foreign = sum(count for char, count in han if _within(char, other) and not _within(char, own))
    return foreign >= FEWEST_OTHER_HAN and foreign > MOST_OTHER_HAN * sum(count for _, count in han)


def _within(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _letters(text: str) -> int:
    return sum(
        (3 if beginning(char) == "CJK" else 1) * count for char, count in Counter(text).items() if char.isalpha()
    )


@cache
def _near(language: str) -> frozenset[str]:
    groups = parse_config(read_yaml(FILE), FILE.name, _Near).groups if language else ()
    return frozenset([language, *(code for group in groups if language in group for code in group)])


@cache
def _labels() -> frozenset[str]:
    return frozenset(_detector().labels)


@cache
def _detector() -> "LanguageIdentifier":
    """Half a second and 60 MB, so loaded only by what asks for it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
