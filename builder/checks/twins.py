"""Near-duplicates: rows whose texts are nearly those of an earlier row.

MinHash signatures (Broder 1997, doi:10.1109/SEQUEN.1997.666900) in bands, then the exact Jaccard similarity of what
meets in a band. Band by band, so that memory holds the signatures and one band's buckets.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from builder.checks.scripts import scripts_of, unspaced
from builder.checks.text import read
from schemas.record import Record

LEAST_SIMILAR = 0.7
"""Jaccard similarity from which two texts are nearly one."""
WORDS, LETTERS = 3, 5
"""Of a shingle; letters where no spaces part words."""
BANDS, ROWS = 32, 4
"""Texts as similar as LEAST_SIMILAR meet in some band with a probability of 1 - (1 - .7^4)^32 = .9998."""
MOST_GROUPS = 8
"""Of a bucket: so many of one kind of text are already twins of each other, and later ones find one among them."""
SEED = 1

_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses nothing: 2^64 over the golden ratio
_HALF = np.uint64(32)


class Row(Record):
    """A question as far as its likeness to others goes."""

    id: str
    language: str
    country: str | None
    group: str
    """Rows of one group are variants of one another by design, such as a bank's scenario; else the id."""
    text: str
    """Question and answers."""


class Twin(NamedTuple):
    """A row that is nearly an earlier one."""

    id: str
    of: str
    """The most similar of those found, of equals the earliest."""
    same_country: bool
    similarity: float
    """Jaccard, of the texts' shingles."""


def twins(rows: Sequence[Row], staying: Collection[str] = ()) -> list[Twin]:
    """Return each row that is nearly an earlier row of another group in the same language and script, in their order.

    The earlier one is no twin itself: of A like B like C, where C is not like A, only B is one. Ids of `staying` are
    none whatever they are like. A row is compared with the first row of each of a few other groups in every bucket that
    it falls into, and so may be missed where all it resembles are later variants of their groups.
    """
    prints = [_prints(row) for row in rows]
    kept, same = _same_texts(rows, prints)
    signatures = _signatures([prints[place] for place in kept])
    alike: dict[int, dict[int, float]] = defaultdict(dict)
    compared: set[tuple[int, int]] = set()
    for place, other in _meetings(rows, kept, signatures):
        if (place, other) not in compared:
            compared.add((place, other))
            similarity = _alike(prints[place], prints[other])
            if similarity >= LEAST_SIMILAR:
                alike[place][other] = similarity
    found: dict[int, tuple[int, float]] = {}
    for place in sorted({*alike, *same}):
        # A text that was there before is like what that one is like.
        others = {**alike[place], **dict.fromkeys(same.get(place, ()), 1.0)}
        for one in same.get(place, ()):
            if one in found and rows[found[one][0]].group != rows[place].group:
                others[found[one][0]] = found[one][1]
        left = {other: similarity for other, similarity in others.items() if other not in found}
        if left and rows[place].id not in staying:
            other = min(left, key=lambda other: (-left[other], other))
            found[place] = (other, left[other])
    return [
        Twin(rows[place].id, rows[other].id, rows[place].country == rows[other].country, similarity)
        for place, (other, similarity) in found.items()
    ]


_Prints = NDArray[np.uint32]


def _prints(row: Row) -> _Prints:
    """Sorted hashes of the row's shingles, each once; a text that is shorter than one is one, an empty one has none."""
    words = read(row.text).folded
    codes = np.fromiter(map(_code, words), np.uint64, len(words))
    size = min(len(words), LETTERS if unspaced(row.language) else WORDS)
    hashes: NDArray[np.uint64] = np.zeros(len(words) - max(size, 1) + 1 if size else 0, np.uint64)
    for at in range(size):
        hashes = hashes * _FACTOR + codes[at : at + len(hashes)]
    hashes ^= hashes >> _HALF
    return np.unique(((hashes * _FACTOR) >> _HALF).astype(np.uint32))


@lru_cache(maxsize=65536)
def _code(word: str) -> int:
    return crc32(word.encode("utf-8", "replace"))


def _same_texts(rows: Sequence[Row], prints: Sequence[_Prints]) -> tuple[list[int], dict[int, list[int]]]:
    """Return the places to compare (of one text those of two groups are enough), and where a row's very text was."""
    firsts: dict[tuple[str, bytes], list[int]] = {}
    kept: list[int] = []
    found: dict[int, list[int]] = {}
    for place, (row, own) in enumerate(zip(rows, prints, strict=True)):
        if not len(own):
            continue
        same = firsts.setdefault((_tongue(row.language), own.tobytes()), [])
        others = [other for other in same if rows[other].group != row.group]
        if others:
            found[place] = others
        if len(same) < 2 and all(rows[other].group != row.group for other in same):  # noqa: PLR2004
            same.append(place)
            kept.append(place)
    return kept, found


def _tongue(language: str) -> str:
    """What must agree for texts to be compared: language and script."""
    return f"{language.split('-')[0].lower()} {next(iter(scripts_of(language)), '')}"


def _signatures(prints: Sequence[_Prints]) -> NDArray[np.uint32]:
    """Texts x (bands * rows)."""
    from datasketch import MinHash  # a second, most of it scipy

    signatures = np.empty((len(prints), BANDS * ROWS), dtype=np.uint32)
    blank = MinHash(num_perm=BANDS * ROWS, seed=SEED, hashfunc=int)
    for place, own in enumerate(prints):
        sketch = blank.copy()
        sketch.update_batch(own.tolist())
        signatures[place] = sketch.hashvalues
    return signatures


def _meetings(rows: Sequence[Row], kept: Sequence[int], signatures: NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    """Places of a row and of an earlier row of another group that fall into one bucket."""
    tongues = [_tongue(rows[place].language) for place in kept]
    for band in range(BANDS):
        columns = np.ascontiguousarray(signatures[:, band * ROWS : (band + 1) * ROWS])
        keys = columns.view(f"V{columns.itemsize * ROWS}").ravel().tolist()
        buckets: dict[tuple[str, bytes], list[int]] = {}
        for place, tongue, key in zip(kept, tongues, keys, strict=True):
            firsts = buckets.setdefault((tongue, key), [])
            others = [other for other in firsts if rows[other].group != rows[place].group]
            yield from ((place, other) for other in others)
            if len(others) == len(firsts) < MOST_GROUPS:
                firsts.append(place)


def _alike(one: _Prints, other: _Prints) -> float:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)
