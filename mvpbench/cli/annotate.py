"""`mvpbench annotate`: serve, push, pull, status, simulate."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from mvpbench.cli.adjudicate import adjudicate
from mvpbench.cli.frame import HERE, JsonOption, StudyOption, YesOption, perform, say
from schemas.errors import CheckFailed
from schemas.progress import Progress
from schemas.reconcile import Difference, ReconcileResult
from schemas.results import Outcome, PullResult, PushResult, ServeResult, SimulateResult

if TYPE_CHECKING:
    from mvpbench.store.study import Study

app = typer.Typer(help="Send instances to raters in Label Studio and bring their answers back.", no_args_is_help=True)
app.command()(adjudicate)

PortOption = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="The port; a free one by default.")]
DetachOption = Annotated[bool, typer.Option("--detach", help="Leave it running and return.")]
StopOption = Annotated[bool, typer.Option("--stop", help="End the study's server.")]
WaiveOption = Annotated[
    str | None,
    typer.Option("--waive", metavar="WHY", help="Wait no more for tasks that have no answer; told beside the results."),
]
AnewOption = Annotated[bool, typer.Option("--anew", help="Make projects again that were deleted by hand.")]

AcceptOption = Annotated[
    list[Difference] | None,
    typer.Option("--accept", metavar="KIND", help="Let differences of this kind stay as they are now; needs --why."),
]
WhyOption = Annotated[str, typer.Option("--why", metavar="WHY", help="Why they may stay; told beside them.")]
DeletionsOption = Annotated[
    bool, typer.Option("--accept-deletions", help="Leave out answers that were deleted on the server.")
]
WholeOption = Annotated[bool, typer.Option("--whole", help="Ask for every task, not for what changed alone.")]
WatchOption = Annotated[
    float | None,
    typer.Option("--watch", metavar="SECONDS", min=1, help="On a terminal: look again every so many seconds."),
]
PageOption = Annotated[bool, typer.Option("--html", help="Write reports/annotation.html too.")]
FetchOption = Annotated[bool, typer.Option("--pull", help="Pull first; with --watch each time.")]


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
def push(
    study: StudyOption = HERE, anew: AnewOption = False, waive: WaiveOption = None, as_json: JsonOption = False
) -> None:
    """Send the declared sample to the raters' projects; run again, it sends what is missing."""

    def work() -> Outcome[PushResult]:
        from annotation.push import push as send
        from annotation.studio import open_studio
        from mvpbench.store.study import open_study

        opened = open_study(study)
        with open_studio(opened) as studio:
            return send(opened, studio, say=say, anew=anew, waive=waive)

    perform("annotate push", as_json, work)


@app.command()
def pull(
    study: StudyOption = HERE,
    accept_deletions: DeletionsOption = False,
    whole: WholeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the raters' answers into the table `annotations`, label instances and questions, look at raters."""

    def work() -> Outcome[PullResult]:
        from mvpbench.store.study import open_study

        return _pull(open_study(study), say, accept_deletions=accept_deletions, whole=whole)

    perform("annotate pull", as_json, work)


def _pull(
    study: "Study", tell: Callable[[str], None], *, accept_deletions: bool = False, whole: bool = False
) -> Outcome[PullResult]:
    from annotation.labels import run_labels
    from annotation.pull import pull as fetch
    from annotation.quality import run_quality
    from annotation.studio import open_studio

    with open_studio(study) as studio:
        pulled = fetch(study, studio, say=tell, accept_deletions=accept_deletions, whole=whole)
    labelled, looked_at = run_labels(study), run_quality(study)
    return pulled.model_copy(
        update={
            "counts": pulled.counts | looked_at.counts,  # those of labels are agreement under another name
            "dropped": pulled.dropped | labelled.dropped,
            "outputs": (*pulled.outputs, *labelled.outputs, *looked_at.outputs),
        }
    )


@app.command()
def status(
    study: StudyOption = HERE,
    watch: WatchOption = None,
    html: PageOption = False,
    pull_first: FetchOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say how far raters are, who and what needs attention, and agreement once the declared sample is in.

    Locks and changes nothing; with --html it writes a page.
    """

    def work() -> Outcome[Progress]:
        from annotation.status import look, told
        from annotation.status import watch as keep_looking
        from mvpbench.store.study import open_study

        opened = open_study(study)
        console = Console()
        if watch is not None and console.is_terminal and not as_json:
            fetch = (lambda: _pull(opened, lambda _: None)) if pull_first else None
            progress = keep_looking(lambda: look(opened), console, watch, fetch=fetch)
        else:
            if pull_first:
                _pull(opened, say)
            progress = look(opened)
        return told(opened, progress, width=console.width, html=html)

    perform("annotate status", as_json, work)


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


@app.command()
def reconcile(
    study: StudyOption = HERE,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what needs no choice of yours.")] = False,
    accept: AcceptOption = None,
    why: WhyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Compare what was sent, what was pulled and what the server holds; exit 1 where something differs.

    Each kind is told with what to do. What may stay as it is you accept, with a reason, and it fails no more.
    """

    def work() -> Outcome[ReconcileResult]:
        from annotation.studio import open_studio
        from annotation.sync.accepted import Acceptance
        from annotation.sync.reconcile import reconcile as compare
        from mvpbench.store.study import open_study

        opened = open_study(study)
        accepted = Acceptance(accept or (), why) if accept or why else None
        with open_studio(opened) as studio:
            return compare(opened, studio, say=say, repair=repair, accept=accepted)

    perform("annotate reconcile", as_json, work, objection=_differs)


def _differs(result: ReconcileResult) -> CheckFailed | None:
    from annotation.sync.told import undecided, ways_out

    left = undecided(result.findings)
    if not left:
        return None
    kinds = sorted({one.difference.value for one in left})
    return CheckFailed(
        "reconcile-differs",
        "journal, pulled answers and server",
        found=f"{len(left)} differences: {', '.join(kinds)}",
        expected="the same tasks and answers in all three, or a reason why not",
        way_out=ways_out(left),
    )
