"""`mvpbench demo`: the whole way on the bundled sample."""

from pathlib import Path
from typing import Annotated

import typer

from mvpbench.cli.frame import JsonOption, perform, say
from schemas.results import DemoResult, Outcome

DirArgument = Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to make the demo's study.")]


def demo(directory: DirArgument = Path("mvpbench-demo"), as_json: JsonOption = False) -> None:
    """Go the whole way on bundled, synthetic people: survey to sealed release, offline; run again to go on."""

    def work() -> Outcome[DemoResult]:
        from mvpbench.demo.run import run_demo

        return run_demo(directory, say)

    perform("demo", as_json, work)
