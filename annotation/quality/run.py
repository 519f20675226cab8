"""The last part of `annotate pull`: the table of raters brought up to their work."""

import json
from collections import Counter
from collections.abc import Mapping

from annotation.quality.pay import pay_floor
from annotation.quality.rater import Work, rater_quality
from annotation.quality.reading import Texts
from annotation.sample.read import plain_files, read_material
from annotation.slots import Group
from annotation.tasks.words import rater_words
from mvpbench.store.stage import Outside, Produced, Stage, run_stage
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation, Assignment, CheckAnnotation, ItemAnnotation
from schemas.quality import QualityFlag, RaterQuality
from schemas.results import Nothing, Outcome

PULL = "mvpbench annotate pull"
STAGE = Stage(
    table="rater_quality",
    record=RaterQuality,
    version=1,
    inputs=(
        *("surveys", "profiles", "questions", "instances"),
        *("assignments", "annotations", "item_annotations", "check_annotations"),
    ),
    makes_with=PULL,
)


def run_quality(study: Study) -> Outcome[Nothing]:
    """Bring the table `rater_quality` up to what was pulled. Flags reach it; no vote leaves any other table."""
    with locked(study, PULL):
        info = run_stage(study, STAGE, quality_files(study), lambda: _make(study))
    return Outcome(result=Nothing(), counts=info.counts, outputs=(f"tables/{info.table}.parquet",))


def quality_files(study: Study) -> Mapping[str, Outside]:
    """Return on what the table depends beside other tables: words of the framework and the packs, and pay floors."""
    groups = _groups(study)
    floors = {str(country): pay_floor(country, study.root) for country in {group.country for group in groups}}
    items = {f"{group}": rater_words(group, study.root).comprehension for group in groups}
    plain = {
        "pay floors": {name: floor and floor.model_dump(mode="json") for name, floor in floors.items()},
        "comprehension items": {name: [one.model_dump(mode="json") for one in found] for name, found in items.items()},
    }
    files: dict[str, Outside] = {name: json.dumps(found, sort_keys=True) for name, found in plain.items()}
    return files | plain_files(study)


def _groups(study: Study) -> set[Group]:
    assigned = read_table(study.tables, "assignments", Assignment)
    return {Group(one.country, one.language) for one in assigned}


def _make(study: Study) -> Produced[RaterQuality]:
    assigned = read_table(study.tables, "assignments", Assignment)
    rows = rater_quality(
        Work(
            annotations=read_table(study.tables, "annotations", Annotation),
            items=read_table(study.tables, "item_annotations", ItemAnnotation),
            checks=read_table(study.tables, "check_annotations", CheckAnnotation),
            assigned={one.uid: one for one in assigned},
            least_seconds=Texts(read_material(study)).least_seconds,
            floors={country: pay_floor(country, study.root) for country in {one.country for one in assigned}},
        )
    )
    flags = Counter(flag for row in rows for flag in row.flags)
    counts = {"raters": len(rows)} | {f"raters flagged {flag}": flags[flag] for flag in QualityFlag if flags[flag]}
    return Produced(rows=rows, counts=counts)
