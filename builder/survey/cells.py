"""One cell under a codebook: an answer, a fact, a country, a language, or why it is none."""

import math
from bisect import bisect_right
from collections.abc import Mapping

import langcodes

from builder.survey.countries import country_code
from builder.survey.raw import Cell, DeclaredMissing, code_of, number_of, shown
from schemas.codebook import Codebook, CountryColumn, DemographicColumn, Missing, SurveyItem

Codes = Mapping[str, Missing]


class Unusable(Exception):  # noqa: N818 - of a row, and caught in this room
    """Why a row is set aside."""

    def __init__(self, column: str | None, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.column = column
        self.reason = reason
        """Kebab-case, as in `Dropped`."""
        self.detail = detail


def missing_kind(cell: Cell, decimal: str, *codes: Codes) -> Missing | None:
    """Return why the cell is no value, None where it is one; of `codes` the first that knows the cell decides."""
    if cell is None:
        return Missing.BLANK
    text = code_of(cell, decimal)
    for known in codes:
        if text in known:
            return known[text]
    return Missing.UNSPECIFIED if isinstance(cell, DeclaredMissing) else None


def answer_in(cell: Cell, item: SurveyItem, book: Codebook) -> float | Missing:
    """Return the answer. Raises Unusable `not-a-number`, `off-scale`."""
    number = _number_in(cell, item.column, book, item.missing, book.item_missing, book.missing)
    if not isinstance(number, Missing) and not item.scale.low <= number <= item.scale.high:
        raise _outside(item.column, "off-scale", number, (item.scale.low, item.scale.high))
    return number


def fact_in(cell: Cell, column: DemographicColumn, book: Codebook) -> str | Missing:
    """Return the demographic in words. Raises Unusable `not-a-number`, `out-of-range`."""
    if column.low is None and not column.bands:
        text = text_in(cell, book, column.missing)
        return text if isinstance(text, Missing) else column.labels.get(text, text)
    number = _number_in(cell, column.column, book, column.missing, book.missing)
    if isinstance(number, Missing):
        return number
    if not math.isfinite(number):
        raise Unusable(column.column, "not-a-number", f"found {shown(cell)}")
    if column.low is not None and column.high is not None and not column.low <= number <= column.high:
        raise _outside(column.column, "out-of-range", number, (column.low, column.high))
    return band_of(number, column.bands) if column.bands else code_of(cell, book.reading.decimal)


def weight_in(cell: Cell, column: str, book: Codebook) -> float | Missing:
    """Return the weight. Raises Unusable `not-a-weight`."""
    kind = missing_kind(cell, book.reading.decimal, book.missing)
    if kind is not None:
        return kind
    number = number_of(cell, book.reading.decimal)
    if number is None or not math.isfinite(number) or number < 0:
        raise Unusable(column, "not-a-weight", f"found {shown(cell)}, expected a number from 0")
    return number


def country_in(cell: Cell, where: CountryColumn, book: Codebook) -> str | Missing:
    """Return the ISO 3166-1 alpha-2 code. Raises Unusable `country-unknown`."""
    name: str | Missing | None = where.constant
    if name is None:
        name = text_in(cell, book, where.missing)
    if isinstance(name, Missing):
        return name
    code = country_code(name, where.names)
    if code is None:
        raise Unusable(where.column, "country-unknown", f"found {shown(name)}, expected a name or code of ISO 3166")
    return code


def language_in(cell: Cell, book: Codebook, otherwise: str) -> str:
    """Return the BCP 47 tag in its standard form, `otherwise` where the cell says none.

    Raises Unusable `language-unknown`.
    """
    if book.language_column is None:
        return otherwise
    name = text_in(cell, book)
    if isinstance(name, Missing):
        return otherwise
    tag = book.language_column.names.get(name, name)
    if not langcodes.tag_is_valid(tag):
        detail = f"found {shown(name)}, expected a BCP 47 tag"
        raise Unusable(book.language_column.column, "language-unknown", detail)
    return str(langcodes.standardize_tag(tag))


def text_in(cell: Cell, book: Codebook, *codes: Codes) -> str | Missing:
    """Return the cell as a codebook writes it."""
    kind = missing_kind(cell, book.reading.decimal, *codes, book.missing)
    return code_of(cell, book.reading.decimal) if kind is None else kind


def words_in(cell: Cell, book: Codebook) -> str | Missing:
    """Return a person's own words, as they are."""
    text = text_in(cell, book)
    return str(cell) if isinstance(cell, str) and not isinstance(text, Missing) else text


def band_of(number: float, bands: tuple[float, ...]) -> str:
    """Return the band of whole numbers that `number` lies in: `under 18`, `18-29`, `65+` for bounds 18, 30, ..., 65."""
    place = bisect_right(bands, number)
    if place == 0:
        return f"under {bands[0]:g}"
    return f"{bands[-1]:g}+" if place == len(bands) else f"{bands[place - 1]:g}-{bands[place] - 1:g}"


def _number_in(cell: Cell, column: str, book: Codebook, *codes: Codes) -> float | Missing:
    kind = missing_kind(cell, book.reading.decimal, *codes)
    if kind is not None:
        return kind
    number = number_of(cell, book.reading.decimal)
    if number is None:
        raise Unusable(column, "not-a-number", f"found {shown(cell)}")
    # A code in other digits than the codebook's: 099, +99, 9.9e1.
    kind = missing_kind(number, book.reading.decimal, *codes)
    return number if kind is None else kind


def _outside(column: str, reason: str, number: float, bounds: tuple[float, float]) -> Unusable:
    low, high = bounds
    return Unusable(column, reason, f"found {code_of(number)}, expected {low:g} to {high:g}")
