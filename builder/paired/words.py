"""The table for people: lines for a terminal, Markdown for a report or card."""

from collections.abc import Iterable, Sequence

from builder.survey.countries import country_name
from schemas.markdown import escape
from schemas.overview import HIDDEN_BELOW
from schemas.pairing import DemographicBeside, PairingFigures, PairingRow, PairingTable, Share
from schemas.questions import Recipe
from schemas.visible import is_seen

MOST_TARGETS = 12
"""Trade-offs that are listed on a terminal, those with the lowest share paired."""
LOWEST = 5
"""Countries that are named on a terminal."""
NOTABLE = 0.1
"""Standardised difference from which a demographic is named; Austin 2009 calls less negligible."""
NOTHING = "–"
HEADINGS = ("about", "high/first", "low/second", "neither", "paired", "of those with a side", "regional", "partners")


def in_words(table: PairingTable) -> list[str]:
    """Return a compact table: targets over all people, where the fewest were paired, who the paired are."""
    whole = table.whole.figures
    if whole is None:
        return [f"nobody is told of: {table.whole.undefined}"]
    listed, left_out = _listed(table.targets)
    lines = [f"{whole.people:,} people, {whole.with_side:,} on a side, paired {_of(whole.paired)}"]
    lines += _columns([HEADINGS, *(_cells(row) for row in listed)])
    if left_out:
        lines.append(f"and {left_out} trade-offs with a higher share")
    lowest = _lowest(table.countries)[:LOWEST]
    if len(table.countries) > 1 and lowest:
        named = "; ".join(f"{country_name(row.country or '')} {_of(figures.paired)}" for row, figures in lowest)
        lines.append(f"lowest share paired: {named}")
    if hidden := _hidden(table):
        lines.append(f"not told, with fewer than {HIDDEN_BELOW} people: {', '.join(hidden)}")
    lines += [f"the paired beside all: {line}" for line in map(_shown, _differences(whole.demographics))]
    return lines


def as_markdown(table: PairingTable) -> str:
    """Return the table as Markdown: by target, by country, and who the paired are. Foreign texts are escaped."""
    whole = table.whole.figures
    if whole is None:
        return f"Nobody is told of: {table.whole.undefined}.\n"
    parts = [
        f"{whole.people:,} people with a profile; {whole.with_side:,} surely stand on a side of something, "
        f"{whole.opposite:,} of them opposite to somebody of their country, language and split. "
        f"Paired: {_of(whole.paired)} of those with a side (95 % interval {_between(whole.paired)}), "
        f"{whole.paired_in_region:,} of them within their region alone.",
        _table(HEADINGS, (_cells(row) for row in table.targets)),
        _table(
            (
                "country",
                "people",
                "on a side",
                "opposite",
                "paired",
                "of those with a side",
                "95 % interval",
                "partners",
            ),
            (_country_cells(row) for row in table.countries),
        ),
    ]
    if hidden := _hidden(table):
        parts.append(f"Not told, with fewer than {HIDDEN_BELOW} people: {', '.join(map(escape, hidden))}.")
    if table.without_country:
        parts.append(f"{table.without_country:,} people have no country: they are in no country's row.")
    scores = [one for one in whole.scores if one.paired.raw is not None and one.all.raw is not None]
    if scores:
        parts.append(
            _table(
                ("mean score (0-100)", "of the paired", "of all", "difference in SD"),
                (
                    (
                        _words(one.dimension),
                        _number(one.paired.raw),
                        _number(one.all.raw),
                        _signed((one.paired.standardised or 0) - (one.all.standardised or 0)),
                    )
                    for one in scores
                ),
            )
        )
    if whole.demographics:
        parts.append(
            _table(
                (
                    "demographic",
                    "paired, known",
                    "standardised difference",
                    "largest differences, the paired beside all",
                ),
                (_demographic_cells(one) for one in whole.demographics),
            )
        )
    return "\n\n".join(parts) + "\n"


def _listed(rows: Sequence[PairingRow]) -> tuple[list[PairingRow], int]:
    """All targets but the trade-offs with the highest shares, in their order; and how many these are."""
    tradeoffs = [row for row in rows if row.recipe is Recipe.TRADEOFF]
    kept = {row.dimensions for row in sorted(tradeoffs, key=_by_share)[:MOST_TARGETS]}
    return [row for row in rows if row.recipe is not Recipe.TRADEOFF or row.dimensions in kept], len(tradeoffs) - len(
        kept
    )


def _by_share(row: PairingRow) -> float:
    value = row.figures.paired.value if row.figures else None
    return 2.0 if value is None else value


def _lowest(rows: Sequence[PairingRow]) -> list[tuple[PairingRow, PairingFigures]]:
    told = [(row, row.figures) for row in rows if row.figures is not None and row.figures.paired.value is not None]
    return sorted(told, key=lambda one: _by_share(one[0]))


def _hidden(table: PairingTable) -> list[str]:
    return sorted(country_name(row.country or "") for row in table.countries if row.figures is None)


def _cells(row: PairingRow) -> tuple[str, ...]:
    name = " over ".join(map(_words, row.dimensions))
    figures = row.figures
    if figures is None or figures.first is None or figures.second is None or figures.none is None:
        return (name, *(NOTHING for _ in HEADINGS[1:]))
    return (
        name,
        _percent(figures.first),
        _percent(figures.second),
        _percent(figures.none),
        f"{figures.paired.part:,}",
        _percent(figures.paired),
        f"{figures.paired_in_region:,}",
        _number(figures.reuse.mean),
    )


def _country_cells(row: PairingRow) -> tuple[str, ...]:
    name, figures = escape(country_name(row.country or "")), row.figures
    if figures is None:
        return (name, *(NOTHING for _ in range(7)))
    return (
        name,
        f"{figures.people:,}",
        f"{figures.with_side:,}",
        f"{figures.opposite:,}",
        f"{figures.paired.part:,}",
        _percent(figures.paired),
        _between(figures.paired),
        _number(figures.reuse.mean),
    )


def _demographic_cells(one: DemographicBeside) -> tuple[str, ...]:
    if one.standardised is None:
        return (escape(_words(one.name)), f"{one.paired:,}", NOTHING, one.undefined or NOTHING)
    named = "; ".join(
        f"{escape(value.value)}: {100 * value.paired:.0f} % beside {100 * value.all:.0f} %" for value in one.largest
    )
    return (escape(_words(one.name)), f"{one.paired:,}", f"{one.standardised:.2f}", named)


def _differences(demographics: Iterable[DemographicBeside]) -> list[str]:
    found = [one for one in demographics if one.standardised is not None and one.standardised >= NOTABLE]
    return [
        f"{_words(one.name)} "
        + ", ".join(
            f"{value.value}: {100 * value.paired:.0f} % beside {100 * value.all:.0f} %" for value in one.largest
        )
        for one in sorted(found, key=lambda one: -(one.standardised or 0))
    ]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _shown(text: str) -> str:
    return "".join(char for char in text if is_seen(char))


def _of(share: Share) -> str:
    return f"{share.part:,} of {share.whole:,}" + (f" ({_percent(share)})" if share.value is not None else "")


def _percent(share: Share) -> str:
    return NOTHING if share.value is None else f"{100 * share.value:.0f} %"


def _between(share: Share) -> str:
    return NOTHING if share.low is None or share.high is None else f"{100 * share.low:.0f} to {100 * share.high:.0f} %"


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1f}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---", *("---:" for _ in headings[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
