"""The summary of a survey in plain words: can it be used, where, and what else there is to know."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from builder.overview.opposed import CAP
from builder.survey.countries import country_name
from schemas.codebook import Missing
from schemas.overview import FLAGGED_BELOW, HIDDEN_BELOW, Finding, ItemOverview, SurveyOverview
from schemas.values import Split

ENOUGH_PAIRS = 30
"""Below it a country's figures would rest on too few pairs to be told without a mark."""
RELIABLE = 0.7
"""From here on a scale is commonly called reliable; below it most people are not surely on a side."""
OFTEN = 0.2
"""Share of an item's answers from which their absence is told."""
COSTLY = 0.5
"""Effective n, as a share of n, below which weights are said to cost much."""
NAMED = 8

ORDER = {"stop": 0, "good": 1, "mind": 2}
KINDS = {
    Missing.REFUSED: "refused",
    Missing.DONT_KNOW: "don't know",
    Missing.NOT_APPLICABLE: "not applicable",
    Missing.NOT_ASKED: "not asked",
    Missing.UNSPECIFIED: "no reason given",
    Missing.BLANK: "empty",
}


def findings_of(overview: SurveyOverview) -> tuple[Finding, ...]:
    """Return the sentences, those that say what is in the way first; `overview.findings` is not looked at."""
    parts: tuple[Callable[[SurveyOverview], Iterator[Finding]], ...] = (
        _rows,
        _scores,
        _pairs,
        _where,
        _reliable,
        _against,
        _missing,
        _weights,
        _means,
        _terms,
    )
    found = [finding for part in parts for finding in part(overview)]
    return tuple(sorted(found, key=lambda one: ORDER[one.kind]))


def verdict(findings: Sequence[Finding]) -> str:
    """Return the one sentence above the findings."""
    if any(one.kind == "stop" for one in findings):
        return "Not as it is: something stands in the way."
    if any(one.kind == "mind" and one.about == "way" for one in findings):
        return "Yes, it can be used. There is something to know first."
    return "Yes, it can be used."


def named(names: Sequence[str], most: int = NAMED) -> str:
    """Return the names with commas, of more than `most` the first ones and how many more."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def number(count: int, one: str, many: str) -> str:
    """Return `1 person`, `2,000 people`."""
    return f"{count:,} {one if count == 1 else many}"


def share(part: int, whole: int) -> str:
    """Return a percentage in whole numbers, without calling little nothing or much everything."""
    if not whole:
        return "none"
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "under 1 %"
    return "over 99 %" if 99 < percent < 100 else f"{percent:.0f} %"  # noqa: PLR2004 - percent


def _rows(overview: SurveyOverview) -> Iterator[Finding]:
    if overview.refused is not None:
        yield _stop(f"The import refuses the file: {overview.refused}")
    if not overview.people:
        yield _stop("No row of the file could be read as a person.")
    if overview.set_aside and overview.refused is None:
        told = named([f"{reason} ({count:,})" for reason, count in overview.set_aside.items()])
        rows = number(overview.rows - overview.people, "row", "rows")
        yield _mind(f"{rows} of {overview.rows:,} cannot be used and would be set aside: {told}.")
    if overview.without_country and overview.without_country < overview.people:
        people = number(overview.without_country, "person has", "people have")
        yield _mind(f"{people} no country and can be nobody's counterpart.")
    if overview.unusable:
        told = named([f"{reason} ({count:,})" for reason, count in overview.unusable.items()])
        yield _mind(
            f"{number(sum(overview.unusable.values()), 'person', 'people')} would get no value profile: {told}."
        )


def _scores(overview: SurveyOverview) -> Iterator[Finding]:
    if not overview.scales:
        yield _stop("No column measures a value: name the dimension of the items in the codebook.")
    for scale in overview.scales:
        if scale.unscored is not None:
            yield _stop(f"{scale.title} cannot be scored, and mvpbench profile would stop there: {scale.unscored}.")


def _pairs(overview: SurveyOverview) -> Iterator[Finding]:
    if not overview.people or not any(scale.unscored is None for scale in overview.scales):
        return
    if not overview.pairable:
        why = "nobody has a country" if overview.without_country == overview.people else "nobody stands opposite"
        yield _stop(f"No two people can be paired: {why}, within one country, language and split.")
        return
    kind, beginning = _so_far(overview)
    yield Finding(
        kind=kind,
        about="use",
        text=f"{beginning}or {overview.pairable:,} of {overview.people:,} people "
        f"({share(overview.pairable, overview.people)}) somebody of their country, language and split "
        "stands on the other side of a question. That makes "
        f"{sum(overview.pairs.values()):,} pairs at most, each person in up to {CAP}: {by_split(overview.pairs)}. "
        "Fewer people are paired in the end: where one side is rare, its people run out.",
    )
    if not overview.pairs.get(Split.TEST):
        yield _stop("No pair falls into the test split, so nothing can be evaluated.")


def _so_far(overview: SurveyOverview) -> tuple[Literal["good", "mind"], str]:
    """How much a number of pairs says, and how its sentence begins: it is no good news beside what is in the way."""
    unscored = [scale.title for scale in overview.scales if scale.unscored is not None]
    rows = number(overview.rows - overview.people, "row", "rows") + " set aside"
    without = [*([named(unscored)] if unscored else []), *([f"the {rows}"] if overview.refused is not None else [])]
    return ("mind", f"Counted without {' and '.join(without)}: f") if without else ("good", "F")


def _names(overview: SurveyOverview, codes: Iterable[str]) -> list[str]:
    known = {one.country: one.name for one in overview.countries}
    return [known.get(code) or country_name(code) for code in codes]


def by_split(pairs: dict[Split, int]) -> str:
    """Return `10 for train, 2 for validation, 4 for test`."""
    return ", ".join(f"{count:,} for {split}" for split, count in pairs.items())


def _where(overview: SurveyOverview) -> Iterator[Finding]:
    enough = [one.name for one in overview.countries if sum(one.pairs.values()) >= ENOUGH_PAIRS]
    fewer = [one.name for one in overview.countries if sum(one.pairs.values()) < ENOUGH_PAIRS]
    total = number(len(overview.countries) + len(overview.hidden), "country", "countries")
    if enough:
        kind, _ = _so_far(overview)
        so_far = "" if kind == "good" else ", counted so"
        text = f"In {len(enough)} of {total} at least {ENOUGH_PAIRS} pairs are possible{so_far}: {named(enough)}."
        yield Finding(kind=kind, about="where", text=text)
    if fewer:
        yield _mind(f"Fewer than {ENOUGH_PAIRS} pairs are possible in {named(fewer)}.", "where")
    small = [one.name for one in overview.countries if one.flagged]
    if small:
        yield _mind(f"Fewer than {FLAGGED_BELOW} people each, so that figures are rough: {named(small)}.", "where")
    if overview.hidden:
        where = named(_names(overview, overview.hidden))
        yield _mind(f"Fewer than {HIDDEN_BELOW} people each, too few for figures of their own: {where}.", "where")


def _reliable(overview: SurveyOverview) -> Iterator[Finding]:
    scored = [scale for scale in overview.scales if scale.unscored is None]
    loose = [
        f"{scale.title} ({scale.reliability.value:.2f})"
        for scale in scored
        if scale.reliability.value is not None and scale.reliability.value < RELIABLE
    ]
    if loose:
        yield _mind(f"Reliability below {RELIABLE:.2f}, so that few people surely stand on a side: {named(loose)}.")
    single = [scale.title for scale in scored if len(scale.items) == 1]
    if single:
        text = (
            "The reliability is not computed from these answers but taken from elsewhere, since each has one column: "
        )
        yield _mind(f"{text}{named(single)}.")
    rare = [scale.title for scale in scored if scale.whole.sides is not None and scale.whole.sides.total < ENOUGH_PAIRS]
    if rare and overview.pairable:
        yield _mind(
            f"Fewer than {ENOUGH_PAIRS} pairs for questions about one value alone, one side being rare: {named(rare)}."
        )
    if overview.unmeasured:
        yield _mind(f"Not measured by the codebook's columns: {named(overview.unmeasured)}.")


def _against(overview: SurveyOverview) -> Iterator[Finding]:
    for scale in overview.scales:
        others = f"runs against the other items of {scale.title}"
        everywhere = scale.whole.reliability.against
        for item in everywhere:
            yield _mind(f"{item} {others}: is it keyed in the codebook as it was asked?")
        places: dict[str, list[str]] = {}
        for one in scale.countries:
            for item in one.reliability.against:
                places.setdefault(item, []).append(one.country)
        for item, codes in places.items():
            if item not in everywhere:
                yield _mind(f"{item} {others} in {named(_names(overview, codes))}: look at its translation.")


def _missing(overview: SurveyOverview) -> Iterator[Finding]:
    answers = sum(scale.whole.answers for scale in overview.scales)
    kinds = _added(scale.whole.missing for scale in overview.scales)
    absent = sum(kinds.values())
    if absent:
        most = max(kinds, key=lambda kind: kinds[kind])
        text = f"{share(absent, answers + absent)} of the answers on values are missing, most often: {KINDS[most]}."
        yield _mind(text)
    items = [item for scale in overview.scales for item in scale.items]
    often = [f"{item.item.column} ({_share_missing(item)})" for item in items if _is_often_missing(item)]
    if often:
        yield _mind(f"Missing for {OFTEN:.0%} of people or more: {named(often)}.".replace("%", " %"))
    silent: dict[tuple[str, ...], list[str]] = {}
    for item in items:
        if item.unanswered_in:
            silent.setdefault(item.unanswered_in, []).append(item.item.column)
    for countries, columns in silent.items():
        yield _mind(f"Nobody answered {named(columns)} in {named(_names(overview, countries))}.", "where")


def _weights(overview: SurveyOverview) -> Iterator[Finding]:
    if not overview.people:
        return
    if not overview.survey.weights.columns():
        yield _mind("The codebook names no weights: figures describe the people asked, not the people of a country.")
        return
    costly = [
        f"{one.name} ({one.n_effective:,.0f} of {one.people:,})"
        for one in overview.countries
        if one.n_effective is not None and one.n_effective < COSTLY * one.people
    ]
    if costly:
        yield _mind(f"Weights differ so much that people count for less than half of their number: {named(costly)}.")
    without = sum(one.without_weight for one in overview.countries)
    if without:
        yield _mind(f"{number(without, 'person has', 'people have')} no weight, and no part in weighted means.")


def _means(overview: SurveyOverview) -> Iterator[Finding]:
    if any(scale.warning is not None for scale in overview.scales):
        yield _mind("Means of countries are not comparable, and countries must not be ranked by them.")


def _terms(overview: SurveyOverview) -> Iterator[Finding]:
    survey = overview.survey
    if survey.synthetic:
        yield _mind("These people are made up: good for trying things out, and nothing more.")
    if not survey.redistribute_profiles:
        yield _mind(f"The licence ({survey.licence}) does not let profiles made of it go into a release.")


def _is_often_missing(item: ItemOverview) -> bool:
    absent = sum(item.missing.values())
    return absent > 0 and absent >= OFTEN * (absent + item.answers)


def _share_missing(item: ItemOverview) -> str:
    absent = sum(item.missing.values())
    return share(absent, absent + item.answers)


def _added(counts: Iterable[dict[Missing, int]]) -> dict[Missing, int]:
    total: dict[Missing, int] = {}
    for part in counts:
        for kind, count in part.items():
            total[kind] = total.get(kind, 0) + count
    return total


def _stop(text: str) -> Finding:
    return Finding(kind="stop", about="use", text=text)


def _mind(text: str, about: str = "way") -> Finding:
    return Finding(kind="mind", about="where" if about == "where" else "way", text=text)
