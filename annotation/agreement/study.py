"""The ratings behind a study's annotations, and the groups they fall into."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from annotation.agreement.expected import EXPECTED, OTHER
from annotation.agreement.table import Columns
from annotation.sample.roster import placements
from annotation.slots import place_of
from mvpbench.statistics.components import components
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from schemas.annotation import Annotation, Fit, Placement
from schemas.questions import Instance

Groups = Mapping[str, Callable[[Instance, Annotation], Iterable[str]]]


def _combination(instance: Instance, _annotation: Annotation) -> Iterable[str]:
    return ("+".join(instance.dimensions),) if len(instance.dimensions) > 1 else ()


UNIT_GROUPS: Groups = {
    "country": lambda instance, _: () if instance.country is None else (instance.country,),
    "dimension": lambda instance, _: instance.dimensions,
    "dimensions": _combination,
    "language": lambda instance, _: (instance.language,),
    "recipe": lambda instance, _: (instance.recipe.value,),
}
"""What agreement is broken down by. An instance of several dimensions is in each, and in their combination."""

FITS = {Fit.COUNTRY: "compatriot", Fit.LANGUAGE: "from elsewhere"}
"""What a rater is to the country that they rate for, as their slot was given out."""


def placements_of(study: Study) -> Mapping[str, Placement]:
    """Return to whom slots were given, by slot; empty without a list of raters. Locks and changes nothing."""
    with Journal(study.journal, view=True) as journal:
        return placements(journal)


def rater_columns(slots: Sequence[str], placements: Mapping[str, Placement]) -> dict[str, list[tuple[str, ...]]]:
    """Return by which groups of raters ratings are held against each other, and the group of each rating's rater.

    Args:
        slots: of each rating, that of its rater.
        placements: by slot; without one the rater is taken to be of the slot's country.

    Returns:
        `rater_country`; `fit` where any rater is from elsewhere; and `slot`, which rates a unit once: within it there
        are no pairs, but it shows who differs from all others.
    """
    given = [placements.get(slot) for slot in slots]
    countries = [
        (one.rater_country if one else None) or place_of(slot).group.country
        for slot, one in zip(slots, given, strict=True)
    ]
    fits = [FITS.get(one.fit) if one else None for one in given]
    columns: dict[str, Sequence[str | None]] = {
        "rater_country": countries,
        "fit": fits if FITS[Fit.LANGUAGE] in fits else (),
        "slot": slots,
    }
    return {name: [(one,) if one else () for one in column] for name, column in columns.items() if column}


def study_columns(
    annotations: Sequence[Annotation],
    instances: Mapping[str, Instance],
    raters: Mapping[str, Sequence[tuple[str, ...]]],
) -> Columns:
    """Return the ratings behind annotations, all of instances that are there; units are instances.

    `raters` is what `rater_columns` returns.

    A vote for an answer counts as a vote for its side (`one`: the high side, in a trade-off the first dimension; or
    `other`): "as expected" would be one value given nearly always, and chance agreement on it nearly complete.
    Instances of one respondent, question or pair are one cluster, directly or over others.
    """
    rated = [instances[name] for name in dict.fromkeys(one.instance_id for one in annotations)]
    joined = components(
        [one.respondent_id for one in rated],
        [one.question_id for one in rated],
        optional=[[one.pair_id for one in rated]],
    )
    cluster = {one.id: str(number) for one, number in zip(rated, joined.tolist(), strict=True)}
    both = [(instances[one.instance_id], one) for one in annotations]
    return Columns(
        unit=[one.instance_id for one in annotations],
        rater=[one.annotator for one in annotations],
        value=[_side(annotation.vote, instance) for instance, annotation in both],
        cluster=[cluster[one.instance_id] for one in annotations],
        groups={
            **{
                name: [tuple(groups(instance, annotation)) for instance, annotation in both]
                for name, groups in UNIT_GROUPS.items()
            },
            **raters,
        },
    )


def said_of_expected(annotations: Sequence[Annotation], instances: Mapping[str, Instance]) -> tuple[str, ...]:
    """Return of each annotation `expected`, `other`, or the vote itself where it names no answer."""
    return tuple(
        one.vote if not _names_answer(one.vote) else EXPECTED if _hit(one, instances) else OTHER for one in annotations
    )


def _hit(annotation: Annotation, instances: Mapping[str, Instance]) -> bool:
    return annotation.vote == instances[annotation.instance_id].expected


def _names_answer(vote: str) -> bool:
    return vote.startswith("a-")


def _side(vote: str, instance: Instance) -> str:
    """`one`, `other`, or the vote itself where it names no answer."""
    if not _names_answer(vote):
        return vote
    first = instance.expected_side == f"{instance.dimensions[0]}:high"
    return "one" if (vote == instance.expected) == first else "other"
