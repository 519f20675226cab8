"""SFT and DPO on a model of ten thousand parameters: they learn, they repeat, and they leave a plain model folder."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.choices import Choice, Likelihood
from eval.likelihood import likelihoods
from eval.local import open_model
from eval.training.finished import read_finished
from eval.training.presets import DpoSchedule, Lora, Preset, Schedule
from eval.training.rows import Preference
from eval.training.tune import train_dpo, train_sft
from mvpbench.store.fingerprint import folder_sha256
from schemas.errors import CheckFailed, InputError
from tests.eval.training.made import made_model
from tests.eval.training.made_rows import made_rows

pytestmark = pytest.mark.slow

# The toy task: day goes with warm, night with cold.
ROWS = made_rows([("say day", "warm", "cold"), ("say night", "cold", "warm")] * 16)


def preset(sft_rate: float = 1e-2) -> Preset:
    common = {"schedule": "linear", "warmup": 0.0, "batch": 8, "accumulate": 1, "steps": 15}
    return Preset(
        lora=Lora(r=4, alpha=8, dropout=0.0),
        max_length=32,
        sft=Schedule.model_validate({**common, "learning_rate": sft_rate}),
        dpo=DpoSchedule.model_validate({**common, "learning_rate": 1e-2, "beta": 0.3, "losses": ("sigmoid",)}),
    )


def asked(model: Path, rows: Sequence[Preference] = ROWS[:2]) -> list[Likelihood]:
    """Likelihood of chosen (first) and rejected (second)."""
    choices = [Choice(messages=row.messages, first=row.chosen, second=row.rejected) for row in rows]
    return likelihoods(open_model(model), choices)


def margins(model: Path) -> list[float]:
    return [(like.first_logprob or 0) - (like.second_logprob or 0) for like in asked(model)]


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Base, after SFT, after DPO on top."""
    folder = tmp_path_factory.mktemp("tuned")
    base = made_model(folder / "base")
    sft = train_sft(ROWS, base, folder / "sft", preset(), 1)
    return base, sft, train_dpo(ROWS, sft, folder / "dpo", preset(), 1)


def test_sft_makes_the_chosen_answers_likelier(tuned: tuple[Path, Path, Path]) -> None:
    base, sft, _ = tuned
    for before, after in zip(asked(base), asked(sft), strict=True):
        assert (after.first_logprob or -99) > (before.first_logprob or 0)


def test_dpo_widens_the_margin(tuned: tuple[Path, Path, Path]) -> None:
    _, sft, dpo = tuned
    for before, after in zip(margins(sft), margins(dpo), strict=True):
        assert after > before


def test_the_reference_of_dpo_is_the_model_it_starts_from(tuned: tuple[Path, Path, Path], tmp_path: Path) -> None:
    # A rate of next to nothing leaves the policy where it starts. If that is the reference, the margin stays 0 and the
    # loss -log sigmoid(0) = log 2; the model before SFT as reference would give the margin that SFT had learned.
    still = preset()
    still = still.model_copy(update={"dpo": still.dpo.model_copy(update={"learning_rate": 1e-12})})
    made = read_finished(train_dpo(ROWS, tuned[1], tmp_path / "out", still, 1))
    assert made is not None
    assert [step.step for step in made.log] == [5, 10, 15]
    for step in made.log:
        assert step.loss == pytest.approx(math.log(2), abs=1e-4)
        assert step.margin == pytest.approx(0, abs=1e-4)


def test_the_log_shows_the_margin_grow(tuned: tuple[Path, Path, Path]) -> None:
    made = read_finished(tuned[2])
    assert made is not None
    margins = [step.margin or 0 for step in made.log]
    assert 0 < margins[0] < margins[-1]


def test_a_tuned_folder_is_a_plain_model_without_pickles(tuned: tuple[Path, Path, Path]) -> None:
    base, *made = tuned
    for folder in made:
        assert {path.name for path in folder.iterdir()} == {path.name for path in base.iterdir()} | {"training.json"}
        assert [path.name for path in folder.iterdir() if path.suffix in {".bin", ".pt", ".pth", ".pkl"}] == []


def test_tuning_changes_nothing_about_a_model_but_its_weights(tuned: tuple[Path, Path, Path]) -> None:
    base, *made = tuned
    for folder in made:
        for name in ("config.json", "generation_config.json", "tokenizer.json", "chat_template.jinja"):
            assert (folder / name).read_text() == (base / name).read_text()


def test_the_same_seed_gives_the_same_weights_and_another_does_not(
    tuned: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    base, sft, dpo = tuned

    def weights(folder: Path) -> str:
        return folder_sha256(folder, "*.safetensors")

    assert weights(train_sft(ROWS, base, tmp_path / "again", preset(), 1)) == weights(sft)
    assert weights(train_dpo(ROWS, sft, tmp_path / "dpo", preset(), 1)) == weights(dpo)
    assert weights(train_sft(ROWS, base, tmp_path / "two", preset(), 2)) != weights(sft)


def test_a_finished_model_is_not_trained_again(tuned: tuple[Path, Path, Path]) -> None:
    base, sft, _ = tuned
    before = (sft / "model.safetensors").stat().st_ino
    assert train_sft(ROWS, base, sft, preset(), 1) == sft
    assert (sft / "model.safetensors").stat().st_ino == before


def test_rows_that_do_not_fit_are_counted(tuned: tuple[Path, Path, Path], tmp_path: Path) -> None:
    # In the model's 32 tokens: 3 of the template, 40 of the prompt.
    rows = [*ROWS[:8], ROWS[0].model_copy(update={"messages": made_rows([("say " * 40, "yes", "no")])[0].messages})]
    made = read_finished(train_sft(rows, tuned[0], tmp_path / "out", preset(), 1))
    assert made is not None
    assert (made.rows, made.dropped) == (8, {"too-long": 1})


def test_training_that_diverges_says_so_and_leaves_no_model(tuned: tuple[Path, Path, Path], tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="a loss of nan at step") as caught:
        train_sft(ROWS, tuned[0], tmp_path / "out", preset(sft_rate=1e30), 1)
    assert caught.value.report.code == "training-diverged"
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_model_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "notes.txt").write_text("no model")
    with pytest.raises(InputError, match=r"no config\.json"):
        train_sft(ROWS, tmp_path / "base", tmp_path / "out", preset(), 1)
