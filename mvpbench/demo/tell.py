"""What the demo says at its end: one table of the models, what people said, and the paths to open."""

from collections.abc import Sequence
from pathlib import Path

from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from release.candidate import validation_of
from release.verify import verify_release
from schemas.errors import Defect
from schemas.evaluation import Ablation, EvalResult, Stage
from schemas.labels import Label, LabelStatus

COLUMNS: tuple[tuple[str, Ablation, str, dict[str, str]], ...] = (
    ("values in the prompt", Ablation.FULL, "pair_accuracy", {}),
    ("in domain", Ablation.FULL, "pair_accuracy", {"domain": "in"}),
    ("out of domain", Ablation.FULL, "pair_accuracy", {"domain": "out"}),
    ("values withheld", Ablation.CONTEXT, "pair_accuracy", {}),
    ("shuffled people", Ablation.SHUFFLED, "pair_accuracy", {}),
    ("replies on its side", Ablation.FULL, "reply_expected", {}),
)
WIDTH = 22


def told(study: Study, sealed: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the summary's lines and the paths to open, relative to the study.

    Raises Defect `demo-validation` where the sealed release carries no results.
    """
    validation = validation_of(sealed)
    if validation is None:
        raise Defect("demo-validation", str(sealed), found="no validation/", expected="the results of three models")
    _, results = validation
    release = verify_release(sealed).result
    lines = (
        f"{release.name} {release.version}, a {release.kind} release: SYNTHETIC people, simulated raters",
        "",
        _reviewed(read_table(study.tables, "labels", Label)),
        "",
        "accuracy on held-out pairs, one half is chance (95 % interval)",
        *_table(results),
        "",
        "replies on its side: share of a few written replies that are nearer to the expected answer than to the other",
        "",
    )
    paths = [f"releases/{sealed.name}/README.md", "reports/audit.json"]
    report = sealed / "validation" / "report.html"
    if report.is_file():
        paths.insert(0, str(report.relative_to(study.root)))
    return lines, tuple(paths)


def _reviewed(labels: Sequence[Label]) -> str:
    counts = {status: sum(label.status is status for label in labels) for status in LabelStatus}
    told_counts = (f"{status.replace('_', ' ')} {count:,}" for status, count in counts.items() if count)
    return "instances " + ", ".join(told_counts)


def _table(results: Sequence[EvalResult]) -> list[str]:
    lines = [f"{'':<{WIDTH}}" + "".join(f"{stage:>{WIDTH}}" for stage in Stage)]
    for title, ablation, metric, group in COLUMNS:
        cells = [_cell(results, stage, ablation, metric, group) for stage in Stage]
        lines.append(f"{title:<{WIDTH}}" + "".join(f"{cell:>{WIDTH}}" for cell in cells))
    return lines


def _cell(results: Sequence[EvalResult], stage: Stage, ablation: Ablation, metric: str, group: dict[str, str]) -> str:
    for row in results:
        if (row.stage, row.ablation, row.metric, row.group) == (stage, ablation, metric, group):
            if row.value is None:
                return "undefined"
            interval = f" ({row.low:.2f}-{row.high:.2f})" if row.low is not None and row.high is not None else ""
            return f"{row.value:.2f}{interval}"
    return "-"
