"""A stage of tuning over a study: the rows of its training pairs, where the model goes, and what its log shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.asked import asked
from eval.cases import drawn
from eval.report import Curve
from eval.run import Exam, Say
from eval.training.finished import MARKER, Finished, Step, read_finished
from eval.training.presets import load_preset
from eval.training.rows import Preference, preference
from eval.training.tune import train_dpo, train_sft
from mvpbench.store.study import Study
from schemas.errors import Defect, InputError
from schemas.evaluation import Ablation, Stage

TRAINERS: Mapping[Stage, Callable[..., Path]] = {Stage.SFT: train_sft, Stage.DPO: train_dpo}


@dataclass(frozen=True)
class Tuned:
    """A tuned model of the study."""

    stage: Stage
    path: Path
    """The merged model; its folder's name is the model's."""
    curves: tuple[Curve, ...]
    files: Mapping[str, Path]
    """What a release keeps of the training, by its name there."""
    counts: Mapping[str, int]
    dropped: Mapping[str, int]


def tuned(study: Study, version: str, stage: Stage, start: tuple[str, Path], paper: Exam, say: Say) -> Tuned:
    """Return `start` (name, folder) tuned by one stage on the exam's training pairs; a model made before is used again.

    Prompts show all values (`Ablation.FULL`). At most `train.max_pairs` pairs are drawn, by hash.

    Raises:
        InputError: `no-training-pairs`; `not-a-model`, `no-training-rows`.
    """
    section = study.config.train
    rows = training_rows(paper, section.max_pairs)
    name, folder = start
    out = study.root / "models" / version / f"{name}+{stage}"
    say(f"{out.name}: {len(rows):,} rows, preset {section.preset}, seed {section.seed}")
    preset, threads = load_preset(section.preset), study.config.eval.threads
    out.parent.mkdir(parents=True, exist_ok=True)
    path = TRAINERS[stage](rows, folder, out, preset, section.seed, threads)
    made = read_finished(path)
    if made is None:
        raise Defect("no-marker", f"tuned model {path.name}", found=f"no {MARKER}")
    return Tuned(
        stage=stage,
        path=path,
        curves=tuple(_curves(stage, made)),
        files={f"training/{stage}.json": path / MARKER},
        counts={"rows": made.rows},
        dropped=made.dropped,
    )


def training_rows(paper: Exam, most: int) -> list[Preference]:
    """Return a preference row for both halves of at most `most` training pairs.

    Raises:
        InputError: `no-training-pairs`.
    """
    if not paper.train:
        raise InputError(
            "no-training-pairs",
            "training",
            found="no complete same-country pair of an in-domain country in the training split",
            expected="at least one",
            way_out="give `profile.splits` in study.yaml a larger training share, or survey more people",
        )
    halves, _ = asked(drawn(paper.train, most), (), paper.framework, Ablation.FULL)
    return [preference(half.case.instance, half.case.question, half.messages) for half in halves]


def _curves(stage: Stage, made: Finished) -> list[Curve]:
    name = stage.upper()
    wanted: list[tuple[str, str, dict[str, str]]] = [
        (f"{name}: loss", "nats", {"loss": "loss"}),
        (f"{name}: share of answer tokens guessed", "", {"tokens": "token_accuracy"}),
        (f"{name}: log-probability", "nats an answer", {"chosen": "chosen_logp", "rejected": "rejected_logp"}),
        (f"{name}: margin", "times beta", {"margin": "margin"}),
    ]
    return [curve for title, unit, fields in wanted if (curve := _curve(title, unit, fields, made.log)) is not None]


def _curve(title: str, unit: str, fields: Mapping[str, str], log: tuple[Step, ...]) -> Curve | None:
    """Return the curve over the steps at which all fields were logged; None where there are none."""
    there = [step for step in log if all(getattr(step, field) is not None for field in fields.values())]
    if not there:
        return None
    series = {label: tuple(float(getattr(step, field)) for step in there) for label, field in fields.items()}
    return Curve(title=title, unit=unit, steps=tuple(step.step for step in there), series=series)
