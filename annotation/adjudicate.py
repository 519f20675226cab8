"""`annotate adjudicate`: what adjudicators decided is fetched, and what is in doubt is put to them, once."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set

from annotation.adjudication.decided import TASK, asked_tasks, bring_adjudications, fetch_decisions
from annotation.adjudication.due import due
from annotation.adjudication.interface import adjudication_page, adjudication_texts
from annotation.adjudication.task import adjudication_task
from annotation.declare import declarations, study_kinds
from annotation.labels import run_labels, votes_behind
from annotation.projects import ADJUDICATION_PROJECT, made_project, projects
from annotation.sample.read import framework_name
from annotation.studio import Studio
from annotation.sync.send import landed_uids, send
from builder.frameworks import framework_words, load_framework
from builder.profiles.plain import plain_aspect
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import read_table
from schemas.annotation import Assignment, ItemAnnotation, Slot
from schemas.labels import Adjudication, AdjudicationTask, ItemLabel
from schemas.questions import Question
from schemas.results import AdjudicateResult, AdjudicationWork, Outcome
from schemas.wording import plural

ADJUDICATE = "mvpbench annotate adjudicate"
WAITING = "questions in doubt, wait for raters"


def adjudicate(
    study: Study,
    studio: Studio,
    *,
    say: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
    anew: bool = False,
) -> Outcome[AdjudicateResult]:
    """Fetch decisions, bring the labels of questions up to them, and send what is in doubt and was not asked before.

    Run again, it asks nothing twice. A question is asked once a country, when every slot of the item task has answered
    it there, however its label changes afterwards; a project made anew gets what is undecided alone. Raises StudyError
    `project-gone` or `another-server` unless `anew`, `table-missing` before `annotate pull`, and ServiceError where the
    server fails: then the same call goes on from what landed.
    """
    with locked(study, ADJUDICATE), Journal(study.journal) as journal:
        fetch_decisions(study, studio, journal, say)
    labelled = run_labels(study)
    with locked(study, ADJUDICATE), Journal(study.journal) as journal:
        waiting = _ask(study, journal)
        tasks = asked_tasks(journal)
        undecided = tasks.keys() - {one.uid for one in read_table(study.tables, "adjudications", Adjudication)}
        works, sent = [], 0
        for slot in sorted({one.slot for one in tasks.values()}):
            mine = [one for one in tasks.values() if one.slot == slot]
            page = adjudication_page(adjudication_texts(mine[0].language), slot)
            place = made_project(studio, journal, slot, page, ADJUDICATION_PROJECT, anew=anew)
            due_here = _due_in(place, journal, mine, undecided)
            sent += send(studio, journal, place, [{"uid": one.uid, **one.shown} for one in due_here], say, pause)
            works.append(
                AdjudicationWork(
                    slot=slot,
                    project_id=place.project_id,
                    url=f"{studio.url}/projects/{place.project_id}/data?labeling=1",
                    tasks=len(due_here),
                )
            )
        bring_adjudications(study, journal)  # it depends on what was asked: a release takes no stale table
        decided = read_table(study.tables, "adjudications", Adjudication)
    return Outcome(
        result=AdjudicateResult(slots=tuple(works), decided=len({one.uid for one in decided})),
        counts={"questions asked": len(tasks), "questions sent now": sent}
        | ({WAITING: waiting} if waiting else {})
        | {f"rulings {ruling}": count for ruling, count in sorted(Counter(one.ruling for one in decided).items())},
        dropped=labelled.dropped,
        outputs=labelled.outputs,
        summary=tuple(_in_words(works, waiting)),
        next_step=ADJUDICATE if len(tasks) > len({one.uid for one in decided}) else None,
    )


def _due_in(
    place: Slot, journal: Journal, tasks: Sequence[AdjudicationTask], undecided: Set[str]
) -> Sequence[AdjudicationTask]:
    """Return the slot's tasks that belong into its project: into a second one not what was decided in the first."""
    if sum(one.slot.id == place.id for one in projects(journal, ADJUDICATION_PROJECT)) < 2:  # noqa: PLR2004 - a second
        return tasks
    due_there = landed_uids(journal, place) | undecided
    return [one for one in tasks if one.uid in due_there]


def _in_words(works: Sequence[AdjudicationWork], waiting: int) -> Iterator[str]:
    asked = [one for one in works if one.tasks]
    for one in asked:
        yield f"{one.slot}: {plural(one.tasks, 'question')} at {one.url}"
    if asked:
        yield "give each address to somebody who rated none of these"
    if waiting:
        yield f"{plural(waiting, 'question')} in doubt: raters who have not answered yet are waited for"
    elif not works:
        yield "nothing is in doubt"


def _ask(study: Study, journal: Journal) -> int:
    """Write down a task for every question in doubt that has none in that country; return how many wait for raters."""
    questions = {one.id: one for one in read_table(study.tables, "questions", Question)}
    framework = load_framework(framework_name(study), study.root)
    answers = read_table(study.tables, "item_annotations", ItemAnnotation)
    kinds, declared = study_kinds(study), declarations(journal)
    said = votes_behind(one for one in answers if one.annotator_kind in kinds)
    found = due(
        read_table(study.tables, "item_labels", ItemLabel),
        asked_tasks(journal).values(),
        read_table(study.tables, "assignments", Assignment),
        {one.uid for one in answers}.union(declared[-1].waived if declared else ()),
    )
    with journal.batch():
        for label in found.now:
            question = questions[label.question_id]
            ask = adjudication_texts(question.language)
            aspect = plain_aspect(question, framework_words(framework, question.language, study.root))
            behind = said.get((label.question_id, label.country), [])
            _write_down(journal, adjudication_task(question, label, behind, aspect, ask))
    return len(found.waiting)


def _write_down(journal: Journal, task: AdjudicationTask) -> None:
    journal.begin_write(TASK, task.uid, task.model_dump_json())
    journal.finish_write(TASK, task.uid, "")
