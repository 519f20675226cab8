"""The words by which columns and answers are recognised, and how they are compared."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mvpbench.store.config_file import read_config
from schemas.codebook import Missing
from schemas.record import Record

WORDS = Path(__file__).parent / "words.yaml"
_PARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W_]+|(?<=\D)(?=\d)|(?<=\d)(?=\D)")
LONG_LABEL = 90
"""Characters above which a label is a text, not the name of a missing answer."""


class MissingWords(Record):
    """By which an answer is known to be none."""

    phrases: tuple[tuple[str, ...], ...]
    alone: tuple[str, ...]


class RoleWords(Record):
    """By which a column is known: parts of its name, phrases of its label."""

    names: tuple[str, ...]
    phrases: tuple[str, ...]


class Words(Record):
    """The file words.yaml."""

    missing: dict[Missing, MissingWords]
    tokens: tuple[str, ...]
    roles: dict[str, RoleWords]
    not_the_person: tuple[str, ...]
    gender_words: tuple[str, ...]
    yes_words: tuple[str, ...]
    weight_roles: dict[str, tuple[str, ...]]
    combined_weights: tuple[str, ...]
    with_design: tuple[str, ...]
    sensitive: RoleWords
    identifying: RoleWords
    attention: tuple[str, ...]
    strong_first: tuple[str, ...]


class Match(NamedTuple):
    """How well a column fits a role, and by what."""

    score: int
    """0 for not at all, 1 by a label, 2 by a part of the name, 3 by the whole of it."""
    why: str


@cache
def words() -> Words:
    """Return the words of words.yaml."""
    return read_config(WORDS, Words)


@cache
def plain(text: str) -> str:
    """Return `text` without case, accents and punctuation, single spaces between words."""
    parted = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(" " if not (char.isalnum() or unicodedata.category(char)[0] == "M") else char for char in parted)
    return " ".join("".join(char for char in kept if unicodedata.category(char) != "Mn" or char > "\u08ff").split())


def name_parts(name: str) -> tuple[str, ...]:
    """Return the words of a column's name: `W_Weight2` gives w, weight, 2."""
    return tuple(plain(part) for part in _PARTS.split(name) if part)


def has(text: str, phrases: Iterable[str]) -> str | None:
    """Return the first of `phrases` that stands in `text` as whole words (Chinese: anywhere); None if none does."""
    padded = f" {plain(text)} "
    for phrase in phrases:
        wanted = plain(phrase)
        if f" {wanted} " in padded or (wanted > "\u2e80" and wanted in padded):
            return phrase
    return None


@cache
def missing_label(label: str) -> Missing | None:
    """Return the kind of missing answer that a label or a cell of text names; None where it names an answer."""
    text = plain(label)
    if not text or len(label) > LONG_LABEL:
        return None
    found = [kind for kind, known in words().missing.items() if text in {plain(one) for one in known.alone}]
    if not found:
        found = [
            kind for kind, known in words().missing.items() if any(has(label, phrases) for phrases in known.phrases)
        ]
    if not found:
        return None
    certain = [kind for kind in found if kind is not Missing.UNSPECIFIED]
    return certain[0] if len(certain) == 1 else Missing.UNSPECIFIED


def match(role: str, name: str, *texts: str) -> Match:
    """Return how well a column with this name and these texts (label, question) fits a role of words.yaml."""
    return match_words(words().roles[role], name, *texts)


def match_words(known: RoleWords, name: str, *texts: str) -> Match:
    """Return how well a column with this name and these texts fits `known`."""
    parts = name_parts(name)
    whole = "".join(part for part in parts if not part.isdigit())
    wanted = {plain(one) for one in known.names}
    if whole in wanted:
        return Match(3, "by its name")
    if wanted & set(parts):
        return Match(2, "by its name")
    for text in texts:
        if found := has(text, known.phrases):
            return Match(1, f"its label says {found!r}")
    return Match(0, "")


def starts(text: str, phrases: Iterable[str]) -> bool:
    """Return whether `text` begins with one of `phrases`."""
    own = f"{plain(text)} "
    return any(own.startswith(f"{plain(phrase)} ") for phrase in phrases)


def affirms_first(labels: Mapping[str, str]) -> str | None:
    """Return the label of the smallest number where it is the one that affirms, as in 1 = strongly agree."""
    numbers = sorted((float(code), label) for code, label in labels.items() if _is_number(code))
    return numbers[0][1] if numbers and starts(numbers[0][1], words().strong_first) else None


def _is_number(code: str) -> bool:
    try:
        float(code)
    except ValueError:
        return False
    return True
