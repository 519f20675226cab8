"""`annotate push`: the sample's tasks reach their slots' projects, each once, whatever happens on the way."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotation.assign import assign, slot_ids
from annotation.person import assignment, task_data
from annotation.projects import open_project
from annotation.studio import Studio
from annotation.sync.send import Pause, Say, send, sent_uids
from builder.frameworks import framework_path, load_framework
from builder.profiles.plain import plain_profile
from builder.run import require_fresh_until
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Produced, Stage, run_stage
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import read_table
from schemas.annotation import Assignment
from schemas.errors import StudyError
from schemas.questions import Instance, Question
from schemas.results import Outcome, PushResult, SlotWork
from schemas.study import AnnotateSection
from schemas.survey import Survey
from schemas.values import ValueProfile

STAGE = Stage(
    table="assignments",
    record=Assignment,
    version=2,
    inputs=("surveys", "profiles", "questions", "instances"),
    sections=("annotate",),
    makes_with="mvpbench annotate push",
)


@dataclass(frozen=True)
class _Material:
    """The tables that tasks are made of."""

    framework: str
    profiles: Mapping[str, str]
    """Respondent -> profile in plain words, of those who have an instance."""
    questions: Mapping[str, Question]
    instances: Mapping[str, Instance]


def push(
    study: Study,
    studio: Studio,
    *,
    say: Say,
    pause: Pause = time.sleep,
    language: str = "en",
    anew: bool = False,
) -> Outcome[PushResult]:
    """Send every task that is not on the server yet; run again, it sends none.

    `anew` replaces projects that were deleted by hand. Raises StudyError `slots-changed` and `project-gone`, and
    ServiceError where the server fails: then the same call goes on from what landed.
    """
    section = study.config.annotate
    with locked(study), Journal(study.journal) as journal:
        material = _read(study)
        _same_slots(journal, section)
        files = {"framework": framework_path(material.framework, study.root)}
        info = run_stage(study, STAGE, files, lambda: _sample(material, section, sent_uids(journal)))
        assigned = read_table(study.tables, STAGE.table, Assignment)
        superseded = len(sent_uids(journal) - {one.uid for one in assigned})
        tasks = _tasks(material, assigned)  # all of them before anything is sent
        works, sent = [], 0
        for name in slot_ids(section.slots):
            slot = open_project(studio, journal, name, language, anew=anew)
            sent += send(studio, journal, slot, tasks.get(name, []), say, pause)
            address = f"{studio.url}/projects/{slot.project_id}/data?labeling=1"
            works.append(SlotWork(slot=name, project_id=slot.project_id, url=address, tasks=len(tasks.get(name, []))))
        invitation = studio.invite_link()
    return Outcome(
        result=PushResult(slots=tuple(works), invite_link=invitation),
        counts={"tasks": len(assigned), "tasks sent now": sent}
        | ({"tasks superseded": superseded} if superseded else {}),
        dropped=info.dropped,
        summary=(
            f"raters sign up at {invitation}",
            *(f"{work.slot}: {work.tasks} tasks at {work.url}" for work in works),
            "give each rater the invitation and the address of one slot",
            *(
                (f"{superseded} tasks sent before show texts that changed: their answers do not count",)
                * bool(superseded)
            ),
        ),
        next_step="mvpbench annotate pull",
    )


def _read(study: Study) -> _Material:
    """Raises StudyError `table-missing` or `table-stale`: raters are shown nothing that the builder would make anew."""
    require_fresh_until(study, "instances")
    name = read_table(study.tables, "surveys", Survey)[0].framework
    framework = load_framework(name, study.root)
    profiles = {one.respondent_id: one for one in read_table(study.tables, "profiles", ValueProfile)}
    questions = {one.id: one for one in read_table(study.tables, "questions", Question)}
    instances = {one.id: one for one in read_table(study.tables, "instances", Instance)}
    for one in instances.values():
        if one.question_id not in questions or one.respondent_id not in profiles:
            raise StudyError(
                "tables-disagree",
                f"instance {one.id}",
                found=f"question {one.question_id}, respondent {one.respondent_id}",
                expected="both in the study's tables",
                way_out="run `mvpbench profile`, then `mvpbench generate`",
            )
    people = sorted({one.respondent_id for one in instances.values()})
    plain = {person: plain_profile(profiles[person], framework) for person in people}
    return _Material(framework=name, profiles=plain, questions=questions, instances=instances)


def _sample(material: _Material, section: AnnotateSection, sent: set[str]) -> Produced[Assignment]:
    """Return the assignments; pairs of which a task was sent before stay in the sample."""
    names = slot_ids(section.slots)
    instances = list(material.instances.values())
    keep = {one.pair_id for one in instances if one.pair_id and _was_sent(material, one, names, sent)}
    rows, dropped = assign(instances, material.questions, material.profiles, section.pairs, section.slots, keep)
    twice = len(rows) - len({one.instance_id for one in rows})
    return Produced(
        rows=rows, dropped=dropped, counts={"tasks": len(rows), "ratings beyond an instance's first": twice}
    )


def _was_sent(material: _Material, instance: Instance, slots: Sequence[str], sent: set[str]) -> bool:
    question, profile = material.questions[instance.question_id], material.profiles[instance.respondent_id]
    return any(assignment(instance, question, profile, slot).uid in sent for slot in slots)


def _tasks(material: _Material, assigned: Sequence[Assignment]) -> dict[str, list[dict[str, str]]]:
    """Return each slot's task data, in the order of the uids: a hash, so that the order says nothing."""
    tasks: dict[str, list[dict[str, str]]] = {}
    for one in assigned:
        instance = material.instances[one.instance_id]
        profile = material.profiles[instance.respondent_id]
        tasks.setdefault(one.slot, []).append(task_data(one, material.questions[instance.question_id], profile))
    return tasks


def _same_slots(journal: Journal, section: AnnotateSection) -> None:
    """Raise where the number of slots differs from the first push: a rater could get the other member of a pair."""
    known = journal.find_write("slots", "count") or journal.begin_write("slots", "count", str(section.slots))
    journal.finish_write("slots", "count", known.payload)
    if int(known.payload) != section.slots:
        raise StudyError(
            "slots-changed",
            "the number of raters cannot change once tasks were sent",
            where="study.yaml: annotate.slots",
            found=str(section.slots),
            expected=f"{known.payload}, as at the first push: else raters would see both members of a pair",
            way_out=f"set it back to {known.payload}",
        )
