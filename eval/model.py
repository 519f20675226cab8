"""A local model folder as the evaluation meets it: hashed at once, opened when it is first asked."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import mvpbench
from eval.choices import Choice, Likelihood
from eval.likelihood import Method, likelihoods, method_for
from eval.local import LocalModel, open_model
from eval.predict import EvaluatedModel
from eval.replies import replies
from mvpbench.store.fingerprint import folder_sha256
from mvpbench.store.study import Study
from schemas.chat import Message
from schemas.evaluation import ModelSpec, Stage

TINY = "demo/tiny/model"
"""The bundled model, under the package `mvpbench`."""


def study_model(study: Study) -> tuple[str, Path]:
    """Return name and folder of the study's model: `eval.model` in study.yaml, else the bundled tiny one."""
    named = study.config.eval.model
    if named is None:
        return "tiny", Path(mvpbench.__file__).parent / TINY
    path = study.locate(named)
    return path.resolve().name, path


def evaluated_model(path: Path, name: str, stage: Stage, threads: int, seed: int | None = None) -> EvaluatedModel:
    """Return the model in folder `path`. What was predicted before is known by its weights, without opening it.

    Raises:
        InputError: `file-missing`, where there is no such folder or nothing in it; `not-a-model`, when first asked.
    """

    @cache
    def opened() -> LocalModel:
        return open_model(path, threads)

    def score(choices: Sequence[Choice]) -> Sequence[Likelihood]:
        return likelihoods(opened(), choices, method())

    @cache
    def method() -> Method:
        return method_for(opened())

    def reply(prompts: Sequence[tuple[Message, ...]]) -> Sequence[str]:
        return replies(opened(), prompts)

    spec = ModelSpec(name=name, path=str(path), stage=stage, weights_sha256=folder_sha256(path, "*"), seed=seed)
    return EvaluatedModel(spec, score, reply)
