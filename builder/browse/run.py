"""`generate --html`: what was generated, from a study's tables and journal to a page."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builder.browse.data import Cost, Generated, calls_of, total
from builder.browse.render import page
from builder.build import INSTANCES_STAGE, MATCHES_STAGE, QUESTIONS_STAGE
from builder.run import framework_of, stage_files, survey_of
from mvpbench.page import require_page_name
from mvpbench.store.atomic import write_atomic
from mvpbench.store.journal import AttemptRecord, Journal
from mvpbench.store.stage import Stage, why_stale
from mvpbench.store.study import Study
from mvpbench.store.tables import read_dropped, read_info, read_table
from schemas.errors import UserError
from schemas.questions import Instance, Match, Question
from schemas.results import Nothing, Outcome
from schemas.survey import Respondent
from schemas.values import ValueProfile

TABLES = ("matches", "questions", "instances")


def browse(study: Study, target: Path) -> Outcome[Nothing]:
    """Write the page of what the study has generated to `target`; nothing is generated, no table is touched.

    Tables that would be made anew now are shown as they are, and the page says so.

    Raises:
        ConfigError: `page-ending` where `target` is no name of a page.
        StudyError: `table-missing` before `generate`; a table or the journal cannot be read, the page not be written.
    """
    require_page_name(target)
    questions = read_table(study.tables, "questions", Question)
    instances = read_table(study.tables, "instances", Instance)
    survey = survey_of(study)
    with Journal(study.journal, view=True) as journal:
        calls = dict.fromkeys(call for question in questions for call in calls_of(question))
        costs = {call: _cost(journal.attempts(call)) for call in calls}
        spent = journal.spent()
    in_all = Cost(spent.calls, spent.usd, spent.prompt_tokens, spent.completion_tokens) if spent.attempts else None
    generated = Generated(
        questions=questions,
        instances=instances,
        matches=read_table(study.tables, "matches", Match),
        respondents=read_table(study.tables, "respondents", Respondent),
        profiles=read_table(study.tables, "profiles", ValueProfile),
        framework=framework_of(study),
        costs=costs,
        dropped={table: read_dropped(study.tables, table) for table in TABLES},
        spent=in_all,
        stale=_stale(study),
    )
    write_atomic(target, page(generated, synthetic=survey.synthetic, title=study.config.name))
    infos = [read_info(study.tables, table) for table in TABLES]
    dropped: dict[str, int] = {}
    for reasons in (info.dropped for info in infos if info is not None):
        for reason, count in reasons.items():
            dropped[reason] = dropped.get(reason, 0) + count
    cost = total(list(costs.values()))
    return Outcome(
        result=Nothing(),
        counts={"questions": len(questions), "instances": len(instances)},
        dropped=dropped,
        outputs=(str(target),),
        summary=(
            *_whose(survey.synthetic),
            *(["these questions cost " + f"{cost.usd:.2f} USD"] if cost.usd is not None else []),
            *(f"not what would be generated now: {reason}" for reason in generated.stale),
        ),
    )


def _whose(synthetic: bool) -> tuple[str, ...]:
    if synthetic:
        return ("SYNTHETIC: these people are made up; nothing here is about anybody.",)
    return ("the page holds personal data: values and demographics of people; keep it as the survey is kept",)


def _cost(attempts: Iterable[AttemptRecord]) -> Cost:
    """What one call came to: failed attempts are paid too."""
    made = [Cost(0, attempt.usd, attempt.prompt_tokens or 0, attempt.completion_tokens or 0) for attempt in attempts]
    return total(made)._replace(calls=1)


def _stale(study: Study) -> tuple[str, ...]:
    found: dict[str, None] = {}
    stages: tuple[Stage[Any], ...] = (MATCHES_STAGE, QUESTIONS_STAGE, INSTANCES_STAGE)
    for stage in stages:
        try:
            found |= dict.fromkeys(why_stale(study, stage, stage_files(study, stage.table)))
        except UserError as error:  # a file from outside is gone or cannot be read
            found[str(error)] = None
    return tuple(found)
