"""From the facts of a file to all that can be guessed of its codebook, each guess with its reason."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from builder.frameworks import built_in_frameworks
from builder.survey.draft.batteries import (
    Battery,
    Items,
    Questionnaire,
    batteries_of,
    dimension_columns,
    items_of_batteries,
    recognise_questionnaire,
    worded,
)
from builder.survey.draft.codes import NoAnswer
from builder.survey.draft.demographics import (
    OTHERS,
    DemographicGuess,
    guess_demographics,
    guess_region,
    is_sensitive,
)
from builder.survey.draft.facts import SHORT, Column, FileFacts
from builder.survey.draft.places import country_named
from builder.survey.draft.roles import (
    PART,
    Guess,
    IdGuess,
    NamesGuess,
    PlaceGuess,
    guess_consent,
    guess_country,
    guess_id,
    guess_language,
    guess_sampling,
    guess_weights,
    hint_of_language,
)
from builder.survey.draft.seen import tell_apart
from builder.survey.draft.words import match, plain, words
from schemas.codebook import Missing, WeightRole
from schemas.values import ValueFramework

MOST_ITEMS = 80
"""Items without a dimension that one can be asked to place; the other batteries are only named."""
OWN_WORDS = 25
"""Characters a filled cell, on average, above which a column of text holds people's own words."""
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CC = re.compile(r"\b(?:CC|creative commons)[ -]?(BY(?:[ -](?:NC|SA|ND))*)[ -]?v?([1-4]\.0)\b", re.IGNORECASE)
_CC_URL = re.compile(r"creativecommons\.org/licenses/([a-z-]+)/([1-4]\.0)", re.IGNORECASE)
_CC0 = re.compile(r"\bCC-?0\b|publicdomain/zero", re.IGNORECASE)


@dataclass(frozen=True)
class Draft:
    """All that is guessed; None or empty where nothing is."""

    facts: FileFacts
    id: IdGuess | None
    country: PlaceGuess | None
    country_hint: str
    constant: str | None
    """The one country that the documentation names."""
    birth_country: PlaceGuess | None
    language: NamesGuess | None
    language_hint: str | None
    """A column that may hold languages, under codes that nobody explains."""
    consent: NamesGuess | None
    demographics: Sequence[DemographicGuess]
    region: Guess | None
    framework: ValueFramework | None
    questionnaire: Questionnaire | None
    items: Sequence[Items]
    other_batteries: Sequence[Battery]
    worded: Sequence[str]
    """Columns that look like items exported as text, which cannot be read as numbers."""
    missing: dict[str, NoAnswer]
    """For every column."""
    item_missing: dict[str, NoAnswer]
    weights: dict[WeightRole, Guess]
    other_weights: Sequence[str]
    psu: Guess | None
    stratum: Guess | None
    synthetic: str
    """Why the people are thought to be made up; empty for real ones."""
    own_words: Sequence[str]
    """Columns of free text."""
    left_out: Sequence[str] = field(default_factory=tuple)
    """Sensitive or identifying columns."""
    unfit: Mapping[str, str] = field(default_factory=dict)
    """Column -> the role that its name fits and that no column has, its cells being none of it."""
    unknown: Sequence[str] = field(default_factory=tuple)
    """Columns without a label that nothing reads and whose names say nothing."""


def guess(facts: FileFacts, framework: ValueFramework | None = None, limit: int = 0) -> Draft:
    """Return what can be guessed; `framework` where the user named one. `limit`: rows for a second look at ids."""
    columns = [one for one in facts.columns if one.seen is None or one.seen.filled or one.labels]
    id_ = guess_id(facts, lambda names: tell_apart(facts.path, names, facts.reading, limit))
    left: list[Column] = [one for one in columns if id_ is None or one.name not in id_.columns]
    country = guess_country(columns)
    birth = guess_country(left, birth=True)
    language, consent = guess_language(left), guess_consent(left)
    left = _without(left, *(one.column for one in (country, birth, language, consent) if one is not None))
    weights, other_weights = guess_weights(left)
    left = _without(left, *(one.column for one in weights.values()), *other_weights)
    psu = guess_sampling([one for one in columns if one.name not in {w.column for w in weights.values()}], "psu")
    stratum = guess_sampling(left, "stratum")
    left = _without(left, *(one.column for one in (psu, stratum) if one is not None))
    people = guess_demographics(left)
    left = _without(left, *(one.column for one in people))
    measured = _Measured.of(left, framework)
    hidden = [one.name for one in left if is_sensitive(one) and one.name not in measured.columns()]
    everywhere, among_items, people = _missing(measured, people)
    draft = Draft(
        facts=facts,
        id=id_,
        country=country,
        country_hint=_country_hint(facts),
        constant=_constant(facts) if country is None else None,
        birth_country=birth,
        language=language,
        language_hint=hint_of_language(left) if language is None else None,
        consent=consent,
        demographics=people,
        region=guess_region(_without(left, *measured.columns())),
        framework=measured.framework or framework,
        questionnaire=measured.questionnaire,
        items=measured.items,
        other_batteries=measured.others,
        worded=worded([one for one in left if not is_sensitive(one)]),
        missing=everywhere,
        item_missing=among_items,
        weights=weights,
        other_weights=other_weights,
        psu=psu,
        stratum=stratum,
        synthetic=_synthetic(facts),
        own_words=[one.name for one in left if _is_own_words(one) and one.name not in hidden],
        left_out=hidden,
    )
    rest = _without(left, *_named(draft, measured))
    roles = [role for role, filled in _filled(draft).items() if not filled]
    unfit = {one.name: role for one in rest if (role := _role_by_name(one, roles)) is not None}
    return replace(
        draft, unfit=unfit, unknown=[one.name for one in rest if one.name not in unfit and not any(one.texts)]
    )


def _named(draft: Draft, measured: "_Measured") -> Collection[str]:
    """Columns that the draft reads as items or tells of in a comment."""
    others = [name for battery in draft.other_batteries for name in battery.names]
    told = [name for name in (draft.region.column if draft.region else None, draft.language_hint) if name is not None]
    return {*measured.columns(), *others, *told, *draft.worded, *draft.own_words, *draft.left_out}


def _filled(draft: Draft) -> dict[str, bool]:
    """Role of words.yaml -> whether some column has it."""
    people = {one.name for one in draft.demographics}
    return {
        "id": draft.id is not None,
        "weight": bool(draft.weights),
        "country": draft.country is not None or draft.constant is not None,
        "language": draft.language is not None,
        "consent": draft.consent is not None,
        **{name: name in people for name in ("gender", "age", "education", *OTHERS)},
        "psu": draft.psu is not None,
        "stratum": draft.stratum is not None,
    }


def _role_by_name(column: Column, roles: Sequence[str]) -> str | None:
    return next((role for role in roles if match(role, column.name).score >= PART), None)


def _without(columns: Sequence[Column], *names: str) -> list[Column]:
    return [column for column in columns if column.name not in names]


@dataclass(frozen=True)
class _Measured:
    """The value items."""

    framework: ValueFramework | None = None
    questionnaire: Questionnaire | None = None
    items: Sequence[Items] = ()
    others: Sequence[Battery] = ()

    @classmethod
    def of(cls, columns: Sequence[Column], chosen: ValueFramework | None) -> "_Measured":
        able = [column for column in columns if not is_sensitive(column)]
        batteries = batteries_of(able)
        frameworks = [chosen] if chosen else built_in_frameworks()
        found = recognise_questionnaire(batteries, able, frameworks, chosen=chosen is not None)
        if found is not None:
            others = [one for one in batteries if not set(one.names) & set(found.columns)]
            return cls(found.framework, found, (), others)
        scores = dimension_columns(able, frameworks)
        if scores is not None:
            named = set(scores[1].battery.names)
            return cls(scores[0], None, (scores[1],), [one for one in batteries if not named & set(one.names)])
        asked: list[Battery] = []
        for battery in sorted(batteries, key=lambda one: -len(one.columns)):
            if sum(len(one.columns) for one in (*asked, battery)) <= MOST_ITEMS:
                asked.append(battery)
        chosen_ones = [one for one in batteries if one in asked]
        rest = [one for one in batteries if one not in asked]
        return cls(chosen, None, items_of_batteries(chosen_ones, chosen), rest)

    def columns(self) -> tuple[str, ...]:
        """Those that are read as items."""
        own = self.questionnaire.columns if self.questionnaire else ()
        return (*own, *(name for items in self.items for name in items.battery.names))


def _missing(
    measured: _Measured, people: Sequence[DemographicGuess]
) -> tuple[dict[str, NoAnswer], dict[str, NoAnswer], list[DemographicGuess]]:
    """What holds for every column, what for items, and the demographics with what remains theirs alone.

    Codes that nobody uses for an answer (negative numbers, Stata's letters, tokens of text files) are said once, where
    all columns agree on them. `NA` is Namibia in a column of countries, so it is never among them.
    """
    batteries = [items.battery.codes for items in measured.items]
    if measured.questionnaire is not None:
        batteries.append(measured.questionnaire.codes)
    used: list[dict[str, NoAnswer]] = [dict(one.missing) for one in batteries] + [dict(one.missing) for one in people]
    kinds: dict[str, set[Missing]] = {}
    for codes in used:
        for code, one in codes.items():
            kinds.setdefault(code, set()).add(one.kind)
    everywhere = {
        code: one
        for codes in reversed(used)
        for code, one in codes.items()
        if _is_never_an_answer(code) and len(kinds[code]) == 1
    }
    among: dict[str, NoAnswer] = {}
    for battery in batteries:
        for code, one in battery.missing.items():
            answered = any(code in other.answers for other in batteries)
            if code not in everywhere and not answered and one.kind == among.get(code, one).kind:
                among.setdefault(code, one)
    own = [
        DemographicGuess(**{**one.__dict__, "missing": {c: m for c, m in one.missing.items() if c not in everywhere}})
        for one in people
    ]
    return everywhere, among, own


def _is_never_an_answer(code: str) -> bool:
    return code != "NA" and (code.startswith(("-", ".")) or code in words().tokens)


def _is_own_words(column: Column) -> bool:
    seen = column.seen
    if seen is None or column.is_numeric or not seen.text or seen.longest <= SHORT:
        return False
    return seen.counts is None or (len(seen.counts) > 1 and seen.characters / seen.text > OWN_WORDS)


def _constant(facts: FileFacts) -> str | None:
    nations = facts.ddi.nations if facts.ddi else ()
    return country_named(nations[0]) if len(nations) == 1 else None


def _country_hint(facts: FileFacts) -> str:
    """The country that the file's name or title seems to say; only a hint."""
    for what, text in (("the file's name", facts.path.stem), ("the file's title", facts.title)):
        tokens = plain(text.replace("_", " ")).split()
        for length in (3, 2, 1):
            for start in range(len(tokens) - length + 1):
                said = " ".join(tokens[start : start + length])
                if len(said) > 3 and (code := country_named(said)) is not None:  # noqa: PLR2004 - not a code
                    return f"{code} if {said!r} in {what} means the country"
    return ""


def _synthetic(facts: FileFacts) -> str:
    if plain(facts.title).startswith("synthetic"):
        return "the file's title says so"
    for column in facts.columns:
        first = next(iter(column.counts), "")
        if column.name.lower() == "synthetic" and any(code.lower() in {"true", "1"} for code in column.counts):
            return f"the column {column.name} says so"
        if len(column.counts) == 1 and plain(first).startswith("synthetic"):
            return f"every row says so in the column {column.name}"
    return ""


def licence_in(text: str) -> str | None:
    """Return the SPDX id of a Creative Commons licence that a text names with its version; None if none, or two."""
    found = {f"CC-{kind.upper().replace(' ', '-')}-{version}" for kind, version in _CC.findall(text)}
    found |= {f"CC-{kind.upper()}-{version}" for kind, version in _CC_URL.findall(text)}
    found |= {"CC0-1.0"} if _CC0.search(text) else set()
    return found.pop() if len(found) == 1 else None


def year_in(*texts: str) -> str | None:
    """Return the last year that one of the texts names."""
    years: Collection[str] = [year for text in texts for year in _YEAR.findall(text)]
    return max(years) if years else None
