"""`annotate status`: from tables and journal to what is told; nothing is locked, nothing but a page written."""

import time
from collections.abc import Callable
from pathlib import Path

from annotation.adjudication.decided import asked_tasks
from annotation.agreement import agree_study
from annotation.collect import GONE
from annotation.declare import declarations, read_there
from annotation.quality.pay import pay_floor
from annotation.sample.roster import placements
from annotation.slots import Group, place_of
from annotation.status.measure import measure
from annotation.status.page import page
from annotation.status.seen import Seen
from annotation.status.step import next_step
from annotation.status.words import in_lines
from annotation.tasks.words import rater_words
from mvpbench.store.atomic import write_atomic
from mvpbench.store.clock import Clock, utc_now
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from mvpbench.store.tables import has_table, read_dropped, read_info, read_table
from schemas.annotation import Annotation, Assignment, CheckAnnotation, ItemAnnotation
from schemas.errors import StudyError
from schemas.labels import Adjudication, ItemLabel
from schemas.progress import Progress
from schemas.quality import RaterQuality
from schemas.questions import Question
from schemas.results import Outcome

PAGE = "annotation.html"
"""Among the study's reports."""
TRIES = 5
WAIT_S = 0.3
"""Somebody may be writing the tables at this moment: rows and sidecar are a rename apart."""


def status(study: Study, *, width: int, html: bool = False, clock: Clock = utc_now) -> Outcome[Progress]:
    """Return how far raters are, told at `width` columns; `html` writes reports/annotation.html too.

    Raises:
        StudyError: `table-missing` before `annotate push`; a table or the journal cannot be read, the page not be
            written.
        ConfigError: a country pack or a file of strings does not fit.
    """
    return told(study, look(study, clock), width=width, html=html)


def told(study: Study, progress: Progress, *, width: int, html: bool = False) -> Outcome[Progress]:
    """Return the outcome for what was seen, with the page written where `html`. Raises StudyError as `status` does."""
    if html:
        write_atomic(study.reports / PAGE, page(progress))
    sample = progress.sample
    flagged = sum(bool(one.flags) for one in progress.raters)
    return Outcome(
        result=progress,
        counts={
            "ratings declared": sample.declared,
            "ratings answered": sample.answered,
            **({"ratings waived": sample.waived} if sample.waived else {}),
            "raters": len(progress.raters),
            "raters to talk with": flagged,
            "items to look at": len(progress.items),
            "comments": len(progress.comments),
        },
        dropped={one.reason: one.count for one in progress.left_out},
        outputs=(f"reports/{PAGE}",) if html else (),
        summary=in_lines(progress, width),
        next_step=next_step(progress),
    )


def look(study: Study, clock: Clock = utc_now, pause: Callable[[float], None] = time.sleep) -> Progress:
    """Return the progress as tables and journal are now. Raises as `status` does."""
    for _ in range(TRIES - 1):
        try:
            return measure(_seen(study), clock())
        except StudyError as error:
            if error.report.code != "table-interrupted":
                raise
            pause(WAIT_S)
    return measure(_seen(study), clock())


def _seen(study: Study) -> Seen:
    assigned = read_table(study.tables, "assignments", Assignment)
    groups = {place_of(one.slot).group for one in assigned}
    with Journal(study.journal, view=True) as journal:
        declared, given = declarations(journal), placements(journal)
        asked = tuple(asked_tasks(journal).values())
    pulled = has_table(study.tables, "annotations")
    info = read_info(study.tables, "annotations")
    return Seen(
        study=study.config.name,
        assigned=assigned,
        declarations=declared,
        agree=lambda: agree_study(study, by=(("country",),)).result,
        pulled=pulled,
        annotations=read_there(study, "annotations", Annotation),
        items=read_there(study, "item_annotations", ItemAnnotation),
        checks=read_there(study, "check_annotations", CheckAnnotation),
        dropped=read_dropped(study.tables, "annotations") if pulled else (),
        deleted=info.counts.get(GONE, 0) if info else 0,
        has_list=study.config.annotate.raters is not None,
        placements={slot: one for slot, one in given.items() if one.rater is not None},
        addressed_in=_addressed(groups, study.root),
        texts={one.id: one.text for one in read_there(study, "questions", Question)},
        quality=read_there(study, "rater_quality", RaterQuality),
        item_labels=read_there(study, "item_labels", ItemLabel),
        asked=asked,
        adjudications=read_there(study, "adjudications", Adjudication),
        floors={one.country: pay_floor(one.country, study.root) for one in asked},
        gate=study.config.release,
    )


def _addressed(groups: set[Group], root: Path) -> dict[Group, str]:
    words = {group: rater_words(group, root) for group in groups}
    return {group: one.texts.language for group, one in words.items() if one.instead}
