"""The judge's pass over what was written: what it finds wrong is dropped, and why is kept.

Nothing of it is recorded with the question. Its calls are in the journal: the same judge says the same again for
nothing, and another judge, or none, is another table.
"""

from collections.abc import Callable

from builder.asking import Calls, require_all, seat
from builder.readers import judge, judge_price
from mvpbench.chat.budget import Budget
from mvpbench.chat.endpoint import require_endpoint
from mvpbench.chat.engine import CallFailed
from mvpbench.store.stage import Produced
from schemas.questions import Dropped, Judged, Question
from schemas.study import ReaderSection

NOT_JUDGED = "not-judged"
"""Flag: a judge was asked and no verdict came."""


def require_judge(section: ReaderSection, budget: Budget) -> None:
    """See that the judge could be asked before a writer is paid. Raises ConfigError as its own calls would."""
    endpoint, price = seat(section)
    require_endpoint(endpoint)
    budget.require_price(known=price is not None, model=section.model)


def judge_pass(
    made: Produced[Question], calls: Calls[ReaderSection], confirm: Callable[[str | None], None]
) -> Produced[Question]:
    """Return `made` without the questions that the judge found faulty; dropped by `judged-<code>`, its first code.

    `confirm` is called first with what the judge is about to cost. Raises what `judge` does, and Stopped `calls-left`
    where a verdict did not come for a reason that passes.
    """
    confirm(judge_price(made.rows, calls.section, calls.journal))
    found = judge(made.rows, calls)
    require_all(list(found.values()), "the judge", "a verdict on each question")
    rows: list[Question] = []
    dropped: list[Dropped] = []
    for question in made.rows:
        verdict = found[question.id]
        if isinstance(verdict, CallFailed):
            rows.append(question.model_copy(update={"flags": (*question.flags, NOT_JUDGED)}))
        elif verdict.problems:
            dropped += _dropped(question, verdict)
        else:
            rows.append(question.model_copy(update={"judged": verdict}))
    counts = {
        **made.counts,
        "questions": len(rows),
        "questions judged": sum(isinstance(one, Judged) for one in found.values()),
        "questions judged faulty": len(made.rows) - len(rows),
    }
    return Produced(rows=rows, dropped=[*made.dropped, *dropped], counts=counts)


def _dropped(question: Question, verdict: Judged) -> list[Dropped]:
    detail = f"{question.id}: {', '.join(verdict.problems)}, call {verdict.call_id}"
    return [
        Dropped(stage="generate", subject=purpose, reason=f"judged-{verdict.problems[0]}", detail=detail)
        for purpose in question.pairs
    ]
