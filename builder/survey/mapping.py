"""One row under a codebook: a respondent, or why it cannot be one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import langcodes

from builder.survey.cells import (
    Unusable,
    answer_in,
    country_in,
    fact_in,
    language_in,
    text_in,
    weight_in,
    words_in,
)
from builder.survey.memo import Memo
from builder.survey.raw import RawRow, code_of, shown
from schemas.codebook import Codebook, CountryColumn, Missing, SurveyItem
from schemas.errors import ConfigError
from schemas.identity import content_id
from schemas.survey import CountryOf, Demographics, Respondent

K = TypeVar("K")
V = TypeVar("V")
Generalise = Callable[[str | None, Mapping[str, str]], dict[str, str]]
"""Country and demographics to coarser ones."""


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
        single = {"region": self.region, "psu": book.psu, "stratum": book.stratum}
        single["consent"] = book.consent.column if book.consent else None
        single["language_column"] = book.language_column.column if book.language_column else None
        named |= {column: key for key, column in single.items() if column is not None}
        named |= dict.fromkeys(book.weights.columns().values(), "weights")
        named |= {one.column: "demographics" for one in book.demographics}
        named |= {one.column: "free_text" for one in book.free_text}
        named |= {one.column: "items" for one in self.items}
        return named

    @property
    def region(self) -> str | None:
        """The column of the region that the study's country lies in."""
        where = self.countries().get(self.country_of)
        return where.region if where is not None and where.region is not None else self.codebook.region

    @cached_property
    def survey(self) -> str:
        """The id of the survey that the codebook describes."""
        return content_id("s", self.codebook.name, self.codebook.version)

    # What each column's cells mean is worked out once a cell, not once a row.

    @cached_property
    def answers(self) -> tuple[tuple[str, Memo[float | Missing]], ...]:
        """Column -> cell -> answer, of the items."""
        return tuple((one.column, Memo(partial(answer_in, item=one, book=self.codebook))) for one in self.items)

    @cached_property
    def facts(self) -> tuple[tuple[str, str, Memo[str | Missing]], ...]:
        """Name, column, cell -> words, of the demographics."""
        book = self.codebook
        return tuple((one.name, one.column, Memo(partial(fact_in, column=one, book=book))) for one in book.demographics)

    @cached_property
    def places(self) -> tuple[tuple[CountryOf, str, Memo[str | Missing]], ...]:
        """Which, column, cell -> code, of the countries."""
        return tuple(
            (which, where.column or "", Memo(partial(country_in, where=where, book=self.codebook)))
            for which, where in self.countries().items()
        )

    @cached_property
    def texts(self) -> tuple[tuple[str, str, Memo[str | Missing]], ...]:
        """Field, column, cell -> text, of what is kept as it is."""
        book = self.codebook
        named = {"region": self.region, "psu": book.psu, "stratum": book.stratum}
        return tuple((name, column, Memo(partial(text_in, book=book))) for name, column in named.items() if column)

    @cached_property
    def weights(self) -> tuple[tuple[str, str], ...]:
        """Role and column."""
        return tuple(self.codebook.weights.columns().items())

    @cached_property
    def own_language(self) -> str:
        """The codebook's language in its standard form. Raises ConfigError `language-unknown`."""
        if not langcodes.tag_is_valid(self.codebook.language):
            raise ConfigError(
                "language-unknown",
                "codebook",
                where="language",
                found=repr(self.codebook.language),
                expected="a BCP 47 tag such as en, sw or pt-BR",
            )
        return str(langcodes.standardize_tag(self.codebook.language))

    @cached_property
    def language(self) -> Memo[str]:
        """Cell -> BCP 47 tag."""
        return Memo(partial(language_in, book=self.codebook, otherwise=self.own_language))


def id_of(row: RawRow, codebook: Codebook) -> str | None:
    """Return what tells the person from others in the file; None where a column of it is empty."""
    parts = [row.cells.get(column) for column in codebook.id_columns]
    if None in parts:
        return None
    texts = [code_of(part, codebook.reading.decimal) for part in parts]
    if len(texts) == 1:
        return texts[0]
    return "/".join(text.replace("\\", "\\\\").replace("/", "\\/") for text in texts)  # "a/b", "c" is not "a", "b/c"


def consents(row: RawRow, codebook: Codebook) -> bool:
    """Return whether the person agreed, or was not asked."""
    if codebook.consent is None:
        return True
    cell = row.cells.get(codebook.consent.column)
    return cell is not None and code_of(cell, codebook.reading.decimal) in codebook.consent.agreed


def respondent_of(row: RawRow, plan: Plan) -> Respondent:
    """Return the person of a row. Raises Unusable for the first thing that is wrong with it."""
    book, cells = plan.codebook, row.cells
    check_consent(row, book)
    source = id_of(row, book)
    if source is None:
        raise Unusable(", ".join(book.id_columns), "id-missing", "the cell is empty")
    answers, absent = _parted([(column, read[cells.get(column)]) for column, read in plan.answers])
    facts, unknown = _parted([(name, read[cells.get(column)]) for name, column, read in plan.facts])
    known, nowhere = _parted([(which, read[cells.get(column)]) for which, column, read in plan.places])
    texts, _ = _parted([(name, read[cells.get(column)]) for name, column, read in plan.texts])
    language = plan.language[cells.get(book.language_column.column)] if book.language_column else plan.own_language
    words, _ = _parted([(text.name, words_in(cells.get(text.column), book)) for text in book.free_text])
    weights, _ = _parted([(role, weight_in(cells.get(column), column, book)) for role, column in plan.weights])
    country = known.get(plan.country_of)
    return Respondent(
        id=content_id("r", book.name, source),
        source_id=source,
        survey=plan.survey,
        row=row.place,
        country=country,
        country_missing=nowhere.get(plan.country_of),
        countries=known,
        region=texts.get("region"),
        language=language,
        demographics=Demographics(known=plan.generalise(country, facts) if plan.generalise else facts, missing=unknown),
        answers=answers,
        answers_missing=absent,
        free_text=words,
        weights=weights,
        psu=texts.get("psu"),
        stratum=texts.get("stratum"),
        synthetic=book.synthetic,
    )


def check_consent(row: RawRow, book: Codebook) -> None:
    """Raise Unusable `no-consent` unless the person agreed."""
    if book.consent is not None and not consents(row, book):
        cell = row.cells.get(book.consent.column)
        found = "an empty cell" if cell is None else shown(cell)
        raise Unusable(book.consent.column, "no-consent", f"found {found}, which is not among `consent.agreed`")


def _parted(read: Iterable[tuple[K, V | Missing]]) -> tuple[dict[K, V], dict[K, Missing]]:
    """What is there, and why the rest is not."""
    there: dict[K, V] = {}
    absent: dict[K, Missing] = {}
    for key, value in read:
        if isinstance(value, Missing):
            absent[key] = value
        else:
            there[key] = value
    return there, absent
