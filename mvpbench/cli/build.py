"""`mvpbench profile`, `generate`, `audit`: from answers to audited questions."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.markup import escape
from rich.prompt import Confirm

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, YesOption, perform, progress, say
from schemas.errors import CheckFailed, ConfigError, Stopped
from schemas.results import AuditResult, CheckOutcome, Nothing, Outcome

PreviewOption = Annotated[
    int | None, typer.Option("--preview", min=1, metavar="N", help="Write N questions, show them, keep nothing.")
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
    preview: PreviewOption = None,
    html: HtmlOption = None,
) -> None:
    """Match counterparts, have questions written for them, and put each to both."""

    def work() -> Outcome[Nothing]:
        from builder.browse import browse
        from builder.run import preview_questions, run_generate
        from mvpbench.store.study import open_study

        opened = open_study(study)
        if html is not None:
            if preview is not None:
                _refuse_both("--preview", "--html")
            return browse(opened, html)
        confirm = confirming(yes)
        if preview is not None:
            return preview_questions(opened, preview, say, confirm)
        return run_generate(opened, say, confirm)

    perform("generate", as_json, work)


def _refuse_both(one: str, other: str) -> NoReturn:
    way_out = "leave one of them out"
    raise ConfigError("options-unfit", "options", found=f"{one} and {other}", expected="one of them", way_out=way_out)


def audit(study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """Measure what must not predict the answer; exit 1 where it does."""

    def work() -> Outcome[AuditResult]:
        from builder.audit import run_audit
        from mvpbench.store.study import open_study

        return run_audit(open_study(study), say)

    perform("audit", as_json, work, objection=_failed)


def _failed(result: AuditResult) -> CheckFailed | None:
    failed = [check for check in result.checks if check.outcome is CheckOutcome.FAILED]
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
