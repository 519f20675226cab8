"""Checks that no person can be found by a text: neither anyone at all, nor the one whose words set the topic."""

import re
from collections.abc import Iterator
from functools import cache

from builder.checks.phrases import Phrases
from builder.checks.places import opens
from builder.checks.scripts import cased, unspaced
from builder.checks.text import Checked, Reading, read
from builder.checks.words import found_in, primary, words_of

RUN_WORDS = 7
RUN_LETTERS = 14
"""Where no spaces part words."""
NEAR = 6
"""Words between "born" and a date."""
NAME_WORDS = 4
"""Words of a street's name."""
CARD_DIGITS = range(13, 20)
PHONE_DIGITS = range(7, 16)
ID_DIGITS = 9
YEARS = range(1850, 2100)
"""Of birth."""

_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@\w[\w-]{0,62}(?:\.\w[\w-]{0,62}){1,8}"
    r"|(?<!\w)[\w.]{1,64} (?:at|\[at\]|\(at\)) [\w-]{1,63} (?:dot|\[dot\]|\(dot\)) [a-z]{2,6}\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[a-z]{2,10}://\S|\bwww\.\w"
    r"|(?<![\w.@-])[a-z0-9][a-z0-9-]{1,62}\.(?:com|org|net|edu|gov|info|io|me|co|app|ly|ai|uk|de|fr|es|br|mx|ar|in|ke|tz|ng|za|cn|eg|sa)"
    r"(?:[/.][a-z]|(?![\w.-]))",
    re.IGNORECASE | re.ASCII,
)
_HANDLE = re.compile(r"(?<![\w.@])@\w{2,30}")
_NUMBER = re.compile(r"(?<![\w.,:])[+(]{0,2}\d(?:[ ().\-–/]{0,2}\d){6,24}(?!\w)")
_DOCUMENT = re.compile(r"\b[A-Z]{1,3}[ -]?\d{6,10}\b|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b|\b[A-Z]{5}\d{4}[A-Z]\b")
_GROUPED = re.compile(r"\d{1,3}(?:[ .]\d{3})+")
_DATE = re.compile(r"\d{4}[./\- –]\d{1,2}[./\- –]\d{1,2}|\d{1,2}[./\- –]\d{1,2}[./\- –](?:\d{2}|\d{4})")
_SPAN = re.compile(r"\d{4} ?[-–/] ?\d{4}")
_ROUND = re.compile(r"[1-9]\d{0,3}0{6,}")
_AT = re.compile(r"[ \[(]dot[ \])]", re.IGNORECASE)
_DOTTED = re.compile(r"\.[A-Za-z]|://")
_DIGIT = re.compile(r"\d")
_HAN_STREET = re.compile(r"(?:路|街|大道|巷|弄|胡同)(?:第)?[\d一二三四五六七八九十百]{1,6}(?:号|號)")
_COMMON = frozenset({"10", "12", "15", "20", "24", "25", "30", "40", "50", "60", "100", "1000"})


def personal_data(checked: Checked) -> str | None:
    """The first kind that is found; plain numbers, prices, times and dates are none."""
    for text in (read(text).text for text in checked.texts()):
        kind = _kind(text, checked.language)
        if kind is not None:
            return f"it holds what looks like {kind}; leave it out"
    return None


def _kind(text: str, language: str) -> str | None:
    if ("@" in text or _AT.search(text)) and _MAIL.search(text):
        return "an e-mail address"
    if _DOTTED.search(text) and _ADDRESS.search(text):
        return "an address on the internet"
    if "@" in text and _HANDLE.search(text):
        return "an account's name"
    return _numbered_kind(text, language)


def _numbered_kind(text: str, language: str) -> str | None:
    if _HAN_STREET.search(text):
        return "a street address"
    if not _DIGIT.search(text):
        return None
    if _has_number(text):
        return "a phone, card or identity number"
    if _has_street(text, language):
        return "a street address"
    return "a date of birth" if _has_birth(text, language) else None


def quotes_person(checked: Checked) -> str | None:
    """Seven words in a row of the person's own, or a name or number of theirs."""
    if not checked.own_words.strip():
        return None
    own = read(checked.own_words)
    size = RUN_LETTERS if unspaced(checked.language) else RUN_WORDS
    runs = set(_runs(own.folded, size))
    texts = [read(text) for text in checked.texts()]
    if any(not runs.isdisjoint(_runs(text.folded, size)) for text in texts):
        return "it repeats the person's own wording; say it in other words"
    details = _details(own, checked.language)
    near = [text for text in texts if not details.isdisjoint(text.words)]
    if any(not details.isdisjoint(_details(text, checked.language)) for text in near):
        return "it repeats a name or number from what the person wrote; leave it out"
    return None


def _runs(words: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    return (words[at : at + size] for at in range(len(words) - size + 1))


def _details(reading: Reading, language: str) -> frozenset[str]:
    """Numbers of two digits or more, and where there are capitals, words that have one inside a sentence."""
    numbers = {word for word in reading.words if len(word) > 1 and word.isdecimal() and word not in _COMMON}
    if not cased(language) or primary(language) in {"de", "lb", "nds"}:  # all nouns have a capital
        return frozenset(numbers)
    usual = frozenset([*words_of(language).capitals, *words_of("en").capitals])
    names = {
        word
        for place, word in enumerate(reading.words)
        if len(word) > 1
        and word[0].isupper()
        and not word.isupper()
        and word not in usual
        and not opens(reading, place)
    }
    return frozenset(numbers | names)


def _has_number(text: str) -> bool:
    return _DOCUMENT.search(text) is not None or any(_identifies(match.group()) for match in _NUMBER.finditer(text))


def _identifies(found: str) -> bool:
    """Say whether a run of digits with what parts them is a number that belongs to somebody."""
    digits = "".join(str(int(char)) for char in found if char.isdecimal())
    bare = found.strip(" ().-–/")
    if any(form.fullmatch(bare) for form in (_GROUPED, _DATE, _SPAN, _ROUND)):
        return found.startswith("+")
    if len(digits) in CARD_DIGITS and _luhn(digits):
        return True
    if len(bare) == len(digits):
        return len(digits) >= ID_DIGITS or (digits[0] == "0" and len(digits) in PHONE_DIGITS) or found.startswith("+")
    return len(digits) in PHONE_DIGITS or len(digits) in CARD_DIGITS


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004
    return total % 10 == 0


def _has_street(text: str, language: str) -> bool:
    reading = read(text)
    capitals = cased(language)
    after = frozenset([*words_of(language).streets.after, *words_of("en").streets.after])
    if capitals and any(word in after and _numbered(reading, place) for place, word in enumerate(reading.words)):
        return True
    number = frozenset(read(word).folded[0] for word in words_of(language).streets.number)
    ends = [hit.end for hit in _streets(primary(language)).hits(reading)]
    return any(_named(reading, end, number, capitals=capitals) for end in ends)


def _numbered(reading: Reading, street: int) -> bool:
    """12 Mill Road: in front of the street's word a name with capitals, in front of that a number."""
    for place in range(street - 1, max(-1, street - 2 - NAME_WORDS), -1):
        word = reading.words[place]
        if word[0].isdecimal():
            return place < street - 1
        if not word[0].isupper():
            return False
    return False


def _named(reading: Reading, end: int, number: frozenset[str], *, capitals: bool) -> bool:
    """Calle Mayor 12; 12 rue Victor Hugo; شارع النيل رقم 12. What stands between must look like a name."""
    named = not capitals and not number
    told = not number or capitals
    for place in range(end, min(len(reading.words), end + NAME_WORDS + 2)):
        word = reading.words[place]
        if word[0].isdecimal():
            return named and told
        if reading.folded[place] in number:
            told = True
        elif not capitals or word[0].isupper():
            named = True
        elif len(word) > 3:  # noqa: PLR2004 - de, la, del, dos
            break
    return capitals and named and _number_in_front(reading, end)


def _number_in_front(reading: Reading, end: int) -> bool:
    return end > 1 and reading.words[end - 2][0].isdecimal()


def _has_birth(text: str, language: str) -> bool:
    reading = read(text)
    for hit in found_in(primary(language), "born").hits(reading):
        numbers = [word for word in reading.words[hit.end : hit.end + NEAR] if word.isdecimal()]
        if len(numbers) > 1 or any(_is_year(word) for word in numbers):
            return True
    return False


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdecimal() and int(word) in YEARS  # noqa: PLR2004


@cache
def _streets(language: str) -> Phrases:
    return Phrases(words_of(language).streets.before)
