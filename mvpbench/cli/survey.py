"""`mvpbench survey`: import, describe, formats."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, perform
from schemas.errors import ConfigError
from schemas.overview import OverviewResult
from schemas.results import Nothing, Outcome
from schemas.survey import CountryOf
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
HtmlOption = Annotated[
    Path | None,
    typer.Option(
        "--html", metavar="PAGE.html", help="Read the whole file under its codebook and write a page about it."
    ),
]
CodebookOption = Annotated[
    Path | None, typer.Option("--codebook", metavar="FILE", help="Of --html; else the one that is recognised.")
]
CountryOption = Annotated[
    CountryOf | None, typer.Option("--country", help="Of --html: which of a person's countries is meant.")
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
    html: HtmlOption = None,
    codebook: CodebookOption = None,
    country: CountryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is in a survey file and draft the codebook that reads it; needs no study.

    With --html: who is in it by country, what is missing, reliability and distributions, and who could be paired.
    """
    drafting = {"--ddi": ddi, "--framework": framework, "--draft": draft}
    reading = {"--codebook": codebook, "--country": country}

    def work() -> Outcome[DescribeResult]:
        from builder.survey.draft import describe_survey

        _refuse(reading, "with --html", "add --html PAGE.html, or leave them out")
        return describe_survey(file, ddi=ddi, framework=framework, draft=draft)

    def page() -> Outcome[OverviewResult]:
        from builder.overview import overview_page

        _refuse(drafting, "without --html", "draft the codebook first, then give it with --codebook")
        return overview_page(file, html or Path(), codebook, country or CountryOf.RESIDENCE)

    if html is None:
        perform("survey describe", as_json, work)
    else:
        perform("survey describe", as_json, page)


def _refuse(options: Mapping[str, object], when: str, way_out: str) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise ConfigError("options-unfit", "options", found=", ".join(given), expected=f"these {when}", way_out=way_out)


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
