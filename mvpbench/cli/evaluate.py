"""`mvpbench validate`, `eval run`, `train`: models on a release, before and after tuning."""

from pathlib import Path
from typing import Annotated

import typer

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, perform, say
from schemas.evaluation import EvalDone, Stage, Trained
from schemas.results import Outcome

eval_app = typer.Typer(help="Models on a release candidate or a sealed release.", no_args_is_help=True)
train_app = typer.Typer(help="Tune a model on a release's training pairs.", no_args_is_help=True)

ReleaseOption = Annotated[
    str | None, typer.Option("--release", metavar="VERSION", help="Which one; by default the only candidate.")
]
ModelOption = Annotated[
    Path | None,
    typer.Option("--model", metavar="DIR", help="By default `eval.model`, else the tiny one."),
]
CandidateArgument = Annotated[
    str | None, typer.Argument(metavar="[VERSION]", help="The candidate; by default the only one there is.")
]


def validate(candidate: CandidateArgument = None, study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """Evaluate the study's model on a candidate before and after SFT and DPO, and put the report into it."""

    def work() -> Outcome[EvalDone]:
        from eval.validate import validate as examine
        from mvpbench.store.study import open_study

        return examine(open_study(study), candidate, say)

    perform("validate", as_json, work)


@eval_app.command("run")
def eval_run(
    model: ModelOption = None, release: ReleaseOption = None, study: StudyOption = HERE, as_json: JsonOption = False
) -> None:
    """Evaluate one model; on a sealed release the results become an attestation beside it."""

    def work() -> Outcome[EvalDone]:
        from eval.validate import run_eval
        from mvpbench.store.study import open_study

        return run_eval(open_study(study), model, release, say)

    perform("eval run", as_json, work)


@train_app.command("sft")
def train_sft(
    model: ModelOption = None, release: ReleaseOption = None, study: StudyOption = HERE, as_json: JsonOption = False
) -> None:
    """Fine-tune with LoRA on the expected answers of the training pairs, and merge."""
    _train(Stage.SFT, model, release, study, as_json)


@train_app.command("dpo")
def train_dpo(
    model: ModelOption = None, release: ReleaseOption = None, study: StudyOption = HERE, as_json: JsonOption = False
) -> None:
    """Prefer the expected answer over the other with DPO on LoRA, from the model that `train sft` made."""
    _train(Stage.DPO, model, release, study, as_json)


def _train(stage: Stage, model: Path | None, release: str | None, study: Path, as_json: bool) -> None:
    def work() -> Outcome[Trained]:
        from eval.validate import train
        from mvpbench.store.study import open_study

        return train(open_study(study), stage, model, release, say)

    perform(f"train {stage}", as_json, work)
