"""`demo`: the whole way on the bundled sample, each step the same function that its command calls.

Every step leaves its work in the study, so that a run that was stopped anywhere goes on: finished stages are skipped by
their fingerprints, answered tasks by the server's own queue, trained models by their markers.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from annotation.agreement import agree_study
from annotation.labels import run_labels
from annotation.pull import STAGES as PULLED
from annotation.pull import pull
from annotation.push import push
from annotation.server.life import running_server
from annotation.server.state import FOLDER as SERVER_FOLDER
from annotation.simulated import simulate
from annotation.studio import connected
from builder.audit import run_audit
from builder.generate import run_generate
from builder.run import run_import, run_profile
from mvpbench.demo.tell import told
from mvpbench.store.atomic import write_atomic
from mvpbench.store.study import CONFIG_FILE, Study, init_study, open_study
from mvpbench.store.tables import has_table, read_table
from release.build import build_release
from release.seal import seal_release
from release.verify import verify_release
from schemas.annotation import Assignment
from schemas.errors import Defect
from schemas.results import DemoResult, DemoStep, Outcome

HERE = Path(__file__).parent
SAMPLE = HERE / "sample"
SAMPLE_FILES = ("survey.jsonl", "conversations.jsonl", "README.md")
VERSION = "0.1.0"
STEPS = 12

Say = Callable[[str], None]


@dataclass
class _Progress:
    """Numbers the steps, says them, and remembers the seconds."""

    say: Say
    steps: list[DemoStep] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.say(f"[{len(self.steps) + 1}/{STEPS}] {name}")
        started = time.monotonic()
        yield
        self.steps.append(DemoStep(name=name, seconds=round(time.monotonic() - started, 2)))


def run_demo(directory: Path, say: Say) -> Outcome[DemoResult]:
    """Make the demo's study in `directory`, or go on with it, up to the sealed release and the report.

    Raises what its steps raise; a run that was stopped goes on when it is called again.
    """
    progress = _Progress(say)
    with progress.step("a study of the bundled sample (SYNTHETIC people)"):
        study = _study(directory)
    with progress.step("survey import"):
        run_import(study)
    with progress.step("profile"):
        run_profile(study)
    with progress.step("generate"):
        run_generate(study, say, _free)
    with progress.step("audit"):
        run_audit(study, say, _free)
    with progress.step("annotate: Label Studio, ten simulated raters, one task at a time"):
        _annotate(study, say)
    with progress.step("agree"):
        agree_study(study)
    sealed = study.releases / VERSION
    whole_before = sealed.exists()
    with progress.step(f"release build {VERSION}"):
        if not sealed.exists():
            build_release(study, VERSION, say)
    with progress.step("validate: the tiny model before and after LoRA and DPO"):
        if not sealed.exists():
            from eval.validate import validate  # torch and its kin take longer than all steps up to here but one

            validate(study, VERSION, say)
    with progress.step("release seal"):
        if not sealed.exists():
            seal_release(study, VERSION, say)
    with progress.step("release verify"):
        verify_release(sealed)
    with progress.step("summary"):
        lines, paths = told(study, sealed)
        seconds = {step.name: step.seconds for step in progress.steps}
    result = DemoResult(study=str(study.root), steps=tuple(progress.steps), open=paths)
    if not whole_before:  # the seconds of a run that had nothing to do say nothing
        write_atomic(study.reports / "demo.json", result.model_dump_json(indent=2) + "\n")
    return Outcome(
        result=result,
        outputs=tuple(str(directory / path) for path in paths),
        summary=(*lines, f"{sum(seconds.values()):.0f} s in all; seconds by step: reports/demo.json"),
    )


def _study(directory: Path) -> Study:
    """The sample is copied into the study, so that the study can be moved; study.yaml comes last and makes it one."""
    root = directory.resolve()
    if not (root / CONFIG_FILE).exists():
        for name in SAMPLE_FILES:
            write_atomic(root / "survey" / name, (SAMPLE / name).read_bytes())
        write_atomic(root / "codebook.yaml", (SAMPLE / "codebook.yaml").read_bytes())
        init_study(root, (HERE / "study.yaml").read_text(encoding="utf-8"))
    return open_study(root)


def _annotate(study: Study, say: Say) -> None:
    """Push, answer and pull with a server that lives no longer than this; nothing where every task is answered."""
    if _answered(study):
        run_labels(study)
        return
    with (
        running_server(study.root / SERVER_FOLDER, say=say) as server,
        connected(server.url, server.account.token) as studio,
    ):
        push(study, studio, say=say)
        # Whoever signed up to look around: the demo is not theirs to rate.
        simulate(study, studio, say=say, yes=True)
        pull(study, studio, say=say)
    run_labels(study)


def _answered(study: Study) -> bool:
    if not all(has_table(study.tables, name) for name in ("assignments", *(stage.table for stage in PULLED))):
        return False
    sent = {row.uid for row in read_table(study.tables, "assignments", Assignment)}
    return sent <= {row.uid for stage in PULLED for row in read_table(study.tables, stage.table, stage.record)}


def _free(price: str | None) -> None:
    """The demo writes with the template writer, which costs nothing."""
    if price is not None:
        raise Defect("demo-price", "the demo", found=price, expected="a writer that costs nothing")
