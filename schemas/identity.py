"""Ids, seeds and draws that depend on content alone, so that a rating can never attach to changed text.

Every hash is over canonical JSON (sorted keys, no spaces, UTF-8, unescaped) led by `IDENTITY_VERSION` and a purpose:
the same parts hashed for two purposes are unrelated. Raising the version renames everything, so it is part of the
study format.
"""

import hashlib
import json
from collections.abc import Sequence

IDENTITY_VERSION = 1
ID_HEX_DIGITS = 16  # 64 bits: at a million ids the chance of any collision is about 3e-8

# Made once: a new encoder for each of a million ids takes longer than the hash.
_CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Part = str | int | float | bool | None | Sequence["Part"]


def digest(purpose: str, *parts: Part) -> str:
    """Return the sha256 (64 hex digits) of `parts` for `purpose`."""
    return hashlib.sha256(_CANONICAL([IDENTITY_VERSION, purpose, *parts]).encode("utf-8")).hexdigest()


def content_id(kind: str, *parts: Part) -> str:
    """Return an id such as `q-3f9a0c...`: the kind's letter(s) and 16 hex digits of the content's hash."""
    return f"{kind}-{digest('id:' + kind, *parts)[:ID_HEX_DIGITS]}"


def uniform(purpose: str, *parts: Part) -> float:
    """Return a number in [0, 1) that depends on purpose and parts alone (52 bits, exactly representable)."""
    return int(digest(purpose, *parts)[:13], 16) / 16**13


def seed(purpose: str, *parts: Part) -> int:
    """Return a 63-bit seed for a random generator; never a global one (two generators seeded 0 march in step)."""
    return int(digest("seed:" + purpose, *parts)[:16], 16) >> 1
