"""One row under a codebook: a respondent, or why it cannot be one."""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import langcodes

from builder.survey.countries import country_code
from builder.survey.raw import Cell, DeclaredMissing, RawRow, code_of, number_of
from schemas.codebook import Codebook, CountryColumn, DemographicColumn, Missing, SurveyItem
from schemas.errors import ConfigError
from schemas.identity import content_id
from schemas.survey import CountryOf, Demographics, Respondent

Codes = Mapping[str, Missing]
Generalise = Callable[[str | None, Mapping[str, str]], dict[str, str]]
"""Country and demographics to coarser ones."""


class Unusable(Exception):  # noqa: N818 - of a row, and caught in this room
    """Why a row is set aside."""

    def __init__(self, column: str | None, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.column = column
        self.reason = reason
        """Kebab-case, as in `Dropped`."""
        self.detail = detail


@dataclass(frozen=True)
class Plan:
    """How rows become respondents; `items` are all of the codebook, those of a questionnaire written out."""

    codebook: Codebook
    items: tuple[SurveyItem, ...]
    country_of: CountryOf
    generalise: Generalise | None = None

    def countries(self) -> dict[CountryOf, CountryColumn]:
        """Return what the codebook knows of a person's countries."""
        known = {CountryOf.RESIDENCE: self.codebook.country, CountryOf.BIRTH: self.codebook.birth_country}
        return {which: column for which, column in known.items() if column is not None}

    def __post_init__(self) -> None:
        unnamed = [column for column in self.codebook.optional if column not in self.wanted()]
        if unnamed:
            raise ConfigError(
                "optional-unnamed",
                "codebook",
                where="optional",
                found=", ".join(unnamed),
                expected="columns that another key of the codebook names",
            )

    def wanted(self) -> dict[str, str]:
        """Return every column that the codebook names -> the key that names it, in the codebook's order."""
        book = self.codebook
        named = dict.fromkeys(book.id_columns, "id")
        places = (("country", book.country), ("birth_country", book.birth_country))
        named |= {where.column: key for key, where in places if where is not None and where.column is not None}
        single = {"region": book.region, "psu": book.psu, "stratum": book.stratum}
        single["consent"] = book.consent.column if book.consent else None
        single["language_column"] = book.language_column.column if book.language_column else None
        named |= {column: key for key, column in single.items() if column is not None}
        named |= dict.fromkeys(book.weights.columns().values(), "weights")
        named |= {one.column: "demographics" for one in book.demographics}
        named |= {one.column: "free_text" for one in book.free_text}
        named |= {one.column: "items" for one in self.items}
        return named


def missing_kind(cell: Cell, *codes: Codes) -> Missing | None:
    """Return why the cell is no value, None where it is one; of `codes` the first that knows the cell decides."""
    if cell is None:
        return Missing.BLANK
    text = code_of(cell)
    for known in codes:
        if text in known:
            return known[text]
    return Missing.UNSPECIFIED if isinstance(cell, DeclaredMissing) else None


def id_of(row: RawRow, codebook: Codebook) -> str | None:
    """Return what tells the person from others in the file; None where a column of it is empty."""
    parts = [row.cells.get(column) for column in codebook.id_columns]
    return None if None in parts else "/".join(map(code_of, parts))


def survey_id(codebook: Codebook) -> str:
    """Return the id of the survey that the codebook describes."""
    return content_id("s", codebook.name, codebook.version)


def respondent_of(row: RawRow, plan: Plan) -> Respondent:
    """Return the person of a row. Raises Unusable for the first thing that is wrong with it."""
    book = plan.codebook
    if book.consent is not None and code_of(row.cells.get(book.consent.column)) not in book.consent.agreed:
        raise Unusable(book.consent.column, "no-consent", "the person did not agree")
    source = id_of(row, book)
    if source is None:
        raise Unusable(", ".join(book.id_columns), "id-missing", "the cell is empty")
    answers, absent = _answers(row, plan)
    demographics = _demographics(row, book)
    known, unknown = _countries(row, plan)
    country = known.get(plan.country_of)
    facts = plan.generalise(country, demographics.known) if plan.generalise else demographics.known
    return Respondent(
        id=content_id("r", book.name, source),
        source_id=source,
        survey=survey_id(book),
        row=row.place,
        country=country,
        country_missing=unknown.get(plan.country_of),
        countries=known,
        region=_text(row, book.region, book),
        language=_language(row, book),
        demographics=Demographics(known=facts, missing=demographics.missing),
        answers=answers,
        answers_missing=absent,
        free_text=_free_text(row, book),
        weights=_weights(row, book),
        psu=_text(row, book.psu, book),
        stratum=_text(row, book.stratum, book),
        synthetic=book.synthetic,
    )


def _answers(row: RawRow, plan: Plan) -> tuple[dict[str, float], dict[str, Missing]]:
    book = plan.codebook
    answers: dict[str, float] = {}
    absent: dict[str, Missing] = {}
    for item in plan.items:
        cell = row.cells.get(item.column)
        kind = missing_kind(cell, item.missing, book.item_missing, book.missing)
        if kind is not None:
            absent[item.column] = kind
            continue
        number = number_of(cell, book.reading.decimal)
        if number is None:
            raise Unusable(item.column, "not-a-number", f"found {cell!r}")
        if not item.scale.low <= number <= item.scale.high:
            expected = f"expected {item.scale.low:g} to {item.scale.high:g}"
            raise Unusable(item.column, "off-scale", f"found {number:g}, {expected}")
        answers[item.column] = number
    return answers, absent


def _demographics(row: RawRow, book: Codebook) -> Demographics:
    known: dict[str, str] = {}
    unknown: dict[str, Missing] = {}
    for column in book.demographics:
        cell = row.cells.get(column.column)
        kind = missing_kind(cell, column.missing, book.missing)
        if kind is not None:
            unknown[column.name] = kind
            continue
        known[column.name] = _fact(cell, column, book.reading.decimal)
    return Demographics(known=known, missing=unknown)


def _fact(cell: Cell, column: DemographicColumn, decimal: str) -> str:
    text = code_of(cell)
    if column.low is None and not column.bands:
        return column.labels.get(text, text)
    number = number_of(cell, decimal)
    if number is None or not math.isfinite(number):
        raise Unusable(column.column, "not-a-number", f"found {cell!r}")
    if column.low is not None and column.high is not None and not column.low <= number <= column.high:
        detail = f"found {number:g}, expected {column.low:g} to {column.high:g}"
        raise Unusable(column.column, "out-of-range", detail)
    return band_of(number, column.bands) if column.bands else text


def band_of(number: float, bands: tuple[float, ...]) -> str:
    """Return the band of whole numbers that `number` lies in: `under 18`, `18-29`, `65+` for bounds 18, 30, ..., 65."""
    place = bisect_right(bands, number)
    if place == 0:
        return f"under {bands[0]:g}"
    return f"{bands[-1]:g}+" if place == len(bands) else f"{bands[place - 1]:g}-{bands[place] - 1:g}"


def _weights(row: RawRow, book: Codebook) -> dict[str, float]:
    weights: dict[str, float] = {}
    for role, column in book.weights.columns().items():
        cell = row.cells.get(column)
        if missing_kind(cell, book.missing) is not None:
            continue
        number = number_of(cell, book.reading.decimal)
        if number is None or not math.isfinite(number) or number < 0:
            raise Unusable(column, "not-a-weight", f"found {cell!r}, expected a number from 0")
        weights[role] = number
    return weights


def _countries(row: RawRow, plan: Plan) -> tuple[dict[CountryOf, str], dict[CountryOf, Missing]]:
    known: dict[CountryOf, str] = {}
    unknown: dict[CountryOf, Missing] = {}
    for which, where in plan.countries().items():
        name, kind = country_cell(row, where, plan.codebook)
        if kind is not None:
            unknown[which] = kind
            continue
        code = country_code(name, where.names)
        if code is None:
            raise Unusable(where.column, "country-unknown", f"found {name!r}, expected a name or code of ISO 3166")
        known[which] = code
    return known, unknown


def country_cell(row: RawRow, where: CountryColumn, book: Codebook) -> tuple[str, Missing | None]:
    """Return the file's name for the country, and why it is none."""
    if where.constant is not None:
        return where.constant, None
    cell = row.cells.get(where.column or "")
    return code_of(cell), missing_kind(cell, where.missing, book.missing)


def _language(row: RawRow, book: Codebook) -> str:
    if book.language_column is None:
        return book.language
    cell = row.cells.get(book.language_column.column)
    if missing_kind(cell, book.missing) is not None:
        return book.language
    name = code_of(cell)
    tag = book.language_column.names.get(name, name)
    if not langcodes.tag_is_valid(tag):
        raise Unusable(book.language_column.column, "language-unknown", f"found {name!r}, expected a BCP 47 tag")
    return tag


def _free_text(row: RawRow, book: Codebook) -> dict[str, str]:
    found = {text.name: _text(row, text.column, book) for text in book.free_text}
    return {name: text for name, text in found.items() if text is not None}


def _text(row: RawRow, column: str | None, book: Codebook) -> str | None:
    cell = row.cells.get(column) if column else None
    return None if missing_kind(cell, book.missing) is not None else code_of(cell)
