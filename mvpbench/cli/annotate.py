"""`mvpbench annotate`: serve, push, pull, simulate."""

import time
from typing import Annotated

import typer

from mvpbench.cli.adjudicate import adjudicate
from mvpbench.cli.frame import HERE, JsonOption, StudyOption, YesOption, perform, say
from schemas.results import Outcome, PullResult, PushResult, ServeResult, SimulateResult

app = typer.Typer(help="Send instances to raters in Label Studio and bring their answers back.", no_args_is_help=True)
app.command()(adjudicate)

PortOption = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="The port; a free one by default.")]
DetachOption = Annotated[bool, typer.Option("--detach", help="Leave it running and return.")]
StopOption = Annotated[bool, typer.Option("--stop", help="End the study's server.")]
AnewOption = Annotated[bool, typer.Option("--anew", help="Make projects again that were deleted by hand.")]

DeletionsOption = Annotated[
    bool, typer.Option("--accept-deletions", help="Leave out answers that were deleted on the server.")
]


@app.command()
def serve(
    study: StudyOption = HERE,
    port: PortOption = None,
    detach: DetachOption = False,
    stop: StopOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run the study's own Label Studio on loopback; its environment is made once, in your cache folder."""

    def work() -> Outcome[ServeResult]:
        from annotation import serve as server
        from mvpbench.store.study import open_study

        opened = open_study(study)
        if stop:
            return server.stop(opened)
        return server.serve(opened, say=say, pause=time.sleep, port=port, detach=detach)

    perform("annotate serve", as_json, work)


@app.command()
def push(study: StudyOption = HERE, anew: AnewOption = False, as_json: JsonOption = False) -> None:
    """Send the declared sample to the raters' projects; run again, it sends what is missing."""

    def work() -> Outcome[PushResult]:
        from annotation.push import push as send
        from annotation.studio import open_studio
        from mvpbench.store.study import open_study

        opened = open_study(study)
        with open_studio(opened) as studio:
            return send(opened, studio, say=say, anew=anew)

    perform("annotate push", as_json, work)


@app.command()
def pull(study: StudyOption = HERE, accept_deletions: DeletionsOption = False, as_json: JsonOption = False) -> None:
    """Bring the raters' answers into the table `annotations`, label instances and questions, look at raters."""

    def work() -> Outcome[PullResult]:
        from annotation.labels import run_labels
        from annotation.pull import pull as fetch
        from annotation.quality import run_quality
        from annotation.studio import open_studio
        from mvpbench.store.study import open_study

        opened = open_study(study)
        with open_studio(opened) as studio:
            pulled = fetch(opened, studio, say=say, accept_deletions=accept_deletions)
        labelled, looked_at = run_labels(opened), run_quality(opened)
        return pulled.model_copy(
            update={
                "counts": pulled.counts | labelled.counts | looked_at.counts,
                "dropped": pulled.dropped | labelled.dropped,
                "outputs": (*pulled.outputs, *labelled.outputs, *looked_at.outputs),
            }
        )

    perform("annotate pull", as_json, work)


@app.command()
def simulate(study: StudyOption = HERE, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Have simulated annotators sign up and answer, for a dry run; their answers never count as human.

    They use up the tasks: where people take part it needs --yes.
    """

    def work() -> Outcome[SimulateResult]:
        from annotation.simulated import simulate as answer
        from annotation.studio import open_studio
        from mvpbench.store.study import open_study

        opened = open_study(study)
        with open_studio(opened) as studio:
            return answer(opened, studio, say=say, yes=yes)

    perform("annotate simulate", as_json, work)
