"""Predictions of a model for what it was asked, kept in blocks: nothing is computed twice for the same texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.asked import Asked
from eval.choices import Choice, Likelihood
from eval.nearest import nearest
from mvpbench.store.tables import has_table, read_table, write_table
from schemas.chat import Message
from schemas.errors import StudyError
from schemas.evaluation import Ablation, ModelSpec, Prediction
from schemas.identity import content_id

PREDICT_VERSION = 1
"""Raised by hand when the same texts would give other predictions."""

BLOCK = 256
"""Rows between two writes: what an interrupted run computes again at most. Even, so that no pair is in two blocks."""


@dataclass(frozen=True)
class EvaluatedModel:
    """A model as the evaluation needs it: likelihoods of choices and greedy replies, each in the order given."""

    spec: ModelSpec
    score: Callable[[Sequence[Choice]], Sequence[Likelihood]]
    reply: Callable[[Sequence[tuple[Message, ...]]], Sequence[str]]


def predict(
    model: EvaluatedModel, rows: Sequence[Asked], ablation: Ablation, replies: int, kept: Path
) -> list[Prediction]:
    """Return one prediction a row, in order; the first `replies` rows also get a greedy reply.

    Blocks are looked for in the folder `kept` and written there. A block's name is a hash of the model's weights and of
    every text in it, so that nothing stale is ever read.
    """
    predictions: list[Prediction] = []
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        predictions += _block(model, block, ablation, min(len(block), max(0, replies - start)), kept)
    return predictions


def _block(
    model: EvaluatedModel, rows: Sequence[Asked], ablation: Ablation, replies: int, kept: Path
) -> list[Prediction]:
    texts = [
        [
            row.case.instance.id,
            row.case.expected.text,
            row.case.other.text,
            *(turn.content for turn in row.messages),
        ]
        for row in rows
    ]
    name = f"{ablation}-{content_id('p', PREDICT_VERSION, model.spec.weights_sha256, ablation, replies, texts)}"
    found = _kept(kept, name)
    if found is None:
        found = _computed(model, rows, ablation, replies)
        write_table(kept, name, Prediction, found)
    # The same weights may have been asked under another name.
    return [row.model_copy(update={"model": model.spec.name, "stage": model.spec.stage}) for row in found]


def _kept(folder: Path, name: str) -> list[Prediction] | None:
    try:
        return read_table(folder, name, Prediction) if has_table(folder, name) else None
    except StudyError as error:
        if error.report.code in {"table-interrupted", "table-outdated"}:
            return None
        raise


def _computed(model: EvaluatedModel, rows: Sequence[Asked], ablation: Ablation, replies: int) -> list[Prediction]:
    """Score each different choice once: halves of a pair whose prompts are equal get the very same numbers."""
    choices = [_choice(row) for row in rows]
    different = list(dict.fromkeys(choices))
    likelihoods = dict(zip(different, model.score(different), strict=True))
    texts = list(model.reply([row.messages for row in rows[:replies]])) if replies else []
    texts += [""] * (len(rows) - len(texts))
    return [
        _prediction(model.spec, ablation, row, likelihoods[choice], text if place < replies else None)
        for place, (row, choice, text) in enumerate(zip(rows, choices, texts, strict=True))
    ]


def _choice(row: Asked) -> Choice:
    first, second = row.case.question.answers
    return Choice(messages=row.messages, first=first.text, second=second.text)


def _prediction(
    spec: ModelSpec, ablation: Ablation, row: Asked, likelihood: Likelihood, reply: str | None
) -> Prediction:
    logprobs = likelihood.first_logprob, likelihood.second_logprob
    tokens = likelihood.first_tokens, likelihood.second_tokens
    expected = [answer.id for answer in row.case.question.answers].index(row.case.instance.expected)
    return Prediction(
        instance_id=row.case.instance.id,
        model=spec.name,
        stage=spec.stage,
        ablation=ablation,
        expected_logprob=logprobs[expected],
        other_logprob=logprobs[1 - expected],
        expected_tokens=tokens[expected],
        other_tokens=tokens[1 - expected],
        reply=reply,
        reply_chose=None if reply is None else nearest(reply, row.case.expected.text, row.case.other.text),
        missing=likelihood.missing,
    )
