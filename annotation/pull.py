"""`annotate pull`: what raters said so far, brought into tables; run again without new answers, it changes nothing."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain
from pathlib import Path

from annotation.accounts import Accounts, Pulled, note_simulated, pulled_of
from annotation.adjudication.decided import fetch_decisions, let_decisions_go
from annotation.assigned import read_assigned
from annotation.collect import GONE, Collected, Export, Raters, Sent, collect
from annotation.declare import declarations, pulled_answers, sample_progress
from annotation.projects import ADJUDICATION_PROJECT, annotators, current_projects, projects, projects_there
from annotation.server.state import FOLDER
from annotation.studio import Studio
from annotation.sync.accepted import accepted_names
from annotation.sync.fetch import Ask, AskNow, Fetched, fetch
from annotation.sync.kept import by_number, let_go, said, stored
from annotation.sync.send import sent_uids
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Produced, Stage, run_stage
from mvpbench.store.study import Study, locked
from schemas.annotation import Annotation, CheckAnnotation, ItemAnnotation
from schemas.results import Outcome, PullResult
from schemas.wording import plural

PULL = "mvpbench annotate pull"
STAGE = Stage(
    table="annotations",
    record=Annotation,
    version=4,
    inputs=("instances", "assignments"),
    makes_with=PULL,
)
ITEMS_STAGE = Stage(
    table="item_annotations", record=ItemAnnotation, version=2, inputs=("assignments",), makes_with=PULL
)
CHECKS_STAGE = Stage(
    table="check_annotations", record=CheckAnnotation, version=2, inputs=("assignments",), makes_with=PULL
)
OVERRULED = "answers taken in an earlier version"
AGAIN = f"{PULL}, when raters have gone on"
STAGES = (STAGE, ITEMS_STAGE, CHECKS_STAGE)


def pull(
    study: Study, studio: Studio, *, say: Callable[[str], None], accept_deletions: bool = False, whole: bool = False
) -> Outcome[PullResult]:
    """Bring the tables of annotations to what was said so far.

    What the server said is kept as it came (`annotation.sync.kept`), apart from its reading: an answer that was pulled
    counts although it is deleted on the server since, alone or with its project. `accept_deletions` leaves out those
    deleted alone (`deleted-on-server`). With `whole` what the server says now of an answer counts: a server whose clock
    was put back stamps changes before those that were seen; not so where the study accepted the difference
    (`reconcile`). Both ask for all there is, in slots' earlier projects too, instead of what changed in the latest.

    Raises StudyError `not-pushed`, `project-gone`, `tables-disagree`, `export-misfit`, and ServiceError where the
    server fails.
    """
    with locked(study), Journal(study.journal) as journal:
        assigned, _ = read_assigned(study)
        current = current_projects(studio, journal)
        folder = study.root / FOLDER
        all_there = Ask.WHOLE if accept_deletions else Ask.CHANGES
        ask = AskNow(accepted_names(journal)) if whole else all_there
        asked = current if ask is Ask.CHANGES else projects_there(studio, journal)
        fetched = fetch(studio, folder, {one.key: one.slot.project_id for one in asked}, say, ask=ask)
        say(f"{plural(len(asked), 'project')} fetched")
        fetched += fetch_decisions(study, studio, journal, say, ask=ask)
        overruled = _overruled(fetched, say)
        if accept_deletions:
            let_decisions_go(study, journal)
            for one in projects(journal):
                let_go(folder, one.key)

        @cache
        def collected() -> Collected:
            sent = Sent({one.uid: one for one in assigned}, sent_uids(journal))
            exports = _exports(study, journal)
            rated = (Pulled(one.slot.server, two.annotation) for one in exports for two in one.said)
            accounts = Accounts(journal, chain(rated, pulled_of(folder, journal, ADJUDICATION_PROJECT)))
            note_simulated(studio, journal, current[0].slot.server, accounts)
            return collect(exports, sent, Raters(accounts.identify, annotators(journal)))

        files = export_files(study, journal)
        info = run_stage(study, STAGE, files, lambda: _with_drops(collected()))
        run_stage(study, ITEMS_STAGE, files, lambda: Produced(collected().items))
        run_stage(study, CHECKS_STAGE, files, lambda: Produced(collected().checks))
        answers = pulled_answers(study)
        sample = sample_progress(declarations(journal), assigned, answers)
    gone = info.counts.get(GONE, 0)
    if gone:
        deleted = plural(gone, "answer")
        say(f"deleted on the server since they were pulled, and counted: {deleted}; --accept-deletions leaves them out")
    answered, by_slot = len({one.uid for one in answers}), Counter(one.slot for one in answers)
    counts = {"annotations": len(answers), "tasks": len(assigned), "tasks answered": answered}
    return Outcome(
        result=PullResult(
            annotations=len(answers),
            tasks=len(assigned),
            answered=answered,
            by_slot={one.slot.id: by_slot[one.slot.id] for one in current},
        ),
        counts=counts | {name: count for name, count in ((GONE, gone), (OVERRULED, overruled)) if count},
        dropped=info.dropped,
        outputs=tuple(f"tables/{stage.table}.parquet" for stage in STAGES),
        next_step="mvpbench agree" if sample.lacking is None else AGAIN,
    )


def _overruled(fetched: Iterable[Fetched], say: Callable[[str], None]) -> int:
    """Tell and return how many answers were taken in an earlier version; tell of how many that was accepted."""
    fetched = list(fetched)
    taken, stand = sum(one.overruled for one in fetched), sum(one.stand for one in fetched)
    if taken:
        now = "is now as the server has it" if taken == 1 else "are now as the server has them"
        say(f"{plural(taken, 'answer')} {now}, stamped earlier than what was pulled")
    if stand:
        left = plural(stand, "answer")
        say(f"left as pulled although the server has an earlier version, as was accepted: {left}")
    return taken


def _with_drops(collected: Collected) -> Produced[Annotation]:
    """The drops of all three tables go beside the first: an answer that cannot be read is of no kind."""
    counts = {"annotations": len(collected.annotations), GONE: collected.gone}
    return Produced(rows=collected.annotations, dropped=collected.dropped, counts=counts)


def export_files(study: Study, journal: Journal) -> dict[str, Path]:
    """Return the files of what was pulled, by names that say of which project.

    Where accounts are known by their numbers alone, who adjudicated says more of who rated.
    """
    folder, rated, decided = study.root / FOLDER, projects(journal), projects(journal, ADJUDICATION_PROJECT)
    told = decided if any(by_number(folder, one.key) for one in (rated + decided) * bool(decided)) else []
    return {name: path for one in rated + told for name, path in stored(folder, one.key).items()}


def _exports(study: Study, journal: Journal) -> list[Export]:
    folder = study.root / FOLDER
    return [Export(one.slot, said(folder, one.key)) for one in projects(journal) if stored(folder, one.key)]
