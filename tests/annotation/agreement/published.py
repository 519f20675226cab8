"""Ratings that others published with what their agreement is, and tables made for tests."""

from collections.abc import Sequence

NA = None
Matrix = Sequence[Sequence[float | str | None]]

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", sections D and E; raters by units.
KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3],
    [NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA],
]
# https://en.wikipedia.org/wiki/Krippendorff%27s_alpha, "A computational example".
WIKIPEDIA = [
    [NA, NA, NA, NA, NA, 3, 4, 1, 2, 1, 1, 3, 3, NA, 3],
    [1, NA, 2, 1, 3, 3, 4, 3, NA, NA, NA, NA, NA, NA, NA],
    [NA, NA, 2, 1, 3, 4, 4, NA, 2, 1, 1, 3, 3, NA, 4],
]
# Krippendorff (2011), sections A (binary) and B (nominal).
BINARY = ["0100000010", "1110010000"]
LETTERS = ["aabbdcccedda", "babbbccceddd"]
# Shrout and Fleiss (1979), table 2: six targets by four judges.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def square(cells: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return two raters' ratings of as many units as `cells` says for each of the first's values and the second's."""
    pairs = [
        (row, column) for row, counts in enumerate(cells) for column, count in enumerate(counts) for _ in range(count)
    ]
    return [[row for row, _ in pairs], [column for _, column in pairs]]


def by_rater(units: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return units by raters as raters by units."""
    return [list(row) for row in zip(*units, strict=True)]
