"""A model asked about things: who is asked, its JSON read, and one more try where that does not fit."""

from builder.asking.calls import Calls, Limits, calls_in_words, require_all, seat
from builder.asking.replies import (
    PROBLEM_CHARACTERS,
    Unread,
    read_json,
    shown_again,
    unusable,
)
from builder.asking.rounds import Reading, Rounds

__all__ = [
    "PROBLEM_CHARACTERS",
    "Calls",
    "Limits",
    "Reading",
    "Rounds",
    "Unread",
    "calls_in_words",
    "read_json",
    "require_all",
    "seat",
    "shown_again",
    "unusable",
]
