"""SFT and DPO with LoRA on a local model, through TRL and PEFT; each stage ends in a merged model of its own.

Merging matters: with an adapter left on, the reference of DPO would be the model before SFT, since it is the model with
its adapter switched off. Nothing pickled is kept: no optimizer state, no `training_args.bin`.
"""

import math
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from datasets.utils.logging import disable_progress_bar
from peft import LoraConfig
from transformers.trainer_callback import PrinterCallback
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from eval.local import LocalModel, open_model
from eval.training.finished import Finished, counted, once, packages, steps, training_fingerprint
from eval.training.presets import Preset, Schedule
from eval.training.rows import Preference, as_dpo, as_sft, fitting
from schemas.errors import CheckFailed
from schemas.identity import seed as seed_of

LOG_EVERY = 5

Trainer = SFTTrainer | DPOTrainer
MakeTrainer = Callable[[LocalModel, Sequence[Preference], dict[str, Any]], Trainer]


def train_sft(rows: Sequence[Preference], model: Path, out: Path, preset: Preset, seed: int, threads: int = 1) -> Path:
    """Return `out`, the folder of the model in `model` fine-tuned on the expected answers of `rows`.

    The loss is on the answers alone. A finished `out` of the same rows, model, preset and seed is left as it is.

    Raises:
        InputError: `not-a-model`, `no-training-rows`.
        CheckFailed: `training-diverged`.
    """

    def trainer(local: LocalModel, kept: Sequence[Preference], common: dict[str, Any]) -> Trainer:
        return SFTTrainer(
            model=local.model,
            args=SFTConfig(**_arguments(preset.sft), **common, completion_only_loss=True),
            train_dataset=Dataset.from_list(as_sft(kept)),
            processing_class=local.tokenizer,
            peft_config=_adapter(preset),
        )

    fingerprint = training_fingerprint("sft", rows, model, preset, seed)
    made = Finished(fingerprint=fingerprint, stage="sft", preset=preset, seed=seed, made_with=packages())
    return once(out, fingerprint, lambda folder: _train(rows, open_model(model, threads), trainer, made, folder))


def train_dpo(rows: Sequence[Preference], model: Path, out: Path, preset: Preset, seed: int, threads: int = 1) -> Path:
    """Return `out`, the folder of the model in `model` (best: after SFT) tuned to prefer what `rows` expect.

    The reference is `model` itself; its log-probabilities are computed once, before the first step.

    Raises:
        InputError: `not-a-model`, `no-training-rows`.
        CheckFailed: `training-diverged`.
    """

    def trainer(local: LocalModel, kept: Sequence[Preference], common: dict[str, Any]) -> Trainer:
        arguments = DPOConfig(
            **_arguments(preset.dpo),
            **common,
            beta=preset.dpo.beta,
            loss_type=list(preset.dpo.losses),
            precompute_ref_log_probs=True,
            # True would silence the adapter's own dropout too.
            disable_dropout=False,
        )
        return DPOTrainer(
            model=local.model,
            args=arguments,
            train_dataset=Dataset.from_list(as_dpo(kept)),
            processing_class=local.tokenizer,
            peft_config=_adapter(preset),
        )

    fingerprint = training_fingerprint("dpo", rows, model, preset, seed)
    made = Finished(fingerprint=fingerprint, stage="dpo", preset=preset, seed=seed, made_with=packages())
    return once(out, fingerprint, lambda folder: _train(rows, open_model(model, threads), trainer, made, folder))


def _train(
    rows: Sequence[Preference], local: LocalModel, make_trainer: MakeTrainer, made: Finished, folder: Path
) -> Finished:
    """Train, save the merged model into `folder`, and return `made` with what came of it."""
    kept, dropped = fitting(rows, lambda row: _tokens(local, row), min(made.preset.max_length, local.context))
    disable_progress_bar()
    seed = seed_of("training", made.stage, made.seed) % 2**32
    caches = local.model.config.use_cache
    with tempfile.TemporaryDirectory() as scratch, _quiet():
        gpu = torch.cuda.is_available()
        common: dict[str, Any] = {
            "output_dir": scratch,
            "seed": seed,
            "data_seed": seed,
            "bf16": gpu,
            "use_cpu": not gpu,
            "gradient_checkpointing": gpu,
            "max_length": None,
            "save_strategy": "no",
            "report_to": "none",
            "logging_steps": LOG_EVERY,
            # True would show the last mean in the place of a loss that is not a number.
            "logging_nan_inf_filter": False,
            "disable_tqdm": True,
            "dataloader_pin_memory": gpu,
        }
        trainer = make_trainer(local, kept, common)
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    _require_finite(made.stage, trainer.state.log_history)
    adapted: Any = trainer.model
    merged = adapted.merge_and_unload()
    # The trainer had switched it off, which would make the saved model slow to reply.
    merged.config.use_cache = caches
    merged.save_pretrained(folder)
    local.tokenizer.save_pretrained(folder)
    log = steps(trainer.state.log_history)
    return made.model_copy(update={"rows": len(kept), "dropped": counted(dropped), "log": log})


def _require_finite(stage: str, history: Sequence[Mapping[str, float]]) -> None:
    for entry in history:
        if not math.isfinite(entry.get("loss", 0.0)):
            raise CheckFailed(
                "training-diverged",
                f"{stage} training",
                found=f"a loss of {entry['loss']} at step {entry['step']:.0f}",
                expected="a number",
                way_out="set `train.preset` in study.yaml to one with a lower learning rate",
            )


@contextmanager
def _quiet() -> Iterator[None]:
    """No bars (TRL asks the environment alone) and no word of what transformers is about to rename inside TRL."""
    before = os.environ.get("TQDM_DISABLE")
    os.environ["TQDM_DISABLE"] = "1"
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
            yield
    finally:
        if before is None:
            del os.environ["TQDM_DISABLE"]
        else:
            os.environ["TQDM_DISABLE"] = before


def _arguments(schedule: Schedule) -> dict[str, Any]:
    return {
        "learning_rate": schedule.learning_rate,
        "lr_scheduler_type": schedule.schedule,
        # Below 1 it is a share of all steps.
        "warmup_steps": schedule.warmup,
        "per_device_train_batch_size": schedule.batch,
        "gradient_accumulation_steps": schedule.accumulate,
        "max_steps": schedule.steps if schedule.steps is not None else -1,
        "num_train_epochs": schedule.epochs if schedule.epochs is not None else 1,
    }


def _adapter(preset: Preset) -> LoraConfig:
    lora = preset.lora
    return LoraConfig(
        r=lora.r, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules="all-linear", task_type="CAUSAL_LM"
    )


def _tokens(local: LocalModel, row: Preference) -> int:
    """Tokens of prompt, longer answer and end of turn."""
    answers = (len(local.answer_ids(text)) for text in (row.chosen, row.rejected))
    return len(local.prompt_ids(row.messages)) + max(answers) + 1
