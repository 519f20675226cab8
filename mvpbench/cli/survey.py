"""`mvpbench survey`: import, describe, formats."""

from pathlib import Path
from typing import Annotated

import typer

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, perform
from schemas.results import Nothing, Outcome
from schemas.variables import DescribeResult

app = typer.Typer(help="Survey files: import, describe, formats.", no_args_is_help=True, rich_markup_mode=None)

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="A survey file, or DDI-Codebook XML that documents one.")
]
DdiOption = Annotated[
    Path | None, typer.Option("--ddi", metavar="FILE.xml", help="DDI-Codebook XML that documents the file.")
]
FrameworkOption = Annotated[
    str | None, typer.Option("--framework", metavar="NAME", help="What the items measure; else what is recognised.")
]
DraftOption = Annotated[
    Path | None, typer.Option("--draft", metavar="FILE", help="Write the codebook there; else it is printed.")
]


@app.command("import")
def import_(study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """Read the survey file that study.yaml names into the tables `surveys` and `respondents`."""

    def work() -> Outcome[Nothing]:
        from builder.run import run_import
        from mvpbench.store.study import open_study

        return run_import(open_study(study))

    perform("survey import", as_json, work)


@app.command()
def describe(
    file: FileArgument,
    ddi: DdiOption = None,
    framework: FrameworkOption = None,
    draft: DraftOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is in a survey file and draft the codebook that reads it; needs no study."""

    def work() -> Outcome[DescribeResult]:
        from builder.survey.draft import describe_survey

        return describe_survey(file, ddi=ddi, framework=framework, draft=draft)

    perform("survey describe", as_json, work)


@app.command()
def formats(as_json: JsonOption = False) -> None:
    """List the survey formats and the built-in codebooks."""

    def work() -> Outcome[Nothing]:
        from builder.survey import FORMATS, built_in_codebooks

        lines = [f"format {name}: {form.title}" for name, form in FORMATS.items()]
        lines += [f"codebook {name}" for name in built_in_codebooks()]
        counts = {"formats": len(FORMATS), "codebooks": len(built_in_codebooks())}
        return Outcome(result=Nothing(), counts=counts, summary=tuple(lines))

    perform("survey formats", as_json, work)
