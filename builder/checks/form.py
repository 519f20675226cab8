"""Checks of the form: something is there, of the right length, as plain text, and it asks something."""

import re
import unicodedata

from builder.checks.scripts import length_in_words, unmarked
from builder.checks.text import READ_CHARACTERS, Checked, read
from builder.checks.words import primary
from builder.normal_form import normal_form

QUESTION_WORDS = (5, 120)
ANSWER_WORDS = (8, 120)
LONGEST_RATIO = 1.5
"""Between the lengths of the two answers, in characters."""

_MARKS = frozenset("?؟？՞፧⁇⁈⁉‽⸮꘏\u2cfa\u2cfb")
_GREEK_MARKS = frozenset(";\u037e")
_MARKUP = re.compile(
    r"</?[A-Za-z][^<>]{0,200}>|<!--|&(?:[A-Za-z]{2,8}|#\d{1,6});"  # HTML
    r"|^ {0,3}#{1,6} |^ {0,3}(?:[-*+•] |\d{1,2}[.)] )|```|`[^`\n]{1,200}`"  # Markdown
    r"|\*\*[^*\n]{1,200}\*\*|(?<!\w)__[^_\n]{1,200}__(?!\w)|\]\([^()\s]{1,200}\)"
    r"|[{}]|\\n|\[/?[A-Z]{3,12}\]|<\|",  # JSON, blanks, tags of chat templates
    re.MULTILINE,
)
# Embeddings, overrides and isolates of the bidirectional algorithm, and the invisible copy of ASCII.
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\ufff9-\ufffd\U000e0000-\U000e007f]")
_BAD_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn"})


def blank_text(checked: Checked) -> str | None:
    """A text without a letter or digit says nothing."""
    if all(any(char.isalnum() for char in text[:READ_CHARACTERS]) for text in checked.texts()):
        return None
    return "the topic, the question or an answer has no words in it"


def same_answers(checked: Checked) -> str | None:
    """Compared in their normal form."""
    one, other = (normal_form(text[:READ_CHARACTERS]) for text in checked.answers)
    return "both answers are the same" if one == other else None


def unequal_length(checked: Checked) -> str | None:
    """In characters, which all scripts have."""
    short, long = sorted(len(text.strip()) for text in checked.answers)
    if short and long > LONGEST_RATIO * short:
        return f"the answers are of unequal length, {long} and {short} characters; write both about as long"
    return None


def not_a_question(checked: Checked) -> str | None:
    """A question mark of any script will do, anywhere in the question."""
    marks = _MARKS | _GREEK_MARKS if primary(checked.language) == "el" else _MARKS
    if unmarked(checked.language) or not marks.isdisjoint(checked.question):
        return None
    return "the question has no question mark; let it ask something"


def markup(checked: Checked) -> str | None:
    """HTML, Markdown, JSON, characters that control or hide."""
    texts = [text[:READ_CHARACTERS] for text in checked.texts()]
    if any(_MARKUP.search(text) for text in texts):
        return "it holds markup (tags, headings, lists, bold, code, braces); write plain sentences"
    if any(_HIDDEN.search(text) or _controls(text) for text in texts):
        return "it holds characters that do not show or that turn the text round; write plain sentences"
    return None


def _controls(text: str) -> bool:
    return any(char not in "\n\r\t" and unicodedata.category(char) in _BAD_CATEGORIES for char in set(text))


def too_long(checked: Checked) -> str | None:
    """In words."""
    return _length(checked, longest=True)


def too_short(checked: Checked) -> str | None:
    """In words; a text without any is blank."""
    return _length(checked, longest=False)


def _length(checked: Checked, *, longest: bool) -> str | None:
    parts = [
        ("question", checked.question, QUESTION_WORDS),
        *(("answer", text, ANSWER_WORDS) for text in checked.answers),
    ]
    for name, text, (least, most) in parts:
        words = length_in_words(text, checked.language)
        if longest and (words > most or len(text) > READ_CHARACTERS):
            return f"the {name} is too long, more than {most} words"
        if not longest and 0 < words < least:
            return f"the {name} is too short, fewer than {least} words"
    if longest and len(checked.topic) > READ_CHARACTERS:
        return "the topic is too long"
    return None


def names_value(checked: Checked) -> str | None:
    """As whole words, in whatever case."""
    for name in checked.taboo:
        wanted = read(name).folded
        if wanted and any(_run(wanted, read(text).folded) for text in checked.texts()):
            return f'it uses the word "{name}"'
    return None


def _run(wanted: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return wanted[0] in words and any(
        words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1)
    )
