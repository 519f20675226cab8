"""`mvpbench country`: list, init, check, pilot, report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mvpbench.cli.build import confirming
from mvpbench.cli.frame import HERE, JsonOption, StudyOption, YesOption, perform, say
from schemas.errors import CheckFailed
from schemas.readiness import CheckResult, CountryList, DraftResult, ExplainResult, PilotResult, ReportResult
from schemas.results import Outcome
from schemas.values import Domain

if TYPE_CHECKING:
    from mvpbench.store.study import Study

app = typer.Typer(
    help="Country packs: what a country brings, and whether that is enough.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help="ISO 3166 alpha-2 code or English name.")]
OptionalCode = Annotated[
    str | None, typer.Argument(metavar="CODE", help="Of one country; else all packs of the study are checked.")
]
LanguagesOption = Annotated[
    str | None,
    typer.Option("--languages", metavar="TAG,TAG", help="BCP 47, the first to be used first; else the official ones."),
]
DomainOption = Annotated[Domain | None, typer.Option("--domain", help="out: for evaluation alone.")]
CountOption = Annotated[int, typer.Option("--n", min=1, help="At most so many questions.")]
ExplainOption = Annotated[
    str | None, typer.Option("--explain", metavar="RULE", help="Say what a rule wants and why, or `all` of them.")
]
RecruitingOption = Annotated[
    bool, typer.Option("--recruiting", help="Ask for all that must be there before people are recruited and paid.")
]


@app.command("list")
def list_(study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """List packs, and countries of the survey without one."""

    def work() -> Outcome[CountryList]:
        from builder.countries.listing import list_countries

        return list_countries(_study_or_none(study))

    perform("country list", as_json, work)


@app.command()
def init(
    country: CodeArgument,
    languages: LanguagesOption = None,
    domain: DomainOption = None,
    study: StudyOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Begin a pack in the study, or copy the built-in one."""

    def work() -> Outcome[DraftResult]:
        from builder.countries.draft import draft_pack
        from builder.countries.packs import to_code
        from mvpbench.store.study import open_study

        tags = [tag.strip() for tag in (languages or "").split(",") if tag.strip()]
        return draft_pack(open_study(study), to_code(country), tags, domain)

    perform("country init", as_json, work)


@app.command()
def check(
    country: OptionalCode = None,
    explain: ExplainOption = None,
    recruiting: RecruitingOption = False,
    study: StudyOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Check a pack and the study's people; exit 1 on an error."""
    if explain is not None:
        _explain(explain, as_json)
        return

    def work() -> Outcome[CheckResult]:
        from builder.countries.check import check_countries
        from builder.countries.packs import to_code

        code = to_code(country) if country is not None else None
        return check_countries(_study_or_none(study), code, recruiting=recruiting)

    perform("country check", as_json, work, objection=_failed)


@app.command()
def pilot(
    country: CodeArgument,
    count: CountOption = 50,
    study: StudyOption = HERE,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Have a few questions written, the price said first."""

    def work() -> Outcome[PilotResult]:
        from builder.countries.packs import to_code
        from builder.countries.pilot import run_pilot
        from mvpbench.store.study import open_study

        return run_pilot(open_study(study), to_code(country), count, say, confirming(yes))

    perform("country pilot", as_json, work)


@app.command()
def report(country: CodeArgument, study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """Write the page for the pull request, in Markdown."""

    def work() -> Outcome[ReportResult]:
        from builder.countries.packs import to_code
        from builder.countries.report import report_country
        from mvpbench.store.study import open_study

        return report_country(open_study(study), to_code(country))

    perform("country report", as_json, work)


def _explain(code: str, as_json: bool) -> None:
    def work() -> Outcome[ExplainResult]:
        from builder.countries.explain import explain

        return explain(code)

    perform("country check", as_json, work)


def _study_or_none(root: Path) -> "Study | None":
    """The study named or the one here; None where none is named and there is none here."""
    from mvpbench.store.study import CONFIG_FILE, open_study

    return None if root == HERE and not (root / CONFIG_FILE).is_file() else open_study(root)


def _failed(result: CheckResult) -> CheckFailed | None:
    stopped = [one for one in result.countries if not one.ready]
    if not stopped:
        return None
    codes = {violation.code for one in stopped for violation in one.violations if violation.severity.value == "error"}
    return CheckFailed(
        "country-not-ready",
        ", ".join(f"{one.code} {one.name}" for one in stopped),
        found=f"errors: {', '.join(sorted(codes))}",
        expected="no error",
        way_out="each says its way out; `mvpbench country check --explain RULE` why it is there",
    )
