"""`mvpbench init`, `doctor`, `status`, `migrate`, `trace`, `schema`: the study itself."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, perform, say
from schemas.errors import CheckFailed
from schemas.results import DoctorResult, DroppedResult, InitResult, MigrateResult, Outcome, StatusResult, TraceResult
from schemas.survey import CountryOf

DirArgument = Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder to make a study of.")]
SurveyFileOption = Annotated[
    Path | None,
    typer.Option("--survey", metavar="FILE", help="The survey file or folder; else to be named in study.yaml."),
]
CodebookOption = Annotated[
    Path | None, typer.Option("--codebook", metavar="FILE", help="Its codebook, where no built-in one fits.")
]
NameOption = Annotated[str | None, typer.Option("--name", help="The study's name; the folder's by default.")]
CountryOption = Annotated[
    CountryOf, typer.Option("--country", help="What a person's country is, where the survey knows both.")
]
DroppedOption = Annotated[
    str | None, typer.Option("--dropped", metavar="TABLE", help="Say instead what did not reach this table, and why.")
]


class Described(StrEnum):
    """What `schema` can describe."""

    STUDY = "study"
    CODEBOOK = "codebook"
    COUNTRY = "country"
    FRAMEWORK = "framework"


def init(
    directory: DirArgument = HERE,
    survey: SurveyFileOption = None,
    codebook: CodebookOption = None,
    name: NameOption = None,
    country: CountryOption = CountryOf.RESIDENCE,
    as_json: JsonOption = False,
) -> None:
    """Make a study: study.yaml, the codebook, and empty stores."""

    def work() -> Outcome[InitResult]:
        from builder.start import start_study

        return start_study(directory, survey, codebook, name, country)

    perform("init", as_json, work)


def doctor(as_json: JsonOption = False) -> None:
    """Check this installation: Python, packages, cache folder, disk."""

    def work() -> Outcome[DoctorResult]:
        from mvpbench.cli.doctor import examine

        return examine(say)

    perform("doctor", as_json, work, objection=_ailing)


def _ailing(result: DoctorResult) -> CheckFailed | None:
    failed = [check for check in result.checks if not check.ok]
    if not failed:
        return None
    return CheckFailed(
        "doctor-failed",
        "installation",
        found="; ".join(f"{check.name}: {check.found}" for check in failed),
        way_out="; ".join(check.way_out for check in failed if check.way_out) or None,
    )


def status(study: StudyOption = HERE, dropped: DroppedOption = None, as_json: JsonOption = False) -> None:
    """Say which tables there are, which are stale and why, and what was spent."""
    if dropped is not None:
        _status_dropped(study, dropped, as_json)
        return

    def work() -> Outcome[StatusResult]:
        from mvpbench.cli.pipeline import study_status
        from mvpbench.store.study import open_study

        return study_status(open_study(study))

    perform("status", as_json, work)


def _status_dropped(study: Path, table: str, as_json: bool) -> None:
    def work() -> Outcome[DroppedResult]:
        from mvpbench.cli.pipeline import dropped_rows
        from mvpbench.store.study import open_study

        return dropped_rows(open_study(study), table)

    perform("status", as_json, work)


def migrate(study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """Upgrade a study of an older format, after a backup."""

    def work() -> Outcome[MigrateResult]:
        from mvpbench.store.migrate import migrate as upgrade

        report = upgrade(study)
        line = f"format {report.found}: nothing to do" if report.found == report.now else f"now format {report.now}"
        return Outcome(result=report, summary=(line,))

    perform("migrate", as_json, work)


def trace(
    subject: Annotated[str, typer.Argument(metavar="ID", help="Of a respondent, question, instance or rating.")],
    study: StudyOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Lead from survey answers to the released row."""

    def work() -> Outcome[TraceResult]:
        from mvpbench.store.study import open_study
        from release.trace import trace as follow

        return follow(open_study(study), subject)

    perform("trace", as_json, work)


def schema(what: Annotated[Described, typer.Argument(help="Which file to describe.")]) -> None:
    """Print the JSON Schema of study.yaml, a codebook, a country pack's country.yaml or a framework, for editors."""
    from schemas.codebook import Codebook
    from schemas.country import CountryPack
    from schemas.record import Record
    from schemas.study import StudyConfig
    from schemas.values import ValueFramework

    records: dict[Described, type[Record]] = {
        Described.STUDY: StudyConfig,
        Described.CODEBOOK: Codebook,
        Described.COUNTRY: CountryPack,
        Described.FRAMEWORK: ValueFramework,
    }
    print(json.dumps(records[what].model_json_schema(), indent=2))
