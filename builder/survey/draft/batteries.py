"""Which columns are items: several in a row with the same answers; and whether they are a published questionnaire.

A battery is at least three neighbours of the file with the same labels of answers, or, where there are no labels, with
the same range and names that go together (`v1`, `v2`). A questionnaire is recognised by a battery of exactly its number
of columns on its scale, or by columns that its dimensions name. No answer says whether an item is keyed the other way
round: that is never guessed.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from builder.survey.draft.codes import Codes, codes_of, number_in
from builder.survey.draft.facts import Column
from builder.survey.draft.words import affirms_first, has, name_parts, plain, words
from schemas.codebook import Scale
from schemas.values import Instrument, ValueFramework

LEAST = 3
"""Columns of a battery, and answers of its scale."""
MOST_ANSWERS = 11
_NUMBERED = re.compile(r"(.*?)(\d+)([A-Za-z]?)")


@dataclass(frozen=True)
class Battery:
    """Columns that are answered on the same scale."""

    columns: tuple[Column, ...]
    codes: Codes

    @property
    def names(self) -> tuple[str, ...]:
        """Of its columns."""
        return tuple(column.name for column in self.columns)

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest answer."""
        return (self.codes.low or 0.0, self.codes.high or 0.0)

    @property
    def is_bounded(self) -> bool:
        """Whether answers or labels tell the scale; scores that were computed tell only what people happened to get."""
        return self.codes.low is not None and self.codes.high is not None


@dataclass(frozen=True)
class Questionnaire:
    """The columns of a framework's own questionnaire, in its order."""

    framework: ValueFramework
    columns: tuple[str, ...]
    why: str
    order: str
    """By what they are in this order."""
    codes: Codes
    turned: bool = False
    direction: str = ""
    """How sure it is that the numbers run as the questionnaire's do."""
    scale: Scale | None = None
    """Where the file has other numbers than the questionnaire."""


@dataclass(frozen=True)
class Items:
    """Columns that are items of no questionnaire known."""

    battery: Battery
    dimensions: Mapping[str, str] = field(default_factory=dict)
    """Column -> dimension, where its name says it."""
    why: str = ""
    printed: Instrument | None = None
    """The questionnaire from whose answers scores may have been computed."""


def batteries_of(columns: Sequence[Column]) -> list[Battery]:
    """Return the batteries among the columns, in the order of the file; attention checks are left out."""
    runs: list[list[tuple[Column, Codes]]] = []
    last = -2
    for place, column in enumerate(columns):
        if _is_attention(column):
            last = place if last == place - 1 else last
            continue
        codes = _scale_of(column)
        if codes is None:
            continue
        if runs and last == place - 1 and _go_together(runs[-1], column, codes):
            runs[-1].append((column, codes))
        else:
            runs.append([(column, codes)])
        last = place
    found = [tuple(column for column, _ in run) for run in runs if len(run) >= LEAST]
    return [Battery(_in_order(run), codes_of(run)) for run in found]


def worded(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return the names of columns in a row with the same few words as answers: items that were exported as text."""
    found: list[str] = []
    run: list[str] = []
    before: frozenset[str] = frozenset()
    for column in columns:
        few = not column.is_numeric and LEAST <= len(codes_of([column]).answers) <= MOST_ANSWERS
        answers = frozenset(codes_of([column]).answers) if few else frozenset()
        run = [*run, column.name] if few and answers == before else [column.name] if few else []
        before = answers
        found += run if len(run) == LEAST else run[-1:] if len(run) > LEAST else []
    return tuple(found)


def _is_attention(column: Column) -> bool:
    return has(" ".join((*name_parts(column.name), *column.texts)), words().attention) is not None


def _scale_of(column: Column) -> Codes | None:
    """The answers of a column that could be an item; None of another."""
    seen = column.seen
    if not column.is_numeric or (seen is not None and (seen.broken or seen.counts is None)):
        return None
    codes = codes_of([column])
    if codes.low is None or codes.high is None or any((number_in(code) or 0) % 1 for code in codes.answers):
        return None
    slider = not codes.labels and codes.low >= 0 and 90 <= codes.high <= 100 and len(codes.answers) > MOST_ANSWERS  # noqa: PLR2004
    levels = codes.high - codes.low + 1
    return codes if slider or LEAST <= levels <= MOST_ANSWERS else None


def _go_together(run: Sequence[tuple[Column, Codes]], column: Column, codes: Codes) -> bool:
    before, known = run[-1]
    same_stem = _stem(before.name) is not None and _stem(before.name) == _stem(column.name)
    if known.labels and codes.labels:
        same_words = [plain(label) for label in known.labels.values()] == [
            plain(label) for label in codes.labels.values()
        ]
        return known.labels.keys() == codes.labels.keys() and (same_words or same_stem)
    if bool(known.labels) != bool(codes.labels):
        return False
    if (known.low, known.high) == (codes.low, codes.high):
        return same_stem or (_stem(before.name) is None and _stem(column.name) is None)
    lows = [one.low or 0.0 for _, one in run]
    highs = [one.high or 0.0 for _, one in run]
    near = abs(min(lows) - (codes.low or 0)) <= 1 and abs(max(highs) - (codes.high or 0)) <= max(1, max(highs) / 10)
    return same_stem and near


def _stem(name: str) -> str | None:
    """What a numbered name has before its number; None of another name."""
    found = _NUMBERED.fullmatch(name)
    return found[1].lower() if found else None


def _number(name: str) -> int | None:
    found = _NUMBERED.fullmatch(name)
    return int(found[2]) if found and len(found[2]) < 10 else None  # noqa: PLR2004 - longer ones are no number of an item


def _in_order(run: tuple[Column, ...]) -> tuple[Column, ...]:
    """By their numbers where they are numbered without a gap and the file has them otherwise (v1, v10, v11, v2)."""
    numbers = [_number(column.name) for column in run]
    known = [number for number in numbers if number is not None]
    if len(set(map(_stem, (column.name for column in run)))) > 1 or len(known) < len(run):
        return run
    if sorted(known) != list(range(min(known), min(known) + len(run))):
        return run
    return tuple(column for _, column in sorted(zip(known, run, strict=True), key=lambda one: one[0]))


def recognise_questionnaire(
    batteries: Sequence[Battery], columns: Sequence[Column], frameworks: Sequence[ValueFramework], *, chosen: bool
) -> Questionnaire | None:
    """Return the questionnaire of one of the frameworks, where exactly its columns are there.

    With `chosen` the user named the framework: another scale than the questionnaire's is then no objection.
    """
    for framework in frameworks:
        printed = framework.instrument
        if printed is None:
            continue
        by_names = _by_dimension(columns, framework, printed)
        if by_names is not None:
            return by_names
        for battery in batteries:
            fits = _fits(battery.codes, printed.scale)
            if len(battery.columns) == len(printed.items) and (fits or chosen):
                return _questionnaire(battery, framework, printed, fits=fits)
    return None


def _fits(codes: Codes, scale: Scale) -> bool:
    return (codes.low, codes.high) == (scale.low, scale.high)


def _questionnaire(battery: Battery, framework: ValueFramework, printed: Instrument, *, fits: bool) -> Questionnaire:
    low, high = battery.bounds
    numbers = [_number(name) for name in battery.names]
    numbered = None not in numbers and len({_stem(name) for name in battery.names}) == 1
    order = "their numbers" if numbered else "their place in the file"
    why = f"{len(battery.columns)} columns in a row on {low:g}-{high:g}, as {framework.title} has"
    return _directed(
        Questionnaire(
            framework, battery.names, why, order, battery.codes, scale=None if fits else Scale(low=low, high=high)
        ),
        printed,
    )


def _by_dimension(columns: Sequence[Column], framework: ValueFramework, printed: Instrument) -> Questionnaire | None:
    """A questionnaire whose columns are named for their dimensions: care_1 ... care_6, equality_1 ..."""
    asked = Counter(item.dimension for item in printed.items)
    named: dict[str, list[Column]] = {name: [] for name in asked}
    for column in columns:
        dimension = _dimension(column.name, asked)
        if dimension is not None and _number(column.name) is not None and _scale_of(column) is not None:
            named[dimension].append(column)
    if any(len(named[name]) != count for name, count in asked.items()):
        return None
    queues = {name: iter(sorted(own, key=lambda column: _number(column.name) or 0)) for name, own in named.items()}
    ordered = tuple(next(queues[item.dimension]) for item in printed.items)
    codes = codes_of(ordered)
    if not _fits(codes, printed.scale):
        return None
    why = f"columns named for the dimensions of {framework.title}, as many of each as it has items"
    order = "their dimension, and within it their number"
    names = tuple(column.name for column in ordered)
    return _directed(Questionnaire(framework, names, why, order, codes), printed)


def _directed(found: Questionnaire, printed: Instrument) -> Questionnaire:
    """Whether the labels say that the numbers run the other way round."""
    own, scale = found.codes.labels, printed.scale
    ends = (f"{scale.low:g}", f"{scale.high:g}")
    known = [plain(scale.labels.get(end, "")) for end in ends]
    low, high = found.codes.low, found.codes.high
    mine = [plain(own.get(f"{end:g}", "")) for end in (low, high) if end is not None]
    if all(known) and mine == known:
        return replace(found, direction="The labels at both ends are the questionnaire's.")
    if all(known) and mine == known[::-1]:
        return replace(found, turned=True, direction="the labels run the other way round than the questionnaire's")
    if not all(known):
        return found
    said = f"; here {ends[0]} is {next(iter(own.values()))!r}" if own else "; the file has no labels"
    return replace(found, direction=f"Check: in the questionnaire {ends[0]} is {scale.labels[ends[0]]!r}{said}.")


def dimension_columns(
    columns: Sequence[Column], frameworks: Sequence[ValueFramework]
) -> tuple[ValueFramework, Items] | None:
    """Return a framework each of whose dimensions names exactly one column, e.g. means of its items."""
    for framework in frameworks:
        known = {dimension.name: dimension.name for dimension in framework.dimensions}
        named: dict[str, Column] = {}
        doubled = False
        for column in columns:
            dimension = _dimension(column.name, known)
            if dimension is not None and column.is_numeric and _number(column.name) is None:
                doubled = doubled or dimension in named
                named[dimension] = column
        if not doubled and set(named) == set(known) and len(known) > 1:
            own = tuple(named[name] for name in known)
            keys = {column.name: name for name, column in named.items()}
            why = f"each named for a dimension of {framework.title}"
            return framework, Items(Battery(own, _score_codes(own)), keys, why, framework.instrument)
    return None


def _score_codes(columns: Sequence[Column]) -> Codes:
    """The labels of scores, with bounds where these name both ends of what was seen; else without."""
    labelled = codes_of([replace(column, seen=None) for column in columns])
    seen = [column.seen for column in columns if column.seen is not None and column.seen.low <= column.seen.high]
    low, high = labelled.low, labelled.high
    if low is None or high is None or low == high or any(one.low < low or one.high > high for one in seen):
        return Codes(missing=labelled.missing)
    return labelled


def range_seen(columns: Sequence[Column]) -> tuple[float, float] | None:
    """Return the lowest and the highest number in the columns, to whole numbers outwards; None where none was seen."""
    seen = [column.seen for column in columns if column.seen is not None and column.seen.low <= column.seen.high]
    if not seen:
        return None
    return float(min(one.low for one in seen) // 1), float(-(-max(one.high for one in seen) // 1))


def items_of_batteries(batteries: Sequence[Battery], framework: ValueFramework | None) -> list[Items]:
    """Return the batteries as items, with dimensions where a column's name is that of one."""
    known = {dimension.name: dimension.name for dimension in framework.dimensions} if framework else {}
    return [
        Items(battery, {name: found for name in battery.names if (found := _dimension(name, known)) is not None})
        for battery in batteries
    ]


def _dimension(name: str, known: Mapping[str, object]) -> str | None:
    """The dimension that a column's name ends in, its number aside: `mfq_care_1`, `Care`."""
    parts = [part for part in name_parts(name) if not part.isdigit()]
    joined = "_".join(parts)
    fits = [dimension for dimension in known if joined == dimension or joined.endswith(f"_{dimension}")]
    return max(fits, key=len) if fits else None


def direction_hint(codes: Codes) -> str:
    """Return a word on which way a scale runs; empty where its labels do not tell."""
    first = affirms_first(codes.labels)
    if first is None:
        return ""
    return f"The smallest number is {first!r}: so `reverse: true` where that answer means more of the dimension."
