"""Which characters of a foreign text a reader can see."""

import unicodedata

JOINERS = "\u200c\u200d"
"""Invisible, and part of how Persian or Hindi is written."""


def is_seen(char: str) -> bool:
    """Whether `char` may be shown: not a control, no lone surrogate, nothing that hides or turns the reading order.

    By Unicode's general categories (Cc, Cs, Cf less the joiners), so that no list of direction marks has to be kept.
    """
    return char in JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}
