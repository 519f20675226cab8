"""`mvpbench profile`, `generate`, `audit`: from answers to audited questions."""

import math
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.prompt import Confirm

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, YesOption, perform, progress, say
from schemas.errors import CheckFailed, ConfigError, Stopped
from schemas.results import AuditResult, CheckOutcome, Nothing, Outcome

if TYPE_CHECKING:
    from mvpbench.store.study import Study


class BatchStep(StrEnum):
    """What is done with a batch."""

    SUBMIT = "submit"
    COLLECT = "collect"
    FORGET = "forget"


def _finite(most: float | None) -> float | None:
    """No sum is more than `nan` or infinity: they would bound nothing."""
    if most is not None and not math.isfinite(most):
        told = f"{most} bounds nothing."
        raise typer.BadParameter(told)
    return most


SPEND_NOTHING = ("--estimate", "--html", f"--batch {BatchStep.COLLECT}", f"--batch {BatchStep.FORGET}")
"""What `generate` does without a call that costs money."""

EstimateOption = Annotated[bool, typer.Option("--estimate", help="Say what writing will take, and call nothing.")]
MaxUsdOption = Annotated[
    float | None,
    typer.Option(
        "--max-usd",
        min=0,
        metavar="X",
        callback=_finite,
        help="Stop before the calls of this run cost more than X dollars.",
    ),
]
BatchOption = Annotated[
    BatchStep | None,
    typer.Option("--batch", help="Hand the calls over as a batch, collect what it brought, or give it up."),
]
PreviewOption = Annotated[
    int | None,
    typer.Option("--preview", min=1, metavar="N", help="Have about N questions written and show them."),
]
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="PAGE.html", help="Write a page of what was generated; generates nothing."),
]


def profile(study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """Score every respondent's values, with standard errors and levels."""

    def work() -> Outcome[Nothing]:
        from builder.run import run_profile
        from mvpbench.store.study import open_study

        return run_profile(open_study(study))

    perform("profile", as_json, work)


def generate(
    study: StudyOption = HERE,
    as_json: JsonOption = False,
    yes: YesOption = False,
    estimate: EstimateOption = False,
    preview: PreviewOption = None,
    max_usd: MaxUsdOption = None,
    batch: BatchOption = None,
    html: HtmlOption = None,
) -> None:
    """Match counterparts, have questions written for them, and put each to both."""

    def work() -> Outcome[Any]:
        from builder.browse import browse
        from builder.generate import estimate_questions, preview_questions, run_generate
        from mvpbench.store.study import open_study

        doing = {"--estimate": estimate, "--preview": preview is not None, "--html": html is not None}
        _require_fit(doing | {f"--batch {batch or ''}": batch is not None}, max_usd)
        opened = open_study(study)
        if html is not None:
            return browse(opened, html)
        confirm = confirming(yes)
        if estimate:
            return estimate_questions(opened)
        if preview is not None:
            return preview_questions(opened, preview, say, confirm, max_usd)
        if batch is not None:
            return _in_batches(batch, opened, confirm, max_usd)
        return run_generate(opened, say, confirm, max_usd)

    perform("generate", as_json, work)


def _in_batches(
    step: BatchStep, study: "Study", confirm: Callable[[str | None], None], max_usd: float | None
) -> Outcome[Any]:
    from builder.batches import collect_batch, forget_batches, submit_batch

    match step:
        case BatchStep.SUBMIT:
            return submit_batch(study, say, confirm, max_usd)
        case BatchStep.COLLECT:
            return collect_batch(study, say)
        case BatchStep.FORGET:
            return forget_batches(study, say, confirm)


def _require_fit(doing: Mapping[str, bool], max_usd: float | None) -> None:
    """Refuse two things to do at once, and a bound where nothing is spent."""
    named = [option for option, is_asked in doing.items() if is_asked]
    if len(named) > 1:
        raise ConfigError(
            "options-unfit", "options", found=" and ".join(named), expected="one of them", way_out="leave one away"
        )
    if max_usd is not None and named and named[0] in SPEND_NOTHING:
        raise ConfigError(
            "options-unfit",
            "options",
            found=f"{named[0]} and --max-usd",
            expected="a bound where something is spent",
            way_out="leave --max-usd away",
        )


def audit(study: StudyOption = HERE, as_json: JsonOption = False, yes: YesOption = False) -> None:
    """Measure what must not predict the answer; exit 1 where it does."""

    def work() -> Outcome[AuditResult]:
        from builder.audit import run_audit
        from mvpbench.store.study import open_study

        return run_audit(open_study(study), say, confirming(yes))

    perform("audit", as_json, work, objection=_failed)


def _failed(result: AuditResult) -> CheckFailed | None:
    failed = [check for check in result.checks if check.outcome is CheckOutcome.FAILED and not check.comparison]
    if not failed:
        return None
    return CheckFailed(
        "audit-failed",
        "audit",
        found=f"{len(failed)} of {len(result.checks)} checks failed: {', '.join(check.name for check in failed)}",
        expected="questions and pairs that do not give the expected answer away",
        way_out="mend what failed, then run `mvpbench generate` and `mvpbench audit` again",
    )


def confirming(yes: bool) -> Callable[[str | None], None]:
    """Return what asks before money is spent: on a terminal, else `--yes` is needed; no price asks nothing."""

    def ask(price: str | None) -> None:
        if price is None or yes:
            return
        if not sys.stdin.isatty():
            raise ConfigError(
                "needs-yes",
                "spending",
                found=f"{price}, and no terminal to ask on",
                expected="a yes",
                way_out="run the command again with --yes",
            )
        try:
            agreed = Confirm.ask(f"{escape(price)}. Go on?", console=progress, default=False)
        except EOFError:
            agreed = False
        if not agreed:
            raise Stopped("declined", "spending", found="no", way_out="nothing was spent")

    return ask
