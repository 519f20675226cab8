"""The studies that parts measure on: the public D3CODE file, audited, and the bundled sample; each made once a run."""

import atexit
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from benchmarks.measure import Spent, timed_process
from builder.generate import run_generate
from builder.run import run_import, run_profile
from mvpbench.demo.sample import SAMPLE
from mvpbench.store.study import CONFIG_FILE, Study, init_study, open_study

D3CODE = Path(os.environ.get("MVPBENCH_D3CODE", "../shared/data/d3code/d3-raters.csv"))
COMMAND = str(Path(sys.executable).with_name("mvpbench"))
STEPS = (["survey", "import"], ["profile"], ["generate"], ["audit"])
SAMPLE_YAML = f"""\
format: 1
name: sample
survey: {{file: "{SAMPLE}", codebook: "{SAMPLE / "codebook.yaml"}", country: birth}}
"""


@dataclass(frozen=True)
class MadeStudy:
    """A study up to its audit, and what each command took, by name."""

    root: Path
    spent: dict[str, Spent]


@cache
def d3code_study() -> MadeStudy | None:
    """Return the study of D3CODE, each command a process of its own; None, said on stderr, without the file."""
    if not D3CODE.is_file():
        print(f"no {D3CODE}: what needs it is left out; MVPBENCH_D3CODE names another place", file=sys.stderr)
        return None
    root = _folder() / "d3code"
    spent = {"init": timed_process([COMMAND, "init", str(root), "--survey", str(D3CODE.resolve())])}
    for step in STEPS:
        spent[" ".join(step)] = timed_process([COMMAND, *step, "--study", str(root)])
    return MadeStudy(root, spent)


@cache
def sample_study() -> Study:
    """Return the study of the bundled sample, up to its instances."""
    study = init_study(_folder() / "sample", SAMPLE_YAML)
    run_import(study)
    run_profile(study)
    run_generate(study, silent, lambda _: None)
    return study


def copied(root: Path, to: Path, **sections: dict[str, object]) -> Study:
    """Return a copy of the study in `root`, with `sections` of study.yaml replaced and a journal of its own."""
    shutil.copytree(root, to, ignore=shutil.ignore_patterns("journal.db*"))
    config = yaml.safe_load((to / CONFIG_FILE).read_text(encoding="utf-8")) | sections
    (to / CONFIG_FILE).write_text(yaml.safe_dump(config), encoding="utf-8")
    return open_study(to)


def silent(_line: str) -> None:
    """Say nothing: the benchmark prints figures."""


def _folder() -> Path:
    """Return a new folder that lasts as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="mvpbench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
