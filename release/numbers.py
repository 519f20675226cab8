"""What the card counts in a release's rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from release.data import ReleaseRows
from schemas.annotation import AnnotatorKind, TaskKind
from schemas.labels import LabelStatus
from schemas.questions import Scope
from schemas.record import Record
from schemas.release import ReleasedInstance
from schemas.values import Domain, Split

PEOPLE = "people"
RATERS = {AnnotatorKind.HUMAN: PEOPLE, AnnotatorKind.SIMULATED: "simulated raters", AnnotatorKind.MODEL: "models"}

FEW = 30
"""People below which a country's figures are flagged (intervals are too narrow there)."""


class CountryLine(Record):
    """One country of the card's table."""

    country: str | None
    domain: Domain
    people: int
    pairs: int
    """Complete pairs found within the country."""
    instances: int
    reviewed: int
    confirmed: int
    few: bool


class SplitLine(Record):
    """One split and domain of the card's table."""

    split: Split
    domain: Domain
    people: int
    pairs: int
    """Complete pairs of scope `country`."""
    instances: int


class Numbers(Record):
    """Everything the card counts."""

    people: int
    instances: int
    questions: int
    pairs: int
    """Complete pairs of scope `country`."""
    regional_pairs: int
    unpaired: int
    mean_error: float | None
    countries: tuple[CountryLine, ...]
    """Most people first."""
    splits: tuple[SplitLine, ...]
    statuses: dict[LabelStatus, int]
    writers: dict[str, int]
    """Writer, with its model -> instances."""
    ratings: dict[str, int]
    """Kind of annotator -> ratings of instances."""
    raters: dict[str, int]
    """Kind of annotator -> how many."""
    reviewers: str
    """Who is behind the labels, in words; `people` where there are none yet."""


def numbers(rows: ReleaseRows) -> Numbers:
    """Return the counts of a release."""
    instances = rows.instances
    ratings = [rating for rating in rows.ratings if rating.task is TaskKind.PERSON]
    raters = {(rating.annotator_kind.value, rating.annotator) for rating in ratings}
    statuses = Counter(row.label_status for row in instances)
    writers = Counter(f"{row.writer}: {row.writer_model}" if row.writer_model else row.writer for row in instances)
    return Numbers(
        people=_people(instances),
        instances=len(instances),
        questions=len({row.question_id for row in instances}),
        pairs=_pairs(instances, Scope.COUNTRY),
        regional_pairs=_pairs(instances, Scope.REGION),
        unpaired=sum(row.pair_id is None for row in instances),
        mean_error=sum(row.error_probability for row in instances) / len(instances) if instances else None,
        countries=_countries(instances),
        splits=_splits(instances),
        statuses={status: statuses[status] for status in LabelStatus},
        writers=dict(sorted(writers.items())),
        ratings=dict(sorted(Counter(rating.annotator_kind.value for rating in ratings).items())),
        raters=dict(sorted(Counter(kind for kind, _ in raters).items())),
        reviewers=who(kind for label in rows.labels for kind in label.kinds),
    )


def who(kinds: Iterable[AnnotatorKind]) -> str:
    """Return what kinds of raters are called together; without any, `people`: it is they who are waited for."""
    found = set(kinds)
    return " and ".join(name for kind, name in RATERS.items() if kind in found) or PEOPLE


def _countries(instances: Iterable[ReleasedInstance]) -> tuple[CountryLine, ...]:
    groups: dict[tuple[str | None, Domain], list[ReleasedInstance]] = defaultdict(list)
    for row in instances:
        groups[row.country, row.domain].append(row)
    lines = []
    for (country, domain), part in groups.items():
        statuses = Counter(row.label_status for row in part)
        people = _people(part)
        lines.append(
            CountryLine(
                country=country,
                domain=domain,
                people=people,
                pairs=_pairs(part, Scope.COUNTRY),
                instances=len(part),
                reviewed=len(part) - statuses[LabelStatus.UNREVIEWED],
                confirmed=statuses[LabelStatus.CONFIRMED],
                few=people < FEW,
            )
        )
    return tuple(sorted(lines, key=lambda line: (-line.people, line.country or "")))


def _splits(instances: Iterable[ReleasedInstance]) -> tuple[SplitLine, ...]:
    groups: dict[tuple[Split, Domain], list[ReleasedInstance]] = defaultdict(list)
    for row in instances:
        groups[row.split, row.domain].append(row)
    return tuple(
        SplitLine(
            split=split,
            domain=domain,
            people=_people(groups[split, domain]),
            pairs=_pairs(groups[split, domain], Scope.COUNTRY),
            instances=len(groups[split, domain]),
        )
        for split in Split
        for domain in Domain
        if (split, domain) in groups
    )


def _people(instances: Iterable[ReleasedInstance]) -> int:
    return len({row.respondent_id for row in instances})


def _pairs(instances: Sequence[ReleasedInstance], scope: Scope) -> int:
    members = Counter(row.pair_id for row in instances if row.pair_id is not None and row.scope is scope)
    return sum(count > 1 for count in members.values())
