"""Presets: the three that there are, and what a bad one is told."""

import pytest
from pydantic import ValidationError

from eval.training.presets import Schedule, load_preset
from schemas.errors import ConfigError


def test_the_paper_preset_has_the_published_settings() -> None:
    preset = load_preset("paper")
    assert (preset.lora.r, preset.lora.alpha, preset.lora.dropout) == (16, 32, 0.05)
    dpo = preset.dpo
    assert (dpo.learning_rate, dpo.beta, dpo.epochs, dpo.batch, dpo.accumulate) == (5e-5, 0.1, 3, 2, 4)
    assert dpo.losses == ("sigmoid",)


@pytest.mark.parametrize("name", ["tiny", "default"])
def test_every_preset_that_study_yaml_may_name_is_there(name: str) -> None:
    assert load_preset(name).lora.r == 16


def test_an_unknown_preset_is_told_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="expected one of tiny, default, paper"):
        load_preset("huge")


@pytest.mark.parametrize("length", [{}, {"steps": 10, "epochs": 1}])
def test_a_schedule_has_one_length(length: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="either `steps` or `epochs`"):
        Schedule.model_validate(
            {"learning_rate": 1e-3, "schedule": "linear", "warmup": 0, "batch": 1, "accumulate": 1, **length}
        )
