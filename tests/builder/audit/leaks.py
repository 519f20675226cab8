"""Leaks to plant into sound answers, each of a length with what it replaces unless it is the length that leaks."""

import re
from collections.abc import Callable, Mapping

from tests.builder.audit.made import Plant

Change = Callable[[str], str]


def _words(*words: str) -> Change:
    """In the place of the first words of three letters, which mean nothing."""

    def change(text: str) -> str:
        rest = iter(words)
        return re.sub(r"\b\w{3}\b", lambda _match: next(rest), text, count=len(words))

    return change


CHANGES: Mapping[str, Change] = {
    "a stock phrase": _words("yes", "you", "can"),
    "a hedge": _words("may", "not", "but"),
    "punctuation": lambda text: text.replace(" ", ",", 1),
    "capital letters": lambda text: re.sub(r"\b\w{3}\b", lambda word: word[0].capitalize(), text),
    "spelling": lambda text: re.sub(r"\b(\w)(\w)(\w)\b", r"\1\3\2", text),
}


def on_high(change: Change) -> Plant:
    return lambda text, ahead, _own: change(text) if ahead else text


def on_own(change: Change) -> Plant:
    return lambda text, _ahead, own: change(text) if own else text


def longer_high(text: str, ahead: bool, _own: bool) -> str:
    """By one word of those that mean nothing."""
    return text + " " + re.findall(r"\b\w{3}\b", text)[-1] if ahead else text
