"""`agree`: how far raters agree, overall, by group and between groups, with intervals over independent units."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from annotation.agreement.agreements import agreements, coefficients
from annotation.agreement.expected import expected_votes
from annotation.agreement.files import read_ratings
from annotation.agreement.groups import rater_groups
from annotation.agreement.level import Level, level_of
from annotation.agreement.named import RatingsFile
from annotation.agreement.study import UNIT_GROUPS, placements_of, rater_columns, said_of_expected, study_columns
from annotation.agreement.table import Ratings, Stack, Table, cells, crossed, stacked, tabulate
from annotation.agreement.width import needed
from annotation.agreement.words import in_words, sample_in_words, simulated_in_words
from annotation.declare import sample_of, study_kinds
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.agreement import Agreement, AgreementCell, AgreementReport
from schemas.annotation import Annotation
from schemas.errors import ConfigError
from schemas.identity import seed
from schemas.questions import Instance
from schemas.results import Outcome


class Asked(NamedTuple):
    """What to report beside the whole."""

    by: tuple[tuple[str, ...], ...] = ()
    """Groupings of units; several in one entry are crossed."""
    rater_groups: tuple[str, ...] = ()
    width: float | None = None
    """Wished distance from end to end of the 95 % interval of alpha."""
    coefficients: bool = True
    """Whether to report more than alpha and percent agreement."""


def agree(ratings: Ratings, asked: Asked, draw: Resampling, said: Sequence[str] | None = None) -> AgreementReport:
    """Return agreement over all `ratings`, then what is `asked`.

    A unit whose ratings fall into several groups is in each of them with the ratings given there. `said` is what each
    rating says of an expected answer, as `expected_votes` takes it.
    """
    table = ratings.table
    everything = Stack(table, np.zeros(table.units, dtype=np.int64))
    (overall,) = agreements(everything, [{}], draw)
    overall = _fuller(overall, table, asked, draw, said)
    by: list[AgreementCell] = []
    for names in asked.by:
        groups, found = crossed([ratings.groups[name] for name in names])
        keys = [dict(zip(names, key, strict=True)) for key in found]
        several = agreements(stacked(table, groups), keys, draw)
        if asked.coefficients or said is not None:
            parts = cells(table, groups)
            several = [_fuller(several[number], part, asked, draw, said) for number, part in parts]
        by += several
    return AgreementReport(
        overall=Agreement(**{name: value for name, value in overall if name != "key"}),
        by=tuple(by),
        rater_groups=tuple(rater_groups(table, ratings.groups[name], name, draw) for name in asked.rater_groups),
        needed=needed(table, overall.alpha, asked.width, draw) if asked.width is not None else None,
    )


def agree_file(file: RatingsFile, level: str = "nominal", width: float | None = None) -> Outcome[AgreementReport]:
    """Return the agreement in a ratings file, by its groups where named.

    Raises as `level_of` and `read_ratings` do, and ConfigError `width-impossible`.
    """
    measurement = level_of(level)
    check_width(width)
    read = read_ratings(file, measurement)
    groups = (file.rater_group,) if file.rater_group is not None else ()
    asked = Asked(by=file.by, rater_groups=groups, width=width)
    report = agree(tabulate(read.columns, measurement), asked, Resampling(seed("agree", file.path.name)))
    return Outcome(
        result=report,
        counts={"ratings": len(read.columns.unit)},
        dropped=read.dropped,
        summary=tuple(in_words(report)),
    )


def agree_study(
    study: Study, by: Sequence[tuple[str, ...]] | None = None, width: float | None = None
) -> Outcome[AgreementReport]:
    """Return the agreement of the study's raters at the nominal level, by every grouping of `UNIT_GROUPS`, or by `by`.

    Units are instances. Where any person answered anything in the study only people count; else simulated raters are
    measured, and named so.

    Raises:
        StudyError: `table-missing` before `annotate pull`.
        ConfigError: `group-unknown`, `width-impossible`.
    """
    check_width(width)
    wished = tuple((name,) for name in UNIT_GROUPS) if by is None else tuple(by)
    check_groups(wished, tuple(UNIT_GROUPS))
    instances = {one.id: one for one in read_table(study.tables, "instances", Instance)}
    annotations = read_table(study.tables, "annotations", Annotation)
    kinds = study_kinds(study)
    of_kind = [one for one in annotations if one.annotator_kind in kinds]
    counted = [one for one in of_kind if one.instance_id in instances]
    raters = rater_columns([one.slot for one in counted], placements_of(study))
    report = agree(
        tabulate(study_columns(counted, instances, raters), Level.NOMINAL),
        Asked(by=wished, rater_groups=tuple(raters), width=width),
        Resampling(seed("agree", study.config.name)),
        said_of_expected(counted, instances),
    )
    sample = sample_of(study)
    head = simulated_in_words(kinds)
    dropped = {"not by people": len(annotations) - len(of_kind), "of no instance": len(of_kind) - len(counted)}
    return Outcome(
        result=report.model_copy(update={"sample": sample}),
        counts={"annotations": len(counted)},
        dropped={reason: count for reason, count in dropped.items() if count},
        summary=(*sample_in_words(sample), *head, *in_words(report)),
    )


def _fuller(
    found: AgreementCell, table: Table, asked: Asked, draw: Resampling, said: Sequence[str] | None
) -> AgreementCell:
    more: dict[str, object] = {}
    if asked.coefficients:
        more["coefficients"] = coefficients(table, draw)
    if said is not None:
        votes = [said[one] for one in table.rating.tolist()]
        more["expected"] = expected_votes(votes, table.component[table.unit], draw)
    return found.model_copy(update=more)


def check_width(width: float | None) -> None:
    """Raise ConfigError `width-impossible` where no interval of alpha is `width` wide."""
    if width is not None and not 0 < width < 2:  # noqa: PLR2004 - alpha lies between -1 and 1
        raise ConfigError(
            "width-impossible",
            "--width",
            found=str(width),
            expected="a number above 0 and below 2",
            way_out="name the wished distance from the lower to the upper end of the interval of alpha, such as 0.1",
        )


def check_groups(by: Sequence[tuple[str, ...]], known: Sequence[str]) -> None:
    """Raise ConfigError `group-unknown` for a grouping that is not `known`."""
    for name in (name for names in by for name in names):
        if name not in known:
            raise ConfigError(
                "group-unknown",
                "--by",
                found=repr(name),
                expected=", ".join(known),
                way_out="name one of them, or several with commas to cross them",
            )
