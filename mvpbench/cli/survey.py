"""`mvpbench survey`: import, formats."""

import typer

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, perform
from schemas.results import Nothing, Outcome

app = typer.Typer(help="Survey files: import, formats.", no_args_is_help=True, rich_markup_mode=None)


@app.command("import")
def import_(study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """Read the survey file that study.yaml names into the tables `surveys` and `respondents`."""

    def work() -> Outcome[Nothing]:
        from builder.run import run_import
        from mvpbench.store.study import open_study

        return run_import(open_study(study))

    perform("survey import", as_json, work)


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
