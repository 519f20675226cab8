"""The `mvpbench` command and its groups."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from mvpbench.cli.agree import agree
from mvpbench.cli.annotate import app as annotate_app
from mvpbench.cli.build import audit, generate, profile
from mvpbench.cli.country import app as country_app
from mvpbench.cli.demo import demo
from mvpbench.cli.evaluate import eval_app, train_app, validate
from mvpbench.cli.frame import tell
from mvpbench.cli.release import app as release_app
from mvpbench.cli.study import doctor, init, migrate, schema, status, trace
from mvpbench.cli.survey import app as survey_app
from schemas.errors import ConfigError

NAME = "mvpbench"
app = typer.Typer(
    name=NAME,
    help="Build, annotate, release and validate benchmarks of personal values from survey microdata.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        import mvpbench

        print(f"{NAME} {mvpbench.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version and leave.")
    ] = False,
) -> None:
    """What stands before a command."""


app.command("demo")(demo)
app.command("init")(init)
app.command("doctor")(doctor)
app.command("status")(status)
app.command("migrate")(migrate)
app.command("trace")(trace)
app.command("schema")(schema)
app.add_typer(survey_app, name="survey")
app.add_typer(country_app, name="country")
app.command("profile")(profile)
app.command("generate")(generate)
app.command("audit")(audit)
app.add_typer(annotate_app, name="annotate")
app.command("agree")(agree)
app.add_typer(release_app, name="release")
app.command("validate")(validate)
app.add_typer(eval_app, name="eval")
app.add_typer(train_app, name="train")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; wrong use is told as text on stderr, or where `--json` is asked for as JSON."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if "--json" not in given:
        app(args=given, prog_name=NAME)
        return
    try:
        code = app(args=given, prog_name=NAME, standalone_mode=False)
    except typer.TyperException as error:
        wrong = _wrong_use(error)
        tell(_command(error), True, wrong)
        code = wrong.exit_code
    raise SystemExit(code or 0)


def _command(error: typer.TyperException) -> str:
    """The command as far as the error knows it, without the program's name; else that name."""
    context = getattr(error, "ctx", None)
    return str(context.command_path).removeprefix(f"{NAME} ") if context else NAME


def _wrong_use(error: typer.TyperException) -> ConfigError:
    said = error.format_message().rstrip(".")
    command = _command(error)
    way_out = f"see `{NAME} {command} --help`" if command != NAME else f"see `{NAME} --help`"
    return ConfigError("wrong-use", "command line", found=said[:1].lower() + said[1:], way_out=way_out)
