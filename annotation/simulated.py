"""Simulated annotators: they sign up through the invite link and answer one task at a time, as a browser would.

They stand in for people in demos, tests and dry runs. What they say is recorded as `simulated` and never counts as
human annotation.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from annotation.accounts import Account, Accounts, note_annotator, pulled_of
from annotation.assigned import read_assigned
from annotation.projects import current_projects
from annotation.server.state import FOLDER
from annotation.slots import place_of
from annotation.studio import Studio
from annotation.web import Session
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import has_table, read_table
from schemas.annotation import (
    Annotation,
    Annotator,
    AnnotatorKind,
    Assignment,
    ItemDefect,
    Purpose,
    TaskKind,
    Vote,
)
from schemas.errors import StudyError
from schemas.identity import uniform
from schemas.questions import Instance, Question
from schemas.record import Record
from schemas.results import Outcome, SimulateResult
from schemas.wording import plural

RELIABILITIES = (0.92, 0.85, 0.78)
SLIPS = ((0.60, "other"), (0.75, Vote.BOTH.value), (0.85, Vote.NEITHER.value), (1.0, Vote.CANNOT_TELL.value))
"""What is said where the expected answer is not: cumulative probability -> vote."""
SURENESSES = ((0.5, "sure"), (0.85, "fairly_sure"), (1.0, "guessing"))
SIMULATED = "@simulated.invalid"
"""How the address of every simulated annotator's account ends."""
FALSE_ALARM = 0.03
"""The probability of a defect said of a sound question."""
LEAD_TIME_S = (25.0, 90.0)
"""Of a task, as people take who read it: 200 words and a choice."""
TOLD_EVERY = 10


class SimulatedAnnotator(Record):
    """Who answers one slot's tasks, and how well."""

    name: str
    slot: str
    reliability: float
    """The probability of naming the right answer, and of seeing a planted defect; slips go by `SLIPS`."""


class Truth(NamedTuple):
    """What a perfect rater says of a task."""

    choice: str
    """A or B."""
    defects: tuple[str, ...] = ()


def panel(slots: Sequence[str]) -> tuple[SimulatedAnnotator, ...]:
    """Return one annotator a slot, of differing reliability."""
    return tuple(
        SimulatedAnnotator(name=f"sim-{slot.lower()}", slot=slot, reliability=RELIABILITIES[rank % len(RELIABILITIES)])
        for rank, slot in enumerate(slots)
    )


def simulate(
    study: Study,
    studio: Studio,
    *,
    say: Callable[[str], None],
    annotators: Sequence[SimulatedAnnotator] | None = None,
    yes: bool = False,
) -> Outcome[SimulateResult]:
    """Let simulated annotators (by default one a slot) answer every task that is not answered yet.

    A task that they answered is not served to people any more: where people take part, or may (`annotate.url`), nothing
    is done unless `yes`. Stoppable at any point: the server's queue does not serve an answered task again, so the next
    call goes on. Raises ServiceError for a server that fails, StudyError `people-take-part`, and `project-gone`,
    `not-pushed` and `tables-disagree` as `pull` does.
    """
    assigned, instances = read_assigned(study)
    if not yes and (people := _people(study, studio)):
        raise StudyError(
            "people-take-part",
            "simulated annotators would take the tasks that are for people",
            where=studio.url,
            found=people,
            expected="a study of its own for a dry run, on the server of `mvpbench annotate serve`",
            way_out="rehearse with `mvpbench demo`, or in a study of its own made from the same survey file;"
            " if the tasks may be used up, run the command again with --yes",
        )
    questions = {one.id: one for one in read_table(study.tables, "questions", Question)}
    known = {one.uid: truth(one, instances, questions) for one in assigned}
    with locked(study), Journal(study.journal) as journal:
        slots = {one.slot.id: one.slot for one in current_projects(studio, journal)}
        accounts = Accounts(journal, pulled_of(study.root / FOLDER, journal))
        entered = [(one, _enter(studio, one)) for one in annotators or panel(tuple(slots))]
        joined = studio.joined()
        for one, session in entered:  # the kind is on record before the first answer is given
            user = session.whoami()
            account = Account(slots[one.slot].server, user, joined.get(user))
            annotator = Annotator(id=accounts.id_of(account), kind=AnnotatorKind.SIMULATED, slot=one.slot)
            note_annotator(journal, annotator, _address(one), account)
    answered = {one.name: _work(session, slots[one.slot].project_id, one, known, say) for one, session in entered}
    total = sum(answered.values())
    return Outcome(
        result=SimulateResult(answered=answered),
        counts={"simulated annotations": total},
        next_step="mvpbench annotate pull",
    )


def _people(study: Study, studio: Studio) -> str | None:
    """Return in words why people take part in the study, or may; None where nothing says so."""
    if study.config.annotate.url is not None:
        return "a server of your own in `annotate.url`"
    accounts = [email for email in studio.accounts() if not email.endswith(SIMULATED)]
    if accounts:
        return f"{plural(len(accounts), 'account')} of people"
    if has_table(study.tables, "annotations"):
        human = [
            one
            for one in read_table(study.tables, "annotations", Annotation)
            if one.annotator_kind is AnnotatorKind.HUMAN
        ]
        return f"{plural(len(human), 'answer')} by people in the table annotations" if human else None
    return None


def truth(assigned: Assignment, instances: Mapping[str, Instance], questions: Mapping[str, Question]) -> Truth:
    """Return what a perfect rater says of a task: the expected answer, the side asked for, the planted defect."""
    if assigned.purpose is Purpose.COMPREHENSION:
        return Truth("AB"[assigned.answer_order.index(str(assigned.right))])
    if assigned.task is TaskKind.PERSON:
        return Truth("AB"[assigned.answer_order.index(instances[str(assigned.instance_id)].expected)])
    asked = questions[str(assigned.question_id)].answer_on(str(assigned.asked_side)).id
    planted = (ItemDefect.OFF_TOPIC.value,) if assigned.purpose is Purpose.VIOLATION else ()
    return Truth("AB"[assigned.answer_order.index(asked)], planted)


def vote(annotator: SimulatedAnnotator, uid: str, right: str) -> str:
    """Return the preference code said of a task whose right answer is shown as `right` (A or B)."""
    if uniform("simulated-vote", annotator.name, uid) < annotator.reliability:
        return right
    slip = _draw(SLIPS, "simulated-slip", annotator.name, uid)
    return {"A": "B", "B": "A"}[right] if slip == "other" else slip


def result_of(preference: str, sureness: str) -> list[dict[str, object]]:
    """Return an annotation of the person task as Label Studio's own interface would send it."""
    return [_choices("preference", [preference]), _choices("sureness", [sureness])]


def item_result_of(side: str, defects: Sequence[str] = ()) -> list[dict[str, object]]:
    """Return an annotation of the item task as Label Studio's own interface would send it."""
    return [_choices("side", [side]), *([_choices("defects", list(defects))] if defects else [])]


def _choices(name: str, codes: list[str]) -> dict[str, object]:
    return {"from_name": name, "to_name": "question", "type": "choices", "value": {"choices": codes}}


def _says(annotator: SimulatedAnnotator, uid: str, task: TaskKind, right: Truth | None) -> list[dict[str, object]]:
    """What the annotator says of a task; `right` is None where its texts have changed since it was sent."""
    if right is None:
        cannot = Vote.CANNOT_TELL.value
        return result_of(cannot, "guessing") if task is TaskKind.PERSON else item_result_of(cannot)
    choice = vote(annotator, uid, right.choice)
    if task is TaskKind.PERSON:
        return result_of(choice, _draw(SURENESSES, "simulated-sureness", annotator.name, uid))
    sees = uniform("simulated-defect", annotator.name, uid)
    seen = right.defects if sees < annotator.reliability else ()
    if not right.defects and sees < FALSE_ALARM:
        seen = (ItemDefect.STEREOTYPE.value,)
    return item_result_of(choice, seen)


def _draw(table: Sequence[tuple[float, str]], purpose: str, *parts: str) -> str:
    at = uniform(purpose, *parts)
    return next(value for bound, value in table if at < bound)


def _address(annotator: SimulatedAnnotator) -> str:
    return f"{annotator.name}{SIMULATED}"


def _enter(studio: Studio, annotator: SimulatedAnnotator) -> Session:
    """Sign up, or log in where that was done before."""
    email = _address(annotator)
    # Derived from the owner's secret, so that it needs no place of its own and nobody else can log in.
    password = hmac.new(studio.token.encode(), annotator.name.encode(), hashlib.sha256).hexdigest()
    session = Session(studio.url)
    if not session.log_in(email, password):
        session.sign_up(studio.invite_link(), email, password)
    return session


def _work(
    session: Session,
    project_id: int,
    annotator: SimulatedAnnotator,
    known: Mapping[str, Truth],
    say: Callable[[str], None],
) -> int:
    """Answer the queue's tasks until it is empty; return how many."""
    done, kind = 0, place_of(annotator.slot).task
    while (task := session.next_task(project_id)) is not None:
        task_id, uid = task
        said = _says(annotator, uid, kind, known.get(uid))
        shortest, longest = LEAD_TIME_S
        lead_time = shortest + (longest - shortest) * uniform("simulated-lead-time", annotator.name, uid)
        session.annotate(task_id, said, round(lead_time, 1))
        done += 1
        if done % TOLD_EVERY == 0:
            say(f"{annotator.name}: {plural(done, 'task')} answered")
    say(f"{annotator.name}: {plural(done, 'task')} answered, none left")
    return done
