"""`annotate adjudicate`: what adjudicators decided is fetched, and what is in doubt is put to them, once."""

import time
from collections import Counter
from collections.abc import Callable

from annotation.adjudication.decided import TASK, asked_tasks
from annotation.adjudication.interface import adjudication_page, adjudication_texts
from annotation.adjudication.task import adjudication_task, doubts_of
from annotation.declare import study_kinds
from annotation.labels import run_labels, votes_behind
from annotation.projects import ADJUDICATION_PROJECT, made_project, projects
from annotation.sample.read import framework_name
from annotation.server.state import FOLDER
from annotation.studio import Studio
from annotation.sync.fetch import fetch
from annotation.sync.send import send
from builder.frameworks import load_framework
from builder.profiles.plain import plain_aspect
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import read_table
from schemas.annotation import ItemAnnotation
from schemas.labels import Adjudication, AdjudicationTask, ItemLabel
from schemas.questions import Question
from schemas.results import AdjudicateResult, AdjudicationWork, Outcome

ADJUDICATE = "mvpbench annotate adjudicate"


def adjudicate(
    study: Study,
    studio: Studio,
    *,
    say: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
    anew: bool = False,
) -> Outcome[AdjudicateResult]:
    """Fetch decisions, bring the labels of questions up to them, and send what is in doubt and was not asked before.

    Run again, it asks nothing twice. A question is asked once a country, however its label changes afterwards. Raises
    StudyError `project-gone` unless `anew`, `table-missing` before `annotate pull`, and ServiceError where the server
    fails: then the same call goes on from what landed.
    """
    with locked(study, ADJUDICATE), Journal(study.journal) as journal:
        _fetch(study, studio, journal, say)
    labelled = run_labels(study)
    with locked(study, ADJUDICATE), Journal(study.journal) as journal:
        _ask(study, journal)
        tasks = asked_tasks(journal)
        works, sent = [], 0
        for slot in sorted({one.slot for one in tasks.values()}):
            mine = [one for one in tasks.values() if one.slot == slot]
            page = adjudication_page(adjudication_texts(mine[0].language), slot)
            place = made_project(studio, journal, slot, page, ADJUDICATION_PROJECT, anew=anew)
            sent += send(studio, journal, place, [{"uid": one.uid, **one.shown} for one in mine], say, pause)
            works.append(
                AdjudicationWork(
                    slot=slot,
                    project_id=place.project_id,
                    url=f"{studio.url}/projects/{place.project_id}/data?labeling=1",
                    tasks=len(mine),
                )
            )
        decided = read_table(study.tables, "adjudications", Adjudication)
    return Outcome(
        result=AdjudicateResult(slots=tuple(works), decided=len({one.uid for one in decided})),
        counts={"questions asked": len(tasks), "questions sent now": sent}
        | {f"rulings {ruling}": count for ruling, count in sorted(Counter(one.ruling for one in decided).items())},
        dropped=labelled.dropped,
        outputs=labelled.outputs,
        summary=tuple(f"{one.slot}: {one.tasks} questions at {one.url}" for one in works)
        + (("nothing is in doubt",) if not tasks else ("give each address to somebody who rated none of these",)),
        next_step=ADJUDICATE if len(tasks) > len({one.uid for one in decided}) else None,
    )


def _fetch(study: Study, studio: Studio, journal: Journal, say: Callable[[str], None]) -> None:
    """Keep what changed in each slot's latest project; one that is gone is told when it is opened."""
    latest = {one.slot.id: one for one in projects(journal, ADJUDICATION_PROJECT)}
    for one in latest.values():
        if studio.has_project(one.slot.project_id, one.marker):
            fetch(studio, study.root / FOLDER, one.key, one.slot.project_id, say)


def _ask(study: Study, journal: Journal) -> None:
    """Write down a task for every question in doubt that has none in that country."""
    questions = {one.id: one for one in read_table(study.tables, "questions", Question)}
    framework = load_framework(framework_name(study), study.root)
    kinds, rated = study_kinds(study), read_table(study.tables, "item_annotations", ItemAnnotation)
    said = votes_behind(one for one in rated if one.annotator_kind in kinds)
    known = {(one.question_id, one.country) for one in asked_tasks(journal).values()}
    with journal.batch():
        for label in read_table(study.tables, "item_labels", ItemLabel):
            key = (label.question_id, label.country)
            if not doubts_of(label) or key in known:
                continue
            question = questions[label.question_id]
            ask = adjudication_texts(question.language)
            aspect = plain_aspect(question, framework, question.language, study.root)
            task = adjudication_task(question, label, said.get(key, []), aspect, ask)
            _write_down(journal, task)


def _write_down(journal: Journal, task: AdjudicationTask) -> None:
    journal.begin_write(TASK, task.uid, task.model_dump_json())
    journal.finish_write(TASK, task.uid, "")
