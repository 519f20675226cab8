"""Hyper-parameters of tuning, by name: `presets.yaml` beside this file."""

from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import Field, model_validator

from schemas.errors import ConfigError
from schemas.record import Record


class Lora(Record):
    """Adapters on all linear layers."""

    r: int = Field(ge=1)
    alpha: int = Field(ge=1)
    dropout: float = Field(ge=0, lt=1)


class Schedule(Record):
    """How one stage is optimised (AdamW)."""

    learning_rate: float = Field(gt=0)
    schedule: Literal["linear", "cosine"]
    warmup: float = Field(ge=0, lt=1)
    """Share of all steps."""
    batch: int = Field(ge=1)
    """Rows on the device at once."""
    accumulate: int = Field(ge=1)
    """Batches an update."""
    steps: int | None = None
    """Updates."""
    epochs: int | None = None

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("give either `steps` or `epochs`")
        return self


class DpoSchedule(Schedule):
    """As `Schedule`, with what the loss needs."""

    beta: float = Field(gt=0)
    losses: tuple[Literal["sigmoid", "sft"], ...]
    """Summed with weight 1; `sft` keeps the expected answer's likelihood from falling."""


class Preset(Record):
    """All that is chosen about tuning but the seed."""

    lora: Lora
    max_length: int
    """Tokens of prompt and answer; longer rows are left out, never truncated."""
    sft: Schedule
    dpo: DpoSchedule


def load_preset(name: str) -> Preset:
    """Return the preset `name`. Raises ConfigError `preset-unknown`."""
    presets = yaml.safe_load((Path(__file__).parent / "presets.yaml").read_text(encoding="utf-8"))
    if name not in presets:
        raise ConfigError(
            "preset-unknown",
            "training preset",
            found=repr(name),
            expected=f"one of {', '.join(presets)}",
            way_out="set `train.preset` in study.yaml to one of these",
        )
    return Preset.model_validate(presets[name])
