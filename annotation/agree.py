"""`agree`: how far raters agree, overall and by group, with intervals over independent groups of units."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.alpha import Level, alpha_interval, percent_agreement
from annotation.ratings import Rating, RatingsFile, level_of, read_ratings
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.components import components
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Agreement, AgreementCell, AgreementReport, Annotation, AnnotatorKind, Estimate
from schemas.identity import seed
from schemas.questions import Instance
from schemas.results import Outcome

__all__ = ["Rating", "RatingsFile", "agree", "agree_file", "agree_study"]

Floats = NDArray[np.float64]

STUDY_GROUPS = ("country", "recipe", "dimensions")


def agree(ratings: Sequence[Rating], level: Level, by: Sequence[str], seed_of: str) -> AgreementReport:
    """Return agreement over all `ratings`, then over the groups of each name in `by`, sorted by group.

    A unit whose ratings fall into several groups is in each of them with the ratings given there. Units that share a
    cluster, directly or over others, are resampled together. `seed_of` is hashed into the seeds of the intervals.
    """
    cells = []
    for name in by:
        found = sorted({rating.groups[name] for rating in ratings if name in rating.groups})
        for group in found:
            members = [rating for rating in ratings if rating.groups.get(name) == group]
            one = _agreement(members, level, seed("agree", seed_of, name, group))
            cells.append(AgreementCell(key={name: group}, **dict(one)))
    return AgreementReport(overall=_agreement(ratings, level, seed("agree", seed_of)), by=tuple(cells))


def agree_file(file: RatingsFile, level: str = "nominal") -> Outcome[AgreementReport]:
    """Return the agreement in a ratings file, by `file.by` where named. Raises as `level_of` and `read_ratings` do."""
    measurement = level_of(level)
    read = read_ratings(file, measurement)
    report = agree(read.ratings, measurement, [file.by] if file.by is not None else [], file.path.name)
    dropped = {"no value": read.blank} if read.blank else {}
    return Outcome(
        result=report, counts={"ratings": len(read.ratings)}, dropped=dropped, summary=tuple(in_words(report))
    )


def agree_study(study: Study) -> Outcome[AgreementReport]:
    """Return the agreement of the study's raters at the nominal level, by country, recipe and dimensions.

    Units are instances. Where any person rated, only people count; simulated raters are measured alone and named so.
    A vote for an answer counts as a vote for its side (`one`: the high side, in a trade-off the first dimension; or
    `other`): "as expected" would be one value given nearly always, and chance agreement on it nearly complete.

    Raises:
        StudyError: `table-missing` before `annotate pull`.
    """
    instances = {one.id: one for one in read_table(study.tables, "instances", Instance)}
    annotations = read_table(study.tables, "annotations", Annotation)
    human = [one for one in annotations if one.annotator_kind is AnnotatorKind.HUMAN]
    counted = human or annotations
    report = agree(study_ratings(counted, instances), Level.NOMINAL, STUDY_GROUPS, study.config.name)
    head = () if human or not annotations else ("SIMULATED raters: this says nothing about people.",)
    left_out = len(annotations) - len(counted)
    return Outcome(
        result=report,
        counts={"annotations": len(counted)},
        dropped={"not by people": left_out} if left_out else {},
        summary=(*head, *in_words(report)),
    )


def study_ratings(annotations: Sequence[Annotation], instances: Mapping[str, Instance]) -> list[Rating]:
    """Return the ratings behind annotations; those of instances that are not there are left out."""
    rated = [instances[name] for name in dict.fromkeys(one.instance_id for one in annotations) if name in instances]
    joined = components(
        [one.respondent_id for one in rated],
        [one.question_id for one in rated],
        optional=[[one.pair_id for one in rated]],
    )
    cluster = {one.id: str(number) for one, number in zip(rated, joined.tolist(), strict=True)}
    return [
        Rating(
            unit=one.instance_id,
            rater=one.annotator,
            value=_side(one.vote, instances[one.instance_id]),
            groups=_groups(instances[one.instance_id]),
            cluster=cluster[one.instance_id],
        )
        for one in annotations
        if one.instance_id in instances
    ]


def in_words(report: AgreementReport) -> list[str]:
    """Return a line for all ratings and one a group."""
    rows = [("all", report.overall)]
    rows += [(" ".join(f"{name} {group}" for name, group in cell.key.items()), cell) for cell in report.by]
    width = max(len(name) for name, _ in rows)
    level = report.overall.level
    head = f"{'':<{width}}  alpha ({level}), 95 % interval  agree   units  raters  pairable"
    return [head, *(_line(name.ljust(width), one) for name, one in rows)]


def _line(name: str, one: Agreement) -> str:
    share = f"{one.percent_agreement:>5.0%}" if one.percent_agreement is not None else " none"
    numbers = f"{share}  {one.units:>6,}  {one.raters:>6,}  {one.pairable:>8,}"
    return f"{name}  {_in_words(one.alpha):<30}  {numbers}"


def _in_words(estimate: Estimate) -> str:
    if estimate.value is None:
        return "undefined"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:6.3f} (no interval)"
    return f"{estimate.value:6.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _agreement(ratings: Sequence[Rating], level: Level, draw: int) -> Agreement:
    counts, values = _counts(ratings, level)
    units = list(dict.fromkeys(rating.unit for rating in ratings))
    cluster: dict[str, set[str | None]] = {unit: set() for unit in units}
    for rating in ratings:
        cluster[rating.unit].add(rating.cluster)
    pairs = [(unit, one) for unit in units for one in sorted(cluster[unit], key=str)]
    linked = components([unit for unit, _ in pairs], optional=[[one for _, one in pairs]])
    number = dict(zip((unit for unit, _ in pairs), linked.tolist(), strict=True))
    raters = counts.sum(axis=1)
    return Agreement(
        alpha=alpha_interval(counts, values, level, [number[unit] for unit in units], Resampling(draw)),
        level=level,
        percent_agreement=percent_agreement(counts),
        units=len(units),
        raters=len({rating.rater for rating in ratings}),
        pairable=int(raters[raters > 1].sum()),
    )


def _counts(ratings: Sequence[Rating], level: Level) -> tuple[Floats, Floats]:
    """Ratings of each value to each unit, shape (units, values), units in order of appearance; and the values."""
    unit_of = {unit: row for row, unit in enumerate(dict.fromkeys(rating.unit for rating in ratings))}
    if level is Level.NOMINAL:
        names = sorted({rating.value for rating in ratings})
        column_of = {name: column for column, name in enumerate(names)}
        columns = [column_of[rating.value] for rating in ratings]
        values: Floats = np.arange(len(names), dtype=np.float64)
    else:
        values, inverse = np.unique([float(rating.value) for rating in ratings], return_inverse=True)
        columns = inverse.tolist()
    counts = np.zeros((len(unit_of), len(values)))
    np.add.at(counts, ([unit_of[rating.unit] for rating in ratings], columns), 1.0)
    return counts, values


def _side(vote: str, instance: Instance) -> str:
    """`one`, `other`, or the vote itself where it names no answer."""
    if not vote.startswith("a-"):
        return vote
    first = instance.expected_side == f"{instance.dimensions[0]}:high"
    return "one" if (vote == instance.expected) == first else "other"


def _groups(instance: Instance) -> dict[str, str]:
    country = {"country": instance.country} if instance.country is not None else {}
    return {**country, "recipe": instance.recipe.value, "dimensions": "+".join(instance.dimensions)}
