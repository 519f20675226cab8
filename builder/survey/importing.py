"""The `survey import` stage: a survey file and its codebook to respondents.

The file is read twice as a stream: once for what only the whole can tell (ids that stand twice, countries without a
code), once for the people.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from builder.survey.cells import Unusable
from builder.survey.codebook import items_of, unknown_columns
from builder.survey.formats import FORMATS, place_noun
from builder.survey.look import Look, look
from builder.survey.mapping import Generalise, Plan, check_consent, id_of, respondent_of
from builder.survey.raw import BadRow, RawRow, shown
from mvpbench.store.fingerprint import file_sha256
from mvpbench.store.stage import Stage, Streamed
from schemas.codebook import Codebook
from schemas.errors import ConfigError, InputError
from schemas.questions import Dropped
from schemas.survey import CountryOf, Respondent, Survey
from schemas.values import ValueFramework

IMPORT_VERSION = 5
MANY = 0.1
"""Share of bad rows above which the codebook is at fault, or the file."""
NAMED = 20
"""Columns of the file that are named where the codebook names others."""
SHOWN = 3
"""Other rows of a doubled id that are named, and first rows of a reason; the rest are counted."""
NOT_BAD = frozenset({"no-consent"})
"""Reasons that say nothing against the file."""
HINTS = {
    "not-decoded": "name the file's encoding in the codebook, e.g. `reading: {encoding: windows-1252}`",
    "not-a-number": "check `missing`, and `reading.decimal` where the file writes 3,5",
    "row-uneven": "a cell that holds the delimiter needs quotes",
    "off-scale": "check the item's `scale`, and add codes for missing answers under `item_missing`",
    "out-of-range": "check `low` and `high`, and add codes for missing answers under `missing` of that column",
    "not-a-weight": "check the column, and `reading.decimal` where the file writes 1,16",
    "language-unknown": "map the file's own codes under `language_column.names`",
    "country-unknown": "map the name under `country.names`",
    "id-doubled": "name in `id` all columns that together tell people apart",
    "no-consent": "cells that mean yes are written under `consent.agreed` as the file writes them",
    "id-missing": "name in `id` a column that every row fills",
}
"""Reason -> where to look first."""
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


def import_survey(
    path: Path,
    codebook: Codebook,
    framework: ValueFramework,
    country_of: CountryOf = CountryOf.RESIDENCE,
    generalise: Generalise | None = None,
    totals: "SetAside | None" = None,
) -> tuple[Survey, Streamed[Respondent]]:
    """Return the survey's facts and its respondents, a stream in file order.

    A row that cannot be used is dropped with its place, column and value; the reasons are those of `BadRow`, of
    `respondent_of`, and `id-doubled` (every row of an id that stands in several, since none can be known to be the
    person). `dropped`, `counts` and `totals` are whole when the stream has come to its end; `dropped` of a file that is
    refused lists no more than shows why, `totals` has all of its rows.

    Raises ConfigError `column-unknown` (every missing column at once), `country-not-kept` where the study is about a
    country that the codebook does not know, and as `items_of` and `look` do; InputError `column-doubled`, or for a file
    that cannot be read; and, at the end of the stream, `too-many-bad-rows` above the codebook's `max_bad_share`,
    `survey-nobody` where no row is left.
    """
    form = FORMATS[codebook.format]
    files = form.files(path)
    plan = Plan(codebook, items_of(codebook, framework), country_of, generalise)
    if country_of not in plan.countries():
        raise ConfigError(
            "country-not-kept",
            "survey.country",
            found=f"`{country_of}`, for which the codebook {codebook.name} has no column",
            expected="`residence`",
            way_out="name the column under `birth_country` in the codebook, or mend study.yaml",
        )
    _check_columns(plan, form.columns(path, codebook.reading), files[0])
    seen = look(path, plan)
    aside = _Aside(codebook.max_bad_share * seen.rows, totals or SetAside())
    counts: dict[str, int] = {}
    people = _people(path, files[0], plan, seen, counts, aside)
    return _survey(plan, files), Streamed(rows=people, dropped=aside.dropped, counts=counts)


@dataclass
class SetAside:
    """All rows that are set aside, of a file that is refused too."""

    reasons: Counter[str] = field(default_factory=Counter)
    first: dict[str, list[Dropped]] = field(default_factory=dict)
    """Reason -> the first `SHOWN` rows set aside for it."""

    def add(self, one: Dropped) -> None:
        """Take in the next row."""
        self.reasons[one.reason] += 1
        if self.reasons[one.reason] <= SHOWN:
            self.first.setdefault(one.reason, []).append(one)


@dataclass
class _Aside:
    """What is set aside; of a file that is refused anyway, no more than shows why."""

    allowed: float
    """Bad rows."""
    totals: SetAside
    dropped: list[Dropped] = field(default_factory=list)

    @property
    def bad(self) -> int:
        return sum(count for reason, count in self.totals.reasons.items() if reason not in NOT_BAD)

    def add(self, one: Dropped) -> None:
        self.totals.add(one)
        if self.bad <= self.allowed:
            self.dropped.append(one)


def _people(
    path: Path, file: Path, plan: Plan, seen: Look, counts: dict[str, int], aside: _Aside
) -> Iterator[Respondent]:
    noun = place_noun(file)
    countries: Counter[str | None] = Counter()
    absent: Counter[str] = Counter()
    wanted = frozenset(plan.wanted())
    for row in FORMATS[plan.codebook.format].rows(path, plan.codebook.reading, wanted):
        try:
            person = _person(row, plan, seen, noun)
        except Unusable as why:
            aside.add(_dropped(row, why, plan, f"{file.name}, {noun} {row.place}"))
            continue
        countries[person.country] += 1
        absent.update(person.answers_missing.values())
        yield person
    counts["respondents"] = countries.total()
    nowhere = countries.pop(None, 0)
    counts["countries"] = len(countries)
    counts["without a country"] = nowhere
    counts |= {f"answers missing, {_in_words(kind)}": count for kind, count in sorted(absent.items())}
    _check_share(aside, seen.rows, plan.codebook, path)
    if not counts["respondents"]:
        raise _nobody(aside, path)


def _in_words(kind: str) -> str:
    return kind.replace("dont_", "don't ").replace("_", " ")


def _person(row: RawRow | BadRow, plan: Plan, seen: Look, noun: str) -> Respondent:
    if isinstance(row, BadRow):
        raise Unusable(row.column, row.reason, row.detail)
    check_consent(row, plan.codebook)  # first of all: nothing is kept of who did not agree
    source = id_of(row, plan.codebook) if seen.doubled else None
    doubled = seen.doubled.get(source or "")
    if doubled is not None:
        others = [place for place in doubled.first if place != row.place][:SHOWN]
        more = doubled.rows - 1 - len(others)
        told = ", ".join(map(str, others)) + (f" and {more} more" if more else "")
        raise Unusable(
            ", ".join(plan.codebook.id_columns), "id-doubled", f"{shown(source)} stands in {noun} {told} too"
        )
    return respondent_of(row, plan)


def _dropped(row: RawRow | BadRow, problem: Unusable, plan: Plan, where: str) -> Dropped:
    # Of who did not agree not even the id is kept.
    known = isinstance(row, RawRow) and problem.reason not in NOT_BAD
    source = id_of(row, plan.codebook) if known and isinstance(row, RawRow) else None
    column = f", column {problem.column}" if problem.column else ""
    subject = source or where.rpartition(", ")[2]
    return Dropped(
        stage="survey import", subject=subject, reason=problem.reason, detail=problem.detail, where=where + column
    )


def _check_columns(plan: Plan, columns: Sequence[str], path: Path) -> None:
    doubled = [name for name, count in Counter(columns).items() if count > 1 and name in plan.wanted()]
    if doubled:
        raise InputError(
            "column-doubled",
            "survey file",
            where=path.name,
            found=f"the column {', '.join(doubled)} more than once",
            expected="one of each that the codebook names",
            way_out="rename or remove one of them in the file",
        )
    unknown = unknown_columns(plan, set(columns))
    if unknown:
        raise ConfigError(
            "column-unknown",
            "codebook",
            where=plan.codebook.name,
            found=", ".join(f"{name!r} ({key})" for name, key in unknown.items())
            + f", which {path.name} does not have",
            expected=f"columns of the file: {_first_of(columns)}",
            way_out=_way_to_columns(columns, path),
        )


def _first_of(columns: Sequence[str]) -> str:
    return ", ".join([*columns[:NAMED], *["..."] * (len(columns) > NAMED)])


def _way_to_columns(columns: Sequence[str], path: Path) -> str:
    if len(columns) == 1 and place_noun(path) == "line":
        return "the file has but one column: check `reading.delimiter` in the codebook"
    if path.suffix.lower() == ".jsonl":
        return (
            "correct the names in the codebook; a key that first comes after 1,000 records can stand under `optional`"
        )
    return "correct the names in the codebook, or import the file that it describes"


def _survey(plan: Plan, files: Sequence[Path]) -> Survey:
    codebook = plan.codebook
    return Survey(
        id=plan.survey,
        name=codebook.name,
        title=codebook.title,
        version=codebook.version,
        framework=codebook.framework,
        citation=" ".join(codebook.citation.split()),
        doi=codebook.doi,
        url=codebook.url,
        licence=codebook.licence,
        language=plan.own_language,
        synthetic=codebook.synthetic,
        redistribute_profiles=codebook.redistribute_profiles,
        source_file=files[0].name,
        source_sha256=file_sha256(files[0]),
        country_of=plan.country_of,
        items=plan.items,
        weights=codebook.weights,
    )


def _check_share(aside: _Aside, total: int, codebook: Codebook, path: Path) -> None:
    if aside.bad <= aside.allowed:
        return
    reasons = [(reason, count) for reason, count in aside.totals.reasons.most_common() if reason not in NOT_BAD]
    raise InputError(
        "too-many-bad-rows",
        "survey file",
        where=str(path),
        found=f"{aside.bad} of {total} rows that cannot be used ({_told(reasons)})",
        expected=f"at most {codebook.max_bad_share:.0%}",
        way_out=f"{_hint(aside.totals, reasons[0][0])}{_raise(aside.bad / total)} "
        "(`mvpbench survey describe` with --codebook and --html lists more of them)",
    )


def _raise(share: float) -> str:
    """Of many bad rows nobody should be told to let them pass."""
    return ", or raise `max_bad_share` in the codebook" if share <= MANY else ""


def _nobody(aside: _Aside, path: Path) -> InputError:
    reasons = aside.totals.reasons.most_common()
    return InputError(
        "survey-nobody",
        "survey file",
        where=str(path),
        found=f"no row that can be used ({_told(reasons)})",
        expected="one a person",
        way_out=_hint(aside.totals, reasons[0][0]),
    )


def _told(reasons: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in reasons)


def _hint(totals: SetAside, reason: str) -> str:
    first = totals.first[reason][0]
    return f"the first {first.reason} is {first.where}: {first.detail}; {HINTS.get(first.reason, 'mend the rows')}"
