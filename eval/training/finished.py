"""A tuned model folder: made beside its place, marked last, renamed into place, recognised the next time."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from pydantic import Field, ValidationError

from eval.training.presets import Preset
from eval.training.rows import Preference
from mvpbench.store.atomic import disk_errors, write_atomic
from mvpbench.store.fingerprint import folder_sha256
from schemas.identity import digest
from schemas.questions import Dropped
from schemas.record import Record

TRAINING_VERSION = 1
"""Raised by hand when the same rows would give another model."""

MARKER = "training.json"
PACKAGES = ("torch", "transformers", "peft", "trl")


class Step(Record):
    """One line of the log: means over the updates since the last one. Log-probabilities are summed over tokens."""

    step: int
    loss: float
    learning_rate: float | None = None
    token_accuracy: float | None = None
    chosen_logp: float | None = None
    """Log-probability of expected answers (DPO): if it falls too, likelihood is displaced to neither answer."""
    rejected_logp: float | None = None
    margin: float | None = None
    """beta * ((chosen - chosen under the reference) - (rejected - rejected under the reference))."""


class Finished(Record):
    """How a model was made; written last into its folder."""

    fingerprint: str
    stage: str
    preset: Preset
    seed: int
    made_with: dict[str, str]
    """Package -> version."""
    rows: int = 0
    """Trained on."""
    dropped: dict[str, int] = Field(default_factory=dict)
    """Reason -> rows left out."""
    log: tuple[Step, ...] = ()


def training_fingerprint(stage: str, rows: Sequence[Preference], model: Path, preset: Preset, seed: int) -> str:
    """Return a hash of everything that decides the weights, but for package versions."""
    texts = [row.model_dump_json() for row in rows]
    return digest("training", TRAINING_VERSION, stage, texts, folder_sha256(model, "*"), preset.model_dump_json(), seed)


def read_finished(folder: Path) -> Finished | None:
    """Return how the model in `folder` was made; None where there is no marker that can be read."""
    path = folder / MARKER
    with disk_errors(path):
        text = path.read_bytes() if path.is_file() else b""
    try:
        return Finished.model_validate_json(text)
    except ValidationError:
        return None


def once(out: Path, fingerprint: str, make: Callable[[Path], Finished]) -> Path:
    """Return `out`, made by `make` unless a finished folder of the same fingerprint is there.

    `make` gets an empty folder beside `out`; what an interrupted run left there, or a finished folder of another
    fingerprint, is removed. The marker is written after all else, and the folder renamed after that.
    """
    found = read_finished(out)
    if found is not None and found.fingerprint == fingerprint:
        return out
    partial = out.with_name(f".{out.name}.partial")
    with disk_errors(out):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    finished = make(partial)
    with disk_errors(out):
        _to_disk(partial)
    write_atomic(partial / MARKER, finished.model_dump_json(indent=1) + "\n")
    with disk_errors(out):
        if out.exists():
            shutil.rmtree(out)
        partial.rename(out)
    return out


def _to_disk(folder: Path) -> None:
    """Bring every file to the disk, not only to its cache: the marker, written next, vouches for them."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def packages() -> dict[str, str]:
    """Return the versions of what trains."""
    return {name: version(name) for name in PACKAGES}


def counted(dropped: Sequence[Dropped]) -> dict[str, int]:
    """Return reason -> rows."""
    return dict(Counter(row.reason for row in dropped))


def steps(history: Sequence[Mapping[str, float]]) -> tuple[Step, ...]:
    """Return the log of a Hugging Face trainer as records; its closing summary has no `loss` and is left out."""
    return tuple(
        Step(
            step=int(entry["step"]),
            loss=entry["loss"],
            learning_rate=entry.get("learning_rate"),
            token_accuracy=entry.get("mean_token_accuracy"),
            chosen_logp=entry.get("logps/chosen"),
            rejected_logp=entry.get("logps/rejected"),
            margin=entry.get("rewards/margins"),
        )
        for entry in history
        if "loss" in entry
    )
