"""Which column has which role: id, countries, language, consent, weights, sampling. Pure rules; each says its reason.

Of several columns that fit a role the one whose name fits best is taken, of equals the first.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from builder.survey.draft.codes import codes_of, number_in
from builder.survey.draft.facts import FEW, STANDS, Column, FileFacts
from builder.survey.draft.places import country_named, english, is_country_word, is_iso, language_tag
from builder.survey.draft.words import has, match, name_parts, words
from schemas.codebook import Missing, WeightRole

ID_LABEL_LENGTH = 80
MOST_PARTS = 3
"""Columns that an id is made of at most."""
FIT = 0.9
"""Share of names that must be countries; the rest is a gap to fill."""
WHOLE, PART = 3, 2
"""The scores of a match by the whole name and by a part of it."""


@dataclass(frozen=True)
class Guess:
    """A column, and why it is thought to have its role."""

    column: str
    why: str


@dataclass(frozen=True)
class IdGuess:
    """The columns that tell people apart."""

    columns: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class PlaceGuess:
    """A column of countries."""

    column: str
    why: str
    names: Mapping[str, str | None] = field(default_factory=dict)
    """What the import does not know by itself -> alpha-2; None where nobody but the user can say."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Of `names`, what the file calls them."""
    missing: Mapping[str, Missing] = field(default_factory=dict)


@dataclass(frozen=True)
class NamesGuess:
    """A column with codes that stand for something."""

    column: str
    why: str
    names: Mapping[str, str]


def best(columns: Sequence[Column], role: str, fits: Callable[[Column], str | None]) -> Guess | None:
    """Return the column whose name or label fits `role` best among those for which `fits` has a reason, if only ""."""
    found: list[tuple[int, int, Guess]] = []
    for place, column in enumerate(columns):
        score, why = match(role, column.name, *column.texts)
        if score and (more := fits(column)) is not None:
            found.append((-score, place, Guess(column.name, ", ".join(part for part in (why, more) if part))))
    return min(found, key=lambda one: one[:2])[2] if found else None


def guess_id(facts: FileFacts, tell_apart: Callable[[Sequence[str]], bool]) -> IdGuess | None:
    """Return the column, or up to three together, with a value of its own in every row seen."""
    if facts.first is None:
        named = best(facts.columns, "id", lambda column: "" if match("id", column.name).score else None)
        return IdGuess((named.column,), f"{named.why}; the data was not looked at") if named else None
    unique = [one for one in facts.columns if one.seen and one.seen.unique and _fills(one) and not one.seen.broken]
    told = best(unique, "id", lambda _: "another value in every row")
    if told is not None:
        return IdGuess((told.column,), told.why)
    named = best(facts.columns, "id", _slips)
    if named is not None:
        return IdGuess((named.column,), named.why)
    if unique:
        return IdGuess((unique[0].name,), "another value in every row; check that it stays with the person")
    parts = [one for one in facts.columns if _fills(one) and _is_part(one)]
    for count in range(2, MOST_PARTS + 1):
        for chosen in combinations(parts[: 2 * MOST_PARTS], count):
            names = tuple(column.name for column in chosen)
            if tell_apart(names):
                return IdGuess(names, "together another value in every row, by names that make an id")
    return None


def _slips(column: Column) -> str | None:
    """A reason for a column that would be the id but for a few values that stand twice."""
    seen = column.seen
    if seen is None or not seen.doubled or seen.broken or not _fills(column):
        return None
    return f"another value in nearly every row; {seen.doubled} stand there a second time, and such rows are set aside"


def _fills(column: Column) -> bool:
    return column.seen is not None and column.seen.blank == 0 and column.seen.filled > 1


def _is_part(column: Column) -> bool:
    short = len(column.label) < ID_LABEL_LENGTH and not column.labels
    return short and bool(match("part_of_id", column.name, *column.texts).score or match("id", column.name).score)


def guess_country(columns: Sequence[Column], *, birth: bool = False) -> PlaceGuess | None:
    """Return the column of countries, of residence or of birth, whose values or labels are countries."""

    def fits(column: Column) -> str | None:
        is_birth = bool(match("birth", column.name, *column.texts).score)
        if is_birth != birth or has(" ".join((*name_parts(column.name), *column.texts)), words().not_the_person):
            return None
        known, names, _ = _countries(column)
        if not names or len(known) < FIT * len(names):
            return None
        by_name = match("country" if not birth else "birth", column.name).score >= PART
        sure = by_name or any(is_country_word(name) for name in names.values())
        return f"its values are countries ({_few(known.values())})" if sure else None

    role = "birth" if birth else "country"
    found = best(columns, role, fits)
    if found is None:
        return None
    column = next(one for one in columns if one.name == found.column)
    known, names, missing = _countries(column)
    asked = [code for code in names if code in known or code in column.labels or column.counts.get(code, 0) >= STANDS]
    mapped = {code: known.get(code) for code in asked if code not in known or not _by_itself(code, known)}
    return PlaceGuess(found.column, found.why, mapped, {code: names[code] for code in mapped}, missing)


def _countries(column: Column) -> tuple[dict[str, str], dict[str, str], dict[str, Missing]]:
    """Code -> alpha-2 of those known, code -> name of all, and codes that are none."""
    codes = codes_of([column], gaps=False)
    names = {code: label or code for code, label in codes.answers.items()}
    if column.is_numeric and not column.labels:
        names = {code: name for code, name in names.items() if (number_in(code) or 0) >= 0}
    known = {code: alpha for code, name in names.items() if (alpha := country_named(name)) is not None}
    missing = {code: one.kind for code, one in codes.missing.items() if country_named(code) is None}
    return known, names, missing


def _by_itself(code: str, known: Mapping[str, str]) -> bool:
    return is_iso(code) and country_named(code) == known[code]


def _few(codes: Collection[str]) -> str:
    names = [english(code) for code in dict.fromkeys(codes)]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004 - three


def guess_language(columns: Sequence[Column]) -> NamesGuess | None:
    """Return the column of languages where every value is a tag or a name of a language."""

    def fits(column: Column) -> str | None:
        return "its values are languages" if _languages(column) else None

    found = best(columns, "language", fits)
    if found is None:
        return None
    column = next(one for one in columns if one.name == found.column)
    tags = {code: tag for code, tag in _languages(column).items() if code != tag}
    return NamesGuess(found.column, found.why, tags)


def hint_of_language(columns: Sequence[Column]) -> str | None:
    """Return the column that is named like one of languages, where nothing tells which its codes are."""
    few = [column for column in columns if 1 < len(codes_of([column]).answers) <= FEW]
    found = best(few, "language", lambda column: "" if match("language", column.name).score == WHOLE else None)
    return found.column if found is not None else None


def _languages(column: Column) -> dict[str, str]:
    answers = codes_of([column], gaps=False).answers
    tags = {code: tag for code, label in answers.items() if (tag := language_tag(label or code))}
    return tags if len(tags) == len(answers) else {}


def guess_consent(columns: Sequence[Column]) -> NamesGuess | None:
    """Return the column that says whether the person agreed, and the codes that mean yes: none where no label tells."""

    def yes(column: Column) -> dict[str, str]:
        answers = codes_of([column]).answers
        named = {code: label or code for code, label in answers.items() if has(label or code, words().yes_words)}
        agreed = {
            code: name
            for code, name in named.items()
            if not has(name, ("not", "no", "nao", "ne", "disagree", "nicht", "nein"))
        }
        return agreed if len(answers) <= 3 else {}  # noqa: PLR2004 - yes, no and something else

    found = best(columns, "consent", lambda column: "with a yes among its values" if yes(column) else None)
    if found is not None:
        return NamesGuess(found.column, found.why, yes(next(one for one in columns if one.name == found.column)))
    few = [column for column in columns if 1 <= len(codes_of([column]).answers) <= 3]  # noqa: PLR2004 - as above
    bare = best(few, "consent", lambda column: "" if match("consent", column.name).score == WHOLE else None)
    return NamesGuess(bare.column, bare.why, {}) if bare is not None else None


def guess_weights(columns: Sequence[Column]) -> tuple[dict[WeightRole, Guess], list[str]]:
    """Return role -> column of the weights, and the names of others that look like weights."""
    weights = [(column, why) for column in columns if (why := _is_weight(column)) is not None]
    roles: dict[WeightRole, Guess] = {}
    others: list[str] = []
    for column, why in weights:
        role = _weight_role(column)
        if role is None or role in roles:
            others.append(column.name)
        else:
            roles[role] = Guess(column.name, why)
    if not roles and others:
        first, why = next(one for one in weights if one[0].name == others[0])
        others = others[1:]
        roles["post_stratification"] = Guess(
            first.name, f"{why}; nothing says which kind it is: taken for the final one"
        )
    return roles, others


def _is_weight(column: Column) -> str | None:
    if column.is_weight:
        return "its documentation calls it a weight"
    score, why = match("weight", column.name, *column.texts)
    seen = column.seen
    if not score and name_parts(column.name)[:1] == ("w",) and seen is not None and seen.broken:
        score, why = 1, "by its name"
    if not score or has(" ".join(column.texts), words().not_the_person) or column.labels:
        return None
    if seen is not None and (not column.is_numeric or seen.low < 0 or seen.low == seen.high):
        return None
    return why


def _weight_role(column: Column) -> WeightRole | None:
    if column.name.lower() in words().combined_weights:
        return None
    said = " ".join((*name_parts(column.name), *column.texts))
    roles: tuple[WeightRole, ...] = ("population", "post_stratification", "design")
    whole = column.name.lower()
    return next(
        (role for role in roles if has(said, words().weight_roles[role]) or whole in words().weight_roles[role]), None
    )


def guess_sampling(columns: Sequence[Column], role: str) -> Guess | None:
    """Return the column of the primary sampling unit or of the stratum."""

    def fits(column: Column) -> str | None:
        seen = column.seen
        constant = seen is not None and seen.counts is not None and len(seen.counts) == 1
        return None if seen is not None and (seen.broken or seen.unique or constant) else ""

    return best(columns, role, fits)
