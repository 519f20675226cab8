"""What an evaluation is made on: a candidate or a sealed release of the study, and what a report says of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from pathlib import Path

from pydantic import ValidationError

from eval.cases import Case, pair_label
from eval.prompts import PROMPT_VERSION
from eval.released import released_cases
from eval.run import Evaluation, Exam
from mvpbench.store.atomic import disk_errors
from mvpbench.store.fingerprint import file_sha256
from mvpbench.store.study import Study
from release.candidate import require_candidate
from release.data import data_sha256
from release.evidence import read_facts
from release.numbers import who
from release.verify import require_unchanged
from release.versions import MANIFEST, candidate_path, latest_sealed, release_path
from schemas.errors import InputError, StudyError
from schemas.evaluation import Evaluated
from schemas.release import GateReport, ReleaseFacts

GATES = "gates.json"
PACKAGES = ("mvpbench", "torch", "transformers", "peft", "trl", "scikit-learn")


@dataclass(frozen=True)
class Target:
    """A release and its cases."""

    version: str
    folder: Path
    facts: ReleaseFacts
    demo: tuple[str, ...]
    """Why it is a demo; empty for a research release."""
    data_sha256: str
    manifest_sha256: str | None
    """None for a candidate."""
    cases: tuple[Case, ...]


def open_target(study: Study, version: str | None, *, candidate: bool = False) -> Target:
    """Return the release called `version`, sealed if it is, else its candidate; `candidate` asks for that alone.

    Without a version: the only candidate there is, else (unless a candidate is asked for) the latest sealed release.

    Raises:
        CheckFailed: `release-changed` for a sealed one: results would vouch for rows that its manifest does not.
        StudyError: `no-candidate`, `already-sealed` where a candidate is asked for and there is only what was made of
            it, or `several-candidates` where none was named.
        ConfigError: `version-malformed`.
        InputError: `release-unreadable`, `release-empty`, `profile-missing`.
    """
    named = version or _only_candidate(study, candidate=candidate)
    sealed = release_path(study, named)
    is_sealed = (sealed / MANIFEST).is_file()
    folder = sealed if is_sealed and not candidate else candidate_path(study, named)
    if is_sealed and candidate and not folder.is_dir():
        raise StudyError(
            "already-sealed",
            f"release {named}",
            where=str(sealed),
            found="a sealed release, to which nothing is added",
            expected="a candidate",
            way_out=f"`mvpbench eval run --release {named}` evaluates it as it is; a new candidate is made "
            "by `mvpbench release build`",
        )
    require_candidate(folder)
    if folder == sealed:
        require_unchanged(folder)
    manifest = folder / MANIFEST
    return Target(
        version=named,
        folder=folder,
        facts=read_facts(folder),
        demo=_demo(folder),
        data_sha256=data_sha256(folder),
        manifest_sha256=file_sha256(manifest) if folder == sealed else None,
        cases=tuple(released_cases(study, folder)),
    )


def evaluated(target: Target, paper: Exam, evaluations: Sequence[Evaluation]) -> Evaluated:
    """Return the facts that go with the results; models without the path on this machine."""
    instances = [case.instance for pair in paper.test for case in pair]
    dropped: Counter[str] = Counter()
    for evaluation in evaluations:
        # The same pairs are left out for every model.
        dropped |= Counter(evaluation.dropped)
    return Evaluated(
        release=target.facts.name,
        version=target.version,
        data_sha256=target.data_sha256,
        manifest_sha256=target.manifest_sha256,
        title=target.facts.survey.title,
        synthetic=target.facts.survey.synthetic,
        demo=target.demo,
        models=tuple(evaluation.spec.model_copy(update={"path": None}) for evaluation in evaluations),
        train_pairs=len(paper.train),
        test_pairs=paper.test_pairs,
        asked_pairs=len(paper.test),
        respondents=len({instance.respondent_id for instance in instances}),
        countries=len({instance.country for instance in instances}),
        labels=dict(sorted(Counter(str(pair_label(pair)) for pair in paper.test).items())),
        reviewers=who(kind for pair in paper.test for case in pair for kind in case.label_kinds),
        dropped=dict(dropped),
        prompt_version=PROMPT_VERSION,
        made_with=_made_with(),
    )


def _only_candidate(study: Study, *, candidate: bool) -> str:
    found = sorted(path.name.removesuffix(".candidate") for path in study.releases.glob("*.candidate"))
    sealed = None if candidate or found else latest_sealed(study)
    if len(found) == 1 or sealed is not None:
        return sealed or found[0]
    several = ", ".join(found)
    raise StudyError(
        "several-candidates" if found else "no-candidate",
        "release candidate",
        where=str(study.releases),
        found=several or "none",
        expected="one, or a version named",
        way_out=f"name one of {several}" if found else "run `mvpbench release build VERSION`",
    )


def _demo(folder: Path) -> tuple[str, ...]:
    path = folder / GATES
    with disk_errors(path):
        text = path.read_bytes() if path.is_file() else b""
    try:
        return GateReport.model_validate_json(text).reasons_demo
    except ValidationError as exc:
        raise InputError("release-unreadable", str(path), way_out="build the candidate again") from exc


def _made_with() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = package_version(package)
        except PackageNotFoundError:  # an extra that is not installed
            continue
    return found
