"""Simulated annotators: they sign up through the invite link and answer one task at a time, as a browser would.

They stand in for people in demos, tests and dry runs. What they say is recorded as `simulated` and never counts as
human annotation.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence

from annotation.assigned import read_assigned
from annotation.projects import ANNOTATOR, annotator_id, current_projects
from annotation.studio import Studio
from annotation.web import Session
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import has_table, read_table
from schemas.annotation import Annotation, Annotator, AnnotatorKind, Slot, Vote
from schemas.errors import StudyError
from schemas.identity import uniform
from schemas.record import Record
from schemas.results import Outcome, SimulateResult

RELIABILITIES = (0.92, 0.85, 0.78)
SLIPS = ((0.60, "other"), (0.75, Vote.BOTH.value), (0.85, Vote.NEITHER.value), (1.0, Vote.CANNOT_TELL.value))
"""What is said where the expected answer is not: cumulative probability -> vote."""
SURENESSES = ((0.5, "sure"), (0.85, "fairly_sure"), (1.0, "guessing"))
SIMULATED = "@simulated.invalid"
"""How the address of every simulated annotator's account ends."""
LEAD_TIME_S = (8.0, 45.0)
TOLD_EVERY = 20


class SimulatedAnnotator(Record):
    """Who answers one slot's tasks, and how well."""

    name: str
    slot: str
    reliability: float
    """The probability of naming the expected answer; slips go by `SLIPS`."""


def panel(slots: Sequence[str]) -> tuple[SimulatedAnnotator, ...]:
    """Return one annotator a slot, of differing reliability."""
    return tuple(
        SimulatedAnnotator(name=f"sim-{slot}", slot=slot, reliability=RELIABILITIES[rank % len(RELIABILITIES)])
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
    truth = {one.uid: "AB"[one.answer_order.index(instances[one.instance_id].expected)] for one in assigned}
    with locked(study), Journal(study.journal) as journal:
        slots = {one.slot.id: one.slot for one in current_projects(studio, journal)}
        entered = [(one, _enter(studio, journal, one, slots[one.slot])) for one in annotators or panel(tuple(slots))]
    answered = {one.name: _work(session, slots[one.slot].project_id, one, truth, say) for one, session in entered}
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
        return f"{len(accounts)} accounts of people"
    if has_table(study.tables, "annotations"):
        human = [
            one
            for one in read_table(study.tables, "annotations", Annotation)
            if one.annotator_kind is AnnotatorKind.HUMAN
        ]
        return f"{len(human)} answers by people in the table annotations" if human else None
    return None


def vote(annotator: SimulatedAnnotator, uid: str, truth: str) -> str:
    """Return the preference code said of a task whose expected answer is shown as `truth` (A or B)."""
    if uniform("simulated-vote", annotator.name, uid) < annotator.reliability:
        return truth
    slip = _draw(SLIPS, "simulated-slip", annotator.name, uid)
    return {"A": "B", "B": "A"}[truth] if slip == "other" else slip


def result_of(preference: str, sureness: str) -> list[dict[str, object]]:
    """Return the annotation as Label Studio's own interface would send it."""
    return [
        {
            "from_name": name,
            "to_name": "question",
            "type": "choices",
            "value": {"choices": [code]},
        }
        for name, code in (("preference", preference), ("sureness", sureness))
    ]


def _draw(table: Sequence[tuple[float, str]], purpose: str, *parts: str) -> str:
    at = uniform(purpose, *parts)
    return next(value for bound, value in table if at < bound)


def _enter(studio: Studio, journal: Journal, annotator: SimulatedAnnotator, slot: Slot) -> Session:
    """Sign up, or log in where that was done before. The kind is on record before the first answer is given."""
    email = f"{annotator.name}{SIMULATED}"
    # Derived from the owner's secret, so that it needs no place of its own and nobody else can log in.
    password = hmac.new(studio.token.encode(), annotator.name.encode(), hashlib.sha256).hexdigest()
    session = Session(studio.url)
    if not session.log_in(email, password):
        session.sign_up(studio.invite_link(), email, password)
    name = annotator_id(journal, slot.server, session.whoami())
    known = Annotator(id=name, kind=AnnotatorKind.SIMULATED, slot=slot.id)
    journal.begin_write(ANNOTATOR, f"{known.id}/{known.slot}", email)
    journal.finish_write(ANNOTATOR, f"{known.id}/{known.slot}", known.model_dump_json())
    return session


def _work(
    session: Session,
    project_id: int,
    annotator: SimulatedAnnotator,
    truth: Mapping[str, str],
    say: Callable[[str], None],
) -> int:
    """Answer the queue's tasks until it is empty; return how many."""
    done = 0
    while (task := session.next_task(project_id)) is not None:
        task_id, uid = task
        preference = vote(annotator, uid, truth[uid]) if uid in truth else Vote.CANNOT_TELL.value
        sureness = _draw(SURENESSES, "simulated-sureness", annotator.name, uid)
        shortest, longest = LEAD_TIME_S
        lead_time = shortest + (longest - shortest) * uniform("simulated-lead-time", annotator.name, uid)
        session.annotate(task_id, result_of(preference, sureness), round(lead_time, 1))
        done += 1
        if done % TOLD_EVERY == 0:
            say(f"{annotator.name}: {done} tasks answered")
    say(f"{annotator.name}: {done} tasks answered, none left")
    return done
