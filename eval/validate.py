"""`validate`, `eval run`, `train`: models on a release, before and after tuning on its training pairs."""

from pathlib import Path

from eval.model import evaluated_model, study_model
from eval.run import Evaluation, Exam, Say, evaluate, exam
from eval.target import Target, open_target
from eval.training.finished import read_finished
from eval.tuning import Tuned, tuned
from eval.write import Found, found, outcome, write_attestation, write_study
from mvpbench.store.arrow import to_parquet
from mvpbench.store.clock import Clock, utc_now
from mvpbench.store.study import Study, locked
from release.candidate import FOLDER, add_validation
from schemas.evaluation import EvalDone, Prediction, Stage, Trained
from schemas.results import Outcome


def validate(study: Study, version: str | None, say: Say) -> Outcome[EvalDone]:
    """`validate`: tune the study's model on a candidate's training pairs, evaluate before and after, add the results.

    Without a version: on the only candidate there is. What was trained and predicted before is used again.

    Raises:
        StudyError: `no-candidate`, `several-candidates`.
        InputError: `no-test-pairs`, `no-training-pairs`, `not-a-model`, `release-unreadable`.
    """
    with locked(study, "mvpbench validate"):
        target = open_target(study, version, candidate=True)
        paper = exam(target.cases, study.config.eval, study.root)
        base, folder = study_model(study)
        evaluations = [_evaluated(study, (base, folder), paper, say)]
        sft = tuned(study, target.version, Stage.SFT, (base, folder), paper, say)
        evaluations.append(_evaluated(study, (sft.path.name, sft.path), paper, say))
        dpo = tuned(study, target.version, Stage.DPO, (sft.path.name, sft.path), paper, say)
        evaluations.append(_evaluated(study, (dpo.path.name, dpo.path), paper, say))
        say("baselines, comparisons and the report")
        made = found(target, paper, evaluations, [*sft.curves, *dpo.curves])
        page = write_study(study, made)
        files = {**_files(made), **sft.files, **dpo.files}
        add_validation(study, target.version, made.results, files, made_on=target.data_sha256)
    return outcome(study, made, [page, target.folder / FOLDER], f"mvpbench release seal {target.version}")


def run_eval(
    study: Study, model: Path | None, version: str | None, say: Say, clock: Clock = utc_now
) -> Outcome[EvalDone]:
    """`eval run`: evaluate one model folder (the study's model if None) on a candidate or sealed release.

    On a sealed release the results become an attestation beside it, which names the manifest's hash.

    Raises:
        StudyError: `no-candidate`, `several-candidates`.
        InputError: `no-test-pairs`, `not-a-model`, `file-missing`, `release-unreadable`.
    """
    with locked(study, "mvpbench eval run"):
        target = open_target(study, version)
        paper = exam(target.cases, study.config.eval, study.root)
        made = found(target, paper, [_evaluated(study, _start(study, model), paper, say)])
        paths = [write_study(study, made)]
        if target.manifest_sha256 is not None:
            paths.append(write_attestation(study, made, clock))
    return outcome(study, made, paths, None)


def train(study: Study, stage: Stage, model: Path | None, version: str | None, say: Say) -> Outcome[Trained]:
    """`train sft|dpo`: tune a model folder on a release's training pairs.

    Without a model, `sft` starts from the study's model and `dpo` from what `sft` makes of it (made first if it is not
    there).

    Raises:
        StudyError: `no-candidate`, `several-candidates`.
        InputError: `no-test-pairs`, `no-training-pairs`, `not-a-model`, `file-missing`, `release-unreadable`.
    """
    with locked(study, f"mvpbench train {stage}"):
        target = open_target(study, version)
        paper = exam(target.cases, study.config.eval, study.root)
        start = _start(study, model)
        if stage is Stage.DPO and model is None:
            before = tuned(study, target.version, Stage.SFT, start, paper, say).path
            start = before.name, before
        made = tuned(study, target.version, stage, start, paper, say)
    return _trained(study, target, made)


def _start(study: Study, model: Path | None) -> tuple[str, Path]:
    return (model.resolve().name, model) if model is not None else study_model(study)


def _evaluated(study: Study, named: tuple[str, Path], paper: Exam, say: Say) -> Evaluation:
    """Evaluate a model folder; one that was tuned here says so in its marker, any other counts as a base model."""
    name, path = named
    marker = read_finished(path)
    stage, seed = (Stage(marker.stage), marker.seed) if marker is not None else (Stage.BASE, None)
    model = evaluated_model(path, name, stage, study.config.eval.threads, seed)
    return evaluate(model, paper, study.root / "eval" / "predictions", say)


def _files(made: Found) -> dict[str, bytes | Path]:
    return {
        "report.html": made.page.encode(),
        "evaluation.json": (made.evaluated.model_dump_json(indent=2) + "\n").encode(),
        "predictions.parquet": to_parquet(made.predictions, Prediction),
    }


def _trained(study: Study, target: Target, made: Tuned) -> Outcome[Trained]:
    path = made.path.relative_to(study.root).as_posix()
    return Outcome(
        result=Trained(release=f"{target.facts.name} {target.version}", stage=made.stage, model=path),
        counts=dict(made.counts),
        dropped=dict(made.dropped),
        outputs=(path,),
        next_step=f"mvpbench eval run --model {path}",
    )
