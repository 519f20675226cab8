"""A finished model folder is recognised, an unfinished one never is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from eval.training.finished import MARKER, Finished, once, read_finished, steps, training_fingerprint
from eval.training.presets import Preset, load_preset
from eval.training.rows import Preference
from tests.eval.training.made_rows import made_rows

ROWS = made_rows([("say", "yes", "no"), ("say day", "no", "yes")])


def finished(fingerprint: str) -> Finished:
    return Finished(fingerprint=fingerprint, stage="sft", preset=load_preset("tiny"), seed=1, made_with={})


def maker(fingerprint: str, text: str) -> Callable[[Path], Finished]:
    def make(folder: Path) -> Finished:
        (folder / "model.safetensors").write_text(text)
        return finished(fingerprint)

    return make


def never(_: Path) -> Finished:
    raise AssertionError("made again")


def test_a_finished_folder_is_left_as_it_is(tmp_path: Path) -> None:
    out = once(tmp_path / "out", "a", maker("a", "first"))
    assert once(out, "a", never) == out
    assert (out / "model.safetensors").read_text() == "first"
    assert read_finished(out) == finished("a")


def test_another_fingerprint_replaces_all_of_it(tmp_path: Path) -> None:
    out = once(tmp_path / "out", "a", maker("a", "first"))
    (out / "stray").write_text("left behind")
    once(out, "b", maker("b", "second"))
    assert sorted(path.name for path in out.iterdir()) == ["model.safetensors", MARKER]
    assert (out / "model.safetensors").read_text() == "second"


def test_what_stops_leaves_the_old_folder_and_is_swept_away(tmp_path: Path) -> None:
    out = once(tmp_path / "out", "a", maker("a", "first"))

    def stops(folder: Path) -> Finished:
        (folder / "half").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        once(out, "b", stops)
    assert (out / "model.safetensors").read_text() == "first"
    once(out, "b", maker("b", "second"))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not (out / "half").exists()


@pytest.mark.parametrize("marker", [None, "", '{"fingerprint": "a"'])
def test_a_folder_without_a_whole_marker_is_made_again(tmp_path: Path, marker: str | None) -> None:
    out = tmp_path / "out"
    out.mkdir()
    if marker is not None:
        (out / MARKER).write_text(marker)
    assert read_finished(out) is None
    once(out, "a", maker("a", "whole"))
    assert (out / "model.safetensors").read_text() == "whole"


def fingerprint(
    model: Path, rows: list[Preference] = ROWS, seed: int = 1, stage: str = "sft", name: str = "tiny"
) -> str:
    preset: Preset = load_preset(name)
    return training_fingerprint(stage, rows, model, preset, seed)


def test_everything_that_decides_the_weights_is_in_the_fingerprint(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for model, text in ((one, "weights"), (other, "other weights")):
        model.mkdir()
        (model / "model.safetensors").write_text(text)
    made = [
        fingerprint(one),
        fingerprint(other),
        fingerprint(one, rows=ROWS[:1]),
        fingerprint(one, seed=2),
        fingerprint(one, stage="dpo"),
        fingerprint(one, name="paper"),
    ]
    assert len(set(made)) == len(made)
    assert fingerprint(one) == made[0]


def test_a_model_that_is_moved_is_the_same_model(tmp_path: Path) -> None:
    model = tmp_path / "one"
    model.mkdir()
    (model / "model.safetensors").write_text("weights")
    before = fingerprint(model)
    assert fingerprint(model.rename(tmp_path / "two")) == before


def test_the_trainers_log_becomes_steps_and_its_summary_does_not() -> None:
    history = [
        {"step": 5, "loss": 0.6, "logps/chosen": -20.0, "logps/rejected": -30.0, "rewards/margins": 0.25},
        {"step": 5, "train_runtime": 3.0, "train_loss": 0.6},
    ]
    (step,) = steps(history)
    assert (step.step, step.loss, step.chosen_logp, step.rejected_logp, step.margin) == (5, 0.6, -20, -30, 0.25)
    assert step.token_accuracy is None
