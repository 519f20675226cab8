"""The `mvpbench` command and its groups."""

import typer

from mvpbench.cli.agree import agree
from mvpbench.cli.annotate import app as annotate_app
from mvpbench.cli.build import audit, generate, profile
from mvpbench.cli.demo import demo
from mvpbench.cli.evaluate import eval_app, train_app, validate
from mvpbench.cli.release import app as release_app
from mvpbench.cli.study import doctor, init, migrate, schema, status, trace
from mvpbench.cli.survey import app as survey_app

app = typer.Typer(
    name="mvpbench",
    help="Build, annotate, release and validate benchmarks of personal values from survey microdata.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo)
app.command("init")(init)
app.command("doctor")(doctor)
app.command("status")(status)
app.command("migrate")(migrate)
app.command("trace")(trace)
app.command("schema")(schema)
app.add_typer(survey_app, name="survey")
app.command("profile")(profile)
app.command("generate")(generate)
app.command("audit")(audit)
app.add_typer(annotate_app, name="annotate")
app.command("agree")(agree)
app.add_typer(release_app, name="release")
app.command("validate")(validate)
app.add_typer(eval_app, name="eval")
app.add_typer(train_app, name="train")


def main() -> None:
    """Run the command line."""
    app()
