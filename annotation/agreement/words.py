"""Agreement for people: a table that fits a terminal of 80 to 105 columns, by its names, then what is told once."""

from collections.abc import Iterator, Sequence, Set

from mvpbench.page import seen
from schemas.agreement import Agreement, AgreementCell, AgreementReport, Estimate, Need, Needed, RaterGroups
from schemas.annotation import AnnotatorKind, SampleProgress
from schemas.wording import plural

NAMES_FROM, NAMES_TO = 4, 28
"""Columns of names: a longer one has a line of its own."""
INTERVAL = 19
LABEL = 24
RATER_COLUMNS = {"within": "own group (IRR)", "across": "others (XRR)", "association": "IRR / XRR"}
NAMES = {
    "gwet_ac1": "Gwet's AC1",
    "gwet_ac2": "Gwet's AC2",
    "cohen_kappa": "Cohen's kappa",
    "cohen_kappa_linear": "Cohen's kappa, linear",
    "cohen_kappa_quadratic": "Cohen's kappa, quadratic",
    "fleiss_kappa": "Fleiss' kappa",
    "icc_1": "ICC(1), one-way",
    "icc_1k": "ICC(1,k), mean of raters",
    "icc_a1": "ICC(A,1), agreement",
    "icc_ak": "ICC(A,k), mean of raters",
    "icc_c1": "ICC(C,1), consistency",
    "icc_ck": "ICC(C,k), mean of raters",
}


def in_words(report: AgreementReport) -> list[str]:
    """Return the table of all ratings and of every group, then coefficients, groups of raters, and what is needed."""
    names = ["  " + _name(cell) for cell in report.by]
    width = max((len(name) for name in names if len(name) <= NAMES_TO), default=NAMES_FROM)
    lines = [_head(report.overall, width), *_row("all", width, _numbers(report.overall))]
    before: tuple[str, ...] = ()
    for cell, name in zip(report.by, names, strict=True):
        if tuple(cell.key) != before:
            before = tuple(cell.key)
            lines.append(f"by {' and '.join(before)}")
        lines += _row(name, width, _numbers(cell))
    lines += _overall(report.overall)
    for groups in report.rater_groups:
        lines += _rater_groups(groups)
    return [*lines, *(_needed(report.needed) if report.needed else ())]


def sample_in_words(sample: SampleProgress) -> list[str]:
    """Return that the declared sample is not in, if so, and what of it was waived."""
    lines = [f"{sample.lacking}: hold no gate against these numbers"] if sample.lacking else []
    if sample.waived:
        reason = seen(sample.declarations[-1].reason)
        lines.append(f"{sample.waived:,} of {sample.declared:,} declared ratings are WAIVED: {reason}")
    return lines


def simulated_in_words(kinds: Set[AnnotatorKind]) -> list[str]:
    """Return that the raters whose answers count are not people, where there are any."""
    return ["SIMULATED raters: this says nothing about people."] if kinds - {AnnotatorKind.HUMAN} else []


def _head(overall: Agreement, width: int) -> str:
    columns = [f"{'':<{width}}", f"{f'alpha ({overall.level})':<{INTERVAL}}"]
    columns += [f"{NAMES[name]:<{INTERVAL}}" for name in _gwet(overall)]
    columns += ["agree", *(["expected"] if overall.expected else []), "  units", "raters"]
    return "  ".join(columns)


def _row(name: str, width: int, columns: Sequence[str]) -> list[str]:
    """A line; two where the name is too long to stand before its numbers."""
    head = [name] if len(name) > width else []
    return [*head, "  ".join([f"{'' if head else name:<{width}}", *columns])]


def _numbers(one: Agreement) -> list[str]:
    columns = [f"{_interval(one.alpha):<{INTERVAL}}"]
    columns += [f"{_interval(one.coefficients[name]):<{INTERVAL}}" for name in _gwet(one)]
    columns.append(_share(one.percent_agreement).rjust(5))
    if one.expected is not None:
        columns.append(_share(one.expected.of_answers.value).rjust(8))
    return [*columns, f"{one.units:>7,}", f"{one.raters:>6,}"]


def _overall(overall: Agreement) -> Iterator[str]:
    """The coefficients that have no column, with the reason where one is undefined, and the votes in numbers."""
    for name, found in (("Krippendorff's alpha", overall.alpha), *_named(overall)):
        if found.undefined is not None or name not in {"Krippendorff's alpha", *(NAMES[one] for one in _gwet(overall))}:
            yield f"{name:<{LABEL}}  {told(found)}"
    if overall.expected is not None:
        votes = overall.expected
        apart = ", ".join(f"{name} {count:,}" for name, count in votes.apart.items())
        named = f"({votes.expected:,} of {votes.expected + votes.other:,})"
        yield f"{'expected answer':<{LABEL}}  {told(votes.of_answers)} of votes for an answer {named}"
        yield f"{'':<{LABEL}}  {told(votes.of_all)} of all votes{f'; {apart}' if apart else ''}"


def _named(overall: Agreement) -> Iterator[tuple[str, Estimate]]:
    for name, found in overall.coefficients.items():
        yield NAMES[name], found


def _gwet(one: Agreement) -> list[str]:
    return [name for name in one.coefficients if name.startswith("gwet")]


def _rater_groups(groups: RaterGroups) -> Iterator[str]:
    yield f"raters by {groups.name}"
    rows: Sequence[tuple[str, Estimate, str]] = (
        ("within groups", groups.within, f"{plural(groups.pairs_within, 'pair')}"),
        ("between groups", groups.between, f"{plural(groups.pairs_between, 'pair')}"),
        ("within - between", groups.difference, ""),
        ("disagreement, ratio", groups.ratio, "between / within"),
    )
    for number, (name, found, note) in enumerate(rows):
        if number and not groups.pairs_within:
            continue  # pairs of two groups are all there are: alpha says it
        if number > 1 and found.undefined in {groups.within.undefined, groups.between.undefined} - {None}:
            continue  # the same reason was told
        yield f"{'  ' + name:<{LABEL}}  {told(found)}{f'; {note}' if note else ''}"
    if groups.without_group:
        yield f"{'  without a group':<{LABEL}}  {groups.without_group:,} ratings, left out here"
    columns = [name for name in RATER_COLUMNS if groups.pairs_within or name == "across"]
    yield "  ".join([f"{'':<{LABEL}}", *(f"{RATER_COLUMNS[name]:<{INTERVAL}}" for name in columns), "raters"])
    for one in groups.groups:
        found_of = {"within": one.within, "across": one.across, "association": one.association}
        cells = [f"{_interval(found_of[name]):<{INTERVAL}}" for name in columns]
        name = ", ".join(one.key.values())
        yield from _row("  " + name, LABEL, [*cells, f"{one.raters:>6,}"])


def _needed(needed: Needed) -> Iterator[str]:
    found = f"{needed.found:.3f} now" if needed.found is not None else "no interval now"
    yield f"interval of alpha {needed.width:g} wide from end to end ({found})"
    yield f"{'  units':<{LABEL}}  {_need(needed.units)}"
    yield f"{'  or ratings a unit':<{LABEL}}  {_need(needed.raters)}"


def _need(need: Need) -> str:
    if need.low is None:
        return f"not estimable: {need.undefined}"
    if need.high is None:
        return f"{need.low:,} or more, perhaps no number"
    return f"{need.low:,}" if need.low == need.high else f"{need.low:,} to {need.high:,}"


def told(found: Estimate, digits: int = 3) -> str:
    """Return `0.640 [0.551, 0.722]`, the number with why it has no interval, or why there is none."""
    if found.value is None:
        return f"undefined: {found.undefined}"
    if found.low is None or found.high is None:
        return f"{found.value:.{digits}f} ({found.undefined or 'no interval'})"
    return f"{found.value:.{digits}f} [{found.low:.{digits}f}, {found.high:.{digits}f}]"


def _interval(found: Estimate) -> str:
    if found.value is None:
        return "undefined"
    if found.low is None or found.high is None:
        return f"{found.value:5.2f} (no interval)"
    return f"{found.value:5.2f} [{found.low:.2f}, {found.high:.2f}]"


def _share(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"


def _name(cell: AgreementCell) -> str:
    return ", ".join(cell.key.values())
