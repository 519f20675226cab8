"""What an evaluation leaves in the study: tables, the page, and for a sealed release an attestation beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.report import Curve, render
from eval.run import Evaluation, Exam, baseline_scores, compared
from eval.target import Target, evaluated
from mvpbench.store.atomic import write_atomic
from mvpbench.store.clock import Clock, stamp
from mvpbench.store.study import Study
from mvpbench.store.tables import write_table
from schemas.evaluation import Attestation, EvalDone, EvalResult, Evaluated, Headline, Prediction
from schemas.identity import content_id
from schemas.results import Outcome

SYNTHETIC = "SYNTHETIC: these people are made up; nothing here is about anybody."
NAMED_IN_SUMMARY: tuple[dict[str, str], ...] = ({}, {"label": "confirmed"})


@dataclass(frozen=True)
class Found:
    """Everything an evaluation of one or several models found."""

    evaluated: Evaluated
    results: tuple[EvalResult, ...]
    predictions: tuple[Prediction, ...]
    page: str
    """HTML."""


def found(target: Target, paper: Exam, evaluations: Sequence[Evaluation], curves: Sequence[Curve] = ()) -> Found:
    """Return the results of all models, with baselines and comparisons, and the page that shows them."""
    facts = evaluated(target, paper, evaluations)
    results = [result for evaluation in evaluations for result in evaluation.results]
    results += compared(evaluations, baseline_scores(paper), paper)
    predictions = tuple(prediction for evaluation in evaluations for prediction in evaluation.predictions)
    return Found(facts, tuple(results), predictions, render(facts, results, predictions, curves))


def write_study(study: Study, made: Found) -> Path:
    """Write the tables `predictions` and `results` and the page under reports/; return where the page is."""
    write_table(study.tables, "predictions", Prediction, made.predictions)
    write_table(study.tables, "results", EvalResult, made.results)
    models = "-".join(str(spec.stage) for spec in made.evaluated.models)
    path = study.reports / f"eval-{made.evaluated.version}-{models}.html"
    write_atomic(path, made.page)
    return path


def write_attestation(study: Study, made: Found, clock: Clock) -> Path:
    """Write the results beside the sealed release they are about, which stays as it is; return where."""
    attestation = Attestation(created_at=stamp(clock), evaluated=made.evaluated, results=made.results)
    weights = [spec.weights_sha256 for spec in made.evaluated.models]
    name = content_id("e", made.evaluated.manifest_sha256, weights)
    path = study.releases / f"{made.evaluated.version}.attestations" / f"{name}.json"
    write_atomic(path, attestation.model_dump_json(indent=2) + "\n")
    return path


def outcome(study: Study, made: Found, paths: Sequence[Path], next_step: str | None) -> Outcome[EvalDone]:
    """Return what the command says; the first of `paths` is the page."""
    outputs = tuple(path.relative_to(study.root).as_posix() for path in paths)
    headlines = tuple(
        result
        for result in made.results
        if result.headline is not None and result.metric == "pair_accuracy" and result.group in NAMED_IN_SUMMARY
    )
    return Outcome(
        result=EvalDone(
            release=f"{made.evaluated.release} {made.evaluated.version}",
            headlines=headlines,
            results=len(made.results),
            predictions=len(made.predictions),
            report=outputs[0],
        ),
        counts={
            "test pairs asked": made.evaluated.asked_pairs,
            "predictions": len(made.predictions),
            "results": len(made.results),
        },
        dropped=made.evaluated.dropped,
        outputs=outputs,
        summary=(*([SYNTHETIC] if made.evaluated.synthetic else []), *map(_line, headlines)),
        next_step=next_step,
    )


def _line(result: EvalResult) -> str:
    what = "use of stated values" if result.headline is Headline.USE else "inference of values"
    of = f"{what}, {result.model}{', confirmed pairs' if result.group else ''}"
    if result.value is None:
        return f"{of}: {result.undefined}"
    between = "no interval" if result.low is None else f"95 % {result.low:.3f} to {result.high:.3f}"
    return f"{of}: accuracy {result.value:.3f} ({between}; one half ignores the person)"
