"""Which columns say who the person is: gender, age, education and a few more, never what is sensitive.

Codes without words are gaps to fill where the demographic is one that every profile should have (gender, education);
others without words are left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from builder.survey.draft.codes import Codes, NoAnswer, codes_of, number_in
from builder.survey.draft.facts import FEW, SHORT, Column
from builder.survey.draft.roles import Guess, best
from builder.survey.draft.words import has, match, match_words, words
from schemas.codebook import Missing

YOUNGEST, OLDEST = 10, 110
ADULT, MINOR = 18, 13
BANDS = (18, 25, 35, 45, 55, 65, 75)
AGED = 0.9
"""Share of the numbers that must be ages."""
SLIP_SHARE = 0.005
"""Share of rows up to which an impossible age is a slip."""
MOST_CODES = 12
"""Codes without words that one can be asked to put into words."""
OTHERS = ("marital_status", "employment_status", "settlement")


@dataclass(frozen=True)
class DemographicGuess:
    """A demographic, as the codebook will have it."""

    name: str
    column: str
    why: str
    labels: Mapping[str, str | None] = field(default_factory=dict)
    """Code -> words; None where only the user knows them."""
    missing: Mapping[str, NoAnswer] = field(default_factory=dict)
    low: int | None = None
    high: int | None = None
    bands: tuple[int, ...] = ()
    hint: str = ""


def guess_demographics(columns: Sequence[Column]) -> list[DemographicGuess]:
    """Return gender, age, education and others, those that are there, each from another column."""
    able = [column for column in columns if not is_sensitive(column) and not _of_another(column)]
    found: list[DemographicGuess] = []
    for guess in (_gender, _age, _education, *(_other(role) for role in OTHERS)):
        taken = {one.column for one in found}
        one = guess([column for column in able if column.name not in taken])
        if one is not None:
            found.append(one)
    return found


def guess_region(columns: Sequence[Column]) -> Guess | None:
    """Return the column that looks like a region: within a country or above it, only the user can say."""
    return best(columns, "region", lambda column: "" if len(column.labels or column.counts) > 1 else None)


def is_sensitive(column: Column) -> bool:
    """Return whether the column looks like a special category of personal data, or tells who a person is."""
    return any(
        match_words(known, column.name, *column.texts).score for known in (words().sensitive, words().identifying)
    )


def _of_another(column: Column) -> bool:
    return has(" ".join(column.texts), words().not_the_person) is not None


def _by_name(columns: Sequence[Column], role: str, fits: Callable[[Column], str | None]) -> tuple[Column, str] | None:
    found = best(columns, role, fits)
    return (next(one for one in columns if one.name == found.column), found.why) if found else None


def _gender(columns: Sequence[Column]) -> DemographicGuess | None:
    def fits(column: Column) -> str | None:
        codes = codes_of([column])
        if not 1 < len(codes.answers) <= MOST_CODES // 2:
            return None
        if any(has(label or code, words().gender_words) for code, label in codes.answers.items()):
            return "its answers are genders"
        bare = column.is_numeric and not column.labels and match("gender", column.name).score
        letters = {code.lower() for code in codes.answers} <= {"m", "f", "w", "h", "x", "o"}
        return "" if bare or letters else None

    found = _by_name(columns, "gender", fits)
    if found is None:
        return None
    return _coded("gender", *found, codes_of([found[0]]), ask=True)


def _age(columns: Sequence[Column]) -> DemographicGuess | None:
    found = _by_name(columns, "age", lambda column: "numbers that are ages" if _ages(column) else None)
    if found is None:
        found = _by_name(columns, "age", lambda column: "age groups" if _is_worded(column) else None)
        return _coded("age", *found, codes_of([found[0]])) if found is not None else None
    column, why = found
    ages = _ages(column)
    codes = codes_of([column], gaps=False)
    missing = dict(codes.missing)
    for code in codes.answers:
        number = number_in(code)
        if (number is None or not 0 <= number <= OLDEST) and not _slip(column, code):
            missing[code] = NoAnswer(Missing.UNSPECIFIED, "no age; nothing says why")
    low = ADULT if min(ages) >= ADULT else MINOR if min(ages) >= MINOR else 0
    doubtful = _doubtful(column)
    hint = (
        f"{', '.join(doubtful)}: ages, or codes of a missing answer? Then name them under `missing`" if doubtful else ""
    )
    bands = BANDS if low in {0, ADULT} else (MINOR, *BANDS)
    return DemographicGuess("age", column.name, why, {}, missing, low, OLDEST, bands, hint)


def _slip(column: Column, code: str) -> bool:
    """Whether an impossible age is rather a slip in a row, which is set aside, than a code for no answer."""
    rare = column.counts.get(code, 0) <= max(1, SLIP_SHARE * sum(column.counts.values()))
    number = number_in(code)
    return rare and number is not None and number > 0 and not set(code) <= set("789.0")


def _ages(column: Column) -> list[float]:
    """The ages in a column of ages; none where it is another."""
    if column.seen is None:
        return [0.0] if not codes_of([column], gaps=False).answers else []
    codes = codes_of([column], gaps=False)
    counts = {code: column.counts.get(code, 0) for code in codes.answers}
    ages = {
        age: counts[code]
        for code in codes.answers
        if (age := number_in(code)) is not None and YOUNGEST <= age <= OLDEST
    }
    share = sum(ages.values()) / max(sum(counts.values()), 1)
    return list(ages) if len(ages) > MOST_CODES and share >= AGED else []


def _doubtful(column: Column) -> list[str]:
    """97, 98 or 99, where more people have it than any age of the years before."""
    before = max(column.counts.get(str(age), 0) for age in range(88, 97))
    return [code for code in ("97", "98", "99") if column.counts.get(code, 0) > max(2 * before, 2)]


def _education(columns: Sequence[Column]) -> DemographicGuess | None:
    def fits(column: Column) -> str | None:
        few = column.is_numeric and not column.labels and 1 < len(codes_of([column]).answers) <= MOST_CODES
        return "" if _is_worded(column) or few else None

    found = _by_name(columns, "education", fits)
    return _coded("education", *found, codes_of([found[0]]), ask=True) if found is not None else None


def _other(role: str) -> Callable[[Sequence[Column]], DemographicGuess | None]:
    def guess(columns: Sequence[Column]) -> DemographicGuess | None:
        found = _by_name(columns, role, lambda column: "" if _is_worded(column) else None)
        return _coded(role, *found, codes_of([found[0]])) if found is not None else None

    return guess


def _is_worded(column: Column) -> bool:
    """Whether most answers have a label, or are words themselves."""
    codes = codes_of([column])
    if not 1 < len(codes.answers) <= FEW:
        return False
    if column.is_numeric:
        return len(codes.labels) > len(codes.answers) / 2
    return not column.is_private and all(len(code) <= SHORT for code in codes.answers)


def _coded(name: str, column: Column, why: str, codes: Codes, *, ask: bool = False) -> DemographicGuess:
    labels: dict[str, str | None] = {}
    if column.is_numeric or column.labels:
        labels = {code: label or (None if ask or codes.labels else code) for code, label in codes.answers.items()}
    return DemographicGuess(name, column.name, why, labels, codes.missing)
