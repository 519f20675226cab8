"""The `survey import` stage: a survey file and its codebook to respondents."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from builder.frameworks import load_framework
from builder.survey.codebook import unknown_columns
from builder.survey.countries import country_code
from builder.survey.formats import FORMATS
from builder.survey.raw import Cell, RawRow
from mvpbench.store.fingerprint import file_sha256
from mvpbench.store.stage import Produced, Stage
from schemas.codebook import Codebook, Missing, SurveyItem
from schemas.errors import ConfigError, InputError
from schemas.identity import content_id
from schemas.questions import Dropped
from schemas.survey import Demographics, Respondent, Survey

IMPORT_VERSION = 2
SHOWN = 3
"""Other rows of a doubled id that are named; the rest are counted."""
SYNTHETIC_COLUMN = "synthetic"
"""A file may mark made-up people here, with true."""
RESPONDENTS_STAGE = Stage(
    table="respondents",
    record=Respondent,
    version=IMPORT_VERSION,
    inputs=(),
    sections=("survey",),
    makes_with="mvpbench survey import",
)
SURVEYS_STAGE = Stage(
    table="surveys",
    record=Survey,
    version=IMPORT_VERSION,
    inputs=(),
    sections=("survey",),
    makes_with="mvpbench survey import",
)


def import_survey(path: Path, codebook: Codebook) -> tuple[Survey, Produced[Respondent]]:
    """Return the survey's facts and its respondents in file order.

    A row is dropped, with its row, column and value, where its id is missing (`id-missing`) or stands in another row
    too (`id-doubled`: every row of that id, since none can be known to be the person), or an answer is no number
    (`not-a-number`) or off its scale (`off-scale`).

    Raises ConfigError `column-unknown` (every missing column at once), `synthetic-unmarked` (rows that call themselves
    made up, under a codebook that does not) and `country-unknown` (every unknown name at once), InputError for a file
    that cannot be read, and `too-many-bad-rows` above the codebook's `max_bad_share`.
    """
    form = FORMATS[codebook.format]
    files = form.files(path)
    load_framework(codebook.framework)
    _check_columns(codebook, form.columns(path), files[0])
    rows = list(form.rows(path))
    if not rows:
        raise InputError("survey-empty", "survey file", where=str(path), found="no rows", expected="one a person")
    _check_marks(codebook, rows, files[0])
    _check_countries(codebook, rows, files[0])
    respondents: list[Respondent] = []
    dropped: list[Dropped] = []
    rows_of = _rows_of_ids(rows, codebook)
    for row in rows:
        problem = _id_problem(row, codebook, rows_of) or _answer_problem(row, codebook)
        if problem is not None:
            column, reason, detail = problem
            source = str(row.cells.get(codebook.id) or f"row {row.number}")
            where = f"{files[0].name}, row {row.number}, column {column}"
            dropped.append(Dropped(stage="survey import", subject=source, reason=reason, detail=detail, where=where))
            continue
        respondents.append(_respondent(row, codebook))
    _check_share(dropped, len(rows), codebook, files[0])
    return _survey(codebook, files), Produced(rows=respondents, dropped=dropped, counts=_counts(respondents))


def _check_columns(codebook: Codebook, columns: Sequence[str], path: Path) -> None:
    unknown = unknown_columns(codebook, set(columns))
    if unknown:
        raise ConfigError(
            "column-unknown",
            "codebook",
            where=codebook.name,
            found=f"{', '.join(map(repr, unknown))}, which {path.name} does not have",
            expected=f"columns of the file: {', '.join(columns[:20])}{', ...' if len(columns) > 20 else ''}",  # noqa: PLR2004
            way_out="correct the names in the codebook, or import the file that it describes",
        )


def _check_marks(codebook: Codebook, rows: Sequence[RawRow], path: Path) -> None:
    marked = [row.number for row in rows if str(row.cells.get(SYNTHETIC_COLUMN)).lower() == "true"]
    if marked and not codebook.synthetic:
        raise ConfigError(
            "synthetic-unmarked",
            "codebook",
            where=codebook.name,
            found=f"`synthetic: false` for {path.name}, which marks {len(marked)} of {len(rows)} people as made up "
            f"(the first in row {marked[0]})",
            expected="`synthetic: true`",
            way_out="take the codebook that came with the file: made-up people must never pass for real ones",
        )


def _check_countries(codebook: Codebook, rows: Sequence[RawRow], path: Path) -> None:
    column, constant = codebook.country.column, codebook.country.constant
    first_row: dict[str, str] = {}
    if column is None:
        if country_code(str(constant), codebook.country.names) is None:
            first_row[str(constant)] = "for the whole file"
    else:
        for row in rows:
            name = row.cells.get(column)
            if _missing(name, codebook) is None and country_code(str(name), codebook.country.names) is None:
                first_row.setdefault(str(name), f"first in row {row.number}")
    if first_row:
        told = ", ".join(f"{name!r} ({place})" for name, place in sorted(first_row.items()))
        raise ConfigError(
            "country-unknown",
            "country",
            where=f"{path.name}, column {column}" if column else "`country.constant` in the codebook",
            found=told,
            expected="a name or code of ISO 3166",
            way_out="in the codebook, map the name to an alpha-2 code under `country.names`, or a kind under `missing`",
        )


def _rows_of_ids(rows: Sequence[RawRow], codebook: Codebook) -> Mapping[str, Sequence[int]]:
    """Return id -> numbers of the rows it stands in, those among them that will be dropped."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        source = row.cells.get(codebook.id)
        if source is not None:
            found[str(source)].append(row.number)
    return found


def _id_problem(row: RawRow, codebook: Codebook, rows_of: Mapping[str, Sequence[int]]) -> tuple[str, str, str] | None:
    source = row.cells.get(codebook.id)
    if source is None:
        return codebook.id, "id-missing", "the cell is empty"
    others = [number for number in rows_of[str(source)] if number != row.number]
    if others:
        shown = ", ".join(map(str, others[:SHOWN])) + (f" and {len(others) - SHOWN} more" * (len(others) > SHOWN))
        return codebook.id, "id-doubled", f"{source!r} stands in row {shown} too"
    return None


def _answer_problem(row: RawRow, codebook: Codebook) -> tuple[str, str, str] | None:
    for item in codebook.items:
        cell = row.cells.get(item.column)
        if cell is None or _missing(cell, codebook) is not None:
            continue
        number = _number(cell)
        if number is None:
            return item.column, "not-a-number", f"found {cell!r}"
        if not item.scale.low <= number <= item.scale.high:
            return item.column, "off-scale", f"found {number:g}, expected {item.scale.low:g} to {item.scale.high:g}"
    return None


def _number(cell: Cell) -> float | None:
    if isinstance(cell, bool) or cell is None or "_" in str(cell):
        return None  # float() would read 1_0 as ten
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return None


def _missing(cell: Cell, codebook: Codebook) -> Missing | None:
    return Missing.BLANK if cell is None else codebook.missing.get(str(cell))


def _respondent(row: RawRow, codebook: Codebook) -> Respondent:
    source = str(row.cells[codebook.id])
    answers, answers_missing = _answers(row, codebook.items, codebook)
    name = codebook.country.constant or row.cells.get(codebook.country.column or "")
    country_missing = None if codebook.country.constant else _missing(name, codebook)
    region = row.cells.get(codebook.region) if codebook.region else None
    known: dict[str, str] = {}
    unknown: dict[str, Missing] = {}
    for column in codebook.demographics:
        cell = row.cells.get(column.column)
        kind = _missing(cell, codebook)
        if kind is None:
            known[column.name] = str(cell)
        else:
            unknown[column.name] = kind
    return Respondent(
        id=content_id("r", codebook.name, source),
        source_id=source,
        survey=_survey_id(codebook),
        row=row.number,
        country=None if country_missing else country_code(str(name), codebook.country.names),
        country_missing=country_missing,
        region=None if _missing(region, codebook) else str(region),
        language=codebook.language,
        demographics=Demographics(known=known, missing=unknown),
        answers=answers,
        answers_missing=answers_missing,
        free_text={
            text.name: str(cell)
            for text in codebook.free_text
            if (cell := row.cells.get(text.column)) is not None and _missing(cell, codebook) is None
        },
        synthetic=codebook.synthetic,
    )


def _answers(
    row: RawRow, items: Sequence[SurveyItem], codebook: Codebook
) -> tuple[dict[str, float], dict[str, Missing]]:
    answers: dict[str, float] = {}
    absent: dict[str, Missing] = {}
    for item in items:
        cell = row.cells.get(item.column)
        kind, number = _missing(cell, codebook), _number(cell)
        if kind is None and number is not None:
            answers[item.column] = number
        else:
            absent[item.column] = kind or Missing.BLANK
    return answers, absent


def _survey_id(codebook: Codebook) -> str:
    return content_id("s", codebook.name, codebook.version)


def _survey(codebook: Codebook, files: Sequence[Path]) -> Survey:
    return Survey(
        id=_survey_id(codebook),
        name=codebook.name,
        title=codebook.title,
        version=codebook.version,
        framework=codebook.framework,
        citation=" ".join(codebook.citation.split()),
        doi=codebook.doi,
        url=codebook.url,
        licence=codebook.licence,
        language=codebook.language,
        synthetic=codebook.synthetic,
        redistribute_profiles=codebook.redistribute_profiles,
        source_file=files[0].name,
        source_sha256=file_sha256(files[0]),
        items=codebook.items,
    )


def _check_share(dropped: Sequence[Dropped], total: int, codebook: Codebook, path: Path) -> None:
    if len(dropped) > codebook.max_bad_share * total:
        first = dropped[0]
        raise InputError(
            "too-many-bad-rows",
            "survey file",
            where=str(path),
            found=f"{len(dropped)} of {total} rows that cannot be used",
            expected=f"at most {codebook.max_bad_share:.0%}",
            way_out=f"the first is {first.where}: {first.detail}; mend the rows, or raise `max_bad_share` in the "
            "codebook",
        )


def _counts(respondents: Sequence[Respondent]) -> dict[str, int]:
    countries = Counter(person.country for person in respondents if person.country)
    return {
        "respondents": len(respondents),
        "countries": len(countries),
        "without a country": sum(person.country is None for person in respondents),
    }
