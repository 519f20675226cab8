"""Agreement of the study's raters, called in this one place and only once the declared sample is in."""

from collections import Counter
from collections.abc import Sequence

from annotation.agreement import agree_study
from annotation.status.seen import Agreed
from mvpbench.statistics.bootstrap import Resampling, share_interval
from mvpbench.statistics.components import components
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.agreement import Estimate
from schemas.annotation import Annotation, AnnotatorKind
from schemas.identity import seed
from schemas.questions import Instance


def agreed(study: Study) -> Agreed:
    """Return the agreement among raters, and of raters with the expected answers, of the same ratings.

    Raises as `agree_study` does.
    """
    report = agree_study(study).result
    instances = {one.id: one for one in read_table(study.tables, "instances", Instance)}
    rows = read_table(study.tables, "annotations", Annotation)
    human = [one for one in rows if one.annotator_kind is AnnotatorKind.HUMAN]
    votes = [one for one in human or rows if one.instance_id in instances]
    rated = [instances[one.instance_id] for one in votes]
    cluster = components(
        [one.respondent_id for one in rated],
        [one.question_id for one in rated],
        optional=[[one.pair_id for one in rated]],
    ).tolist()
    hits = [one.vote == instance.expected for one, instance in zip(votes, rated, strict=True)]
    countries = [one.country for one in rated]
    found: dict[str | None, Estimate] = {None: _share(hits, cluster, study.config.name, None)}
    for country in sorted({one for one in countries if one is not None}):
        there = [place for place, one in enumerate(countries) if one == country]
        mine, groups = [hits[place] for place in there], [cluster[place] for place in there]
        found[country] = _share(mine, groups, study.config.name, country)
    ratings = Counter(one.instance_id for one in votes)
    return Agreed(report, found, sum(count > 1 for count in ratings.values()))


def _share(hits: Sequence[bool], cluster: Sequence[int], study: str, country: str | None) -> Estimate:
    draw = Resampling(seed("status-expected", study, country))
    return share_interval(hits, [1] * len(hits), cluster, draw)
