"""`release seal`: a candidate that passes its gates becomes a release, which can no longer change."""

import hashlib
from importlib.metadata import version as package_version
from pathlib import Path

from mvpbench.store.atomic import disk_errors, remove_leftovers, sync_folder, write_atomic
from mvpbench.store.clock import Clock, stamp, utc_now
from mvpbench.store.fingerprint import file_sha256
from mvpbench.store.study import Study, locked
from release.build import Say, gate_line, write_documents
from release.candidate import require_candidate
from release.evidence import Evidence, gather
from release.folders import freeze, remove_partial, sync_tree, unfreeze
from release.gates import run_gates, stopping
from release.versions import MANIFEST, candidate_path, latest_sealed, release_path
from schemas.errors import CheckFailed, StudyError
from schemas.release import FileEntry, GateReport, Manifest, ReleaseSealed
from schemas.results import Outcome

UNSIGNED = "0" * 64


def seal_release(study: Study, version: str, say: Say, clock: Clock = utc_now) -> Outcome[ReleaseSealed]:
    """`release seal`: run the gates on every file, write the manifest last, rename the candidate to its version.

    Killed anywhere it leaves a candidate, which the same command seals, or a sealed release: the rename is the moment.

    Raises:
        CheckFailed: `gates-failed`, naming each gate that stops the seal; card and gates.json say so too.
        StudyError: `already-sealed`, `no-candidate`.
        ConfigError: `version-malformed`.
        InputError: `release-unreadable`.
    """
    candidate, target = candidate_path(study, version), release_path(study, version)
    with locked(study, "mvpbench release seal"):
        if target.exists():
            raise _already(target)
        require_candidate(candidate)
        remove_partial(study.releases)
        _thaw(candidate)
        say("running the gates")
        evidence = gather(candidate, latest_sealed(study), study.config.release)
        report = run_gates(evidence)
        write_documents(candidate, evidence, report, clock)
        _refuse_stopped(report, version)
        say("writing the manifest")
        with disk_errors(candidate):
            sync_tree(candidate)
        text = _manifest_text(_manifest(candidate, evidence, report, stamp(clock)))
        write_atomic(candidate / MANIFEST, text)
        say("taking the right to write")
        freeze(candidate)
        say(f"renaming it to {version}")
        with disk_errors(target):
            candidate.rename(target)
            sync_folder(study.releases)
        say("sealed")
    return _outcome(study, version, report, text)


def manifest_sha256(raw: bytes, self_sha256: str) -> str:
    """Return the hash that a manifest states of itself: of its bytes with 64 zeros for that hash."""
    return hashlib.sha256(raw.replace(self_sha256.encode(), UNSIGNED.encode())).hexdigest()


def _thaw(candidate: Path) -> None:
    """Take back what a seal that was killed had done to the candidate, and remove what it left."""
    unfreeze(candidate)
    with disk_errors(candidate):
        (candidate / MANIFEST).unlink(missing_ok=True)
        for folder in [candidate, *(path for path in candidate.rglob("*") if path.is_dir())]:
            remove_leftovers(folder)


def _refuse_stopped(report: GateReport, version: str) -> None:
    failed = stopping(report)
    if failed:
        raise CheckFailed(
            "gates-failed",
            f"release {version} is not sealed",
            where=", ".join(gate.name for gate in failed),
            found="; ".join(f"{gate.name} {gate.outcome.replace('_', ' ')}: {gate.found}" for gate in failed),
            expected="; ".join(f"{gate.name}: {gate.expected}" for gate in failed),
            way_out="mend these, build the candidate again, and seal it",
        )


def _manifest(candidate: Path, evidence: Evidence, report: GateReport, created_at: str) -> Manifest:
    facts, rows = evidence.facts, evidence.rows
    files = sorted(path for path in candidate.rglob("*") if path.is_file())
    return Manifest(
        name=facts.name,
        version=facts.version,
        kind=report.kind,
        reasons_demo=report.reasons_demo,
        canary=facts.canary,
        created_at=created_at,
        mvpbench=package_version("mvpbench"),
        lineage=facts.tables,
        counts={
            "instances": len(rows.instances),
            "labels": len(rows.labels),
            "ratings": len(rows.ratings),
            "profiles": len(rows.profiles),
            "results": len(evidence.results),
        },
        gates=report.gates,
        files=tuple(
            FileEntry(path=path.relative_to(candidate).as_posix(), sha256=file_sha256(path), bytes=path.stat().st_size)
            for path in files
        ),
        self_sha256=UNSIGNED,
    )


def _manifest_text(manifest: Manifest) -> str:
    unsigned = manifest.model_dump_json(indent=2) + "\n"
    signed = manifest.model_copy(update={"self_sha256": manifest_sha256(unsigned.encode(), UNSIGNED)})
    return signed.model_dump_json(indent=2) + "\n"


def _already(target: Path) -> StudyError:
    return StudyError(
        "already-sealed",
        f"release {target.name}",
        where=str(target),
        found="a sealed release",
        expected="a candidate",
        way_out=f"`mvpbench release verify {target}` says whether it is unchanged; a change needs a new version",
    )


def _outcome(study: Study, version: str, report: GateReport, manifest: str) -> Outcome[ReleaseSealed]:
    target = release_path(study, version)
    files = len(Manifest.model_validate_json(manifest).files)
    sha256 = hashlib.sha256(manifest.encode()).hexdigest()
    sealed = ReleaseSealed(
        version=version,
        kind=report.kind,
        reasons_demo=report.reasons_demo,
        gates=report.gates,
        manifest_sha256=sha256,
        files=files,
    )
    demo = f"DEMO release, not for research: {'; '.join(report.reasons_demo)}" if report.reasons_demo else None
    return Outcome(
        result=sealed,
        counts={"files": files},
        outputs=(target.relative_to(study.root).as_posix(),),
        summary=(
            f"sealed {version} ({report.kind}), manifest sha256 {sha256}",
            *((demo,) if demo else ()),
            *(gate_line(gate) for gate in report.gates),
        ),
        next_step=f"mvpbench release verify {target.relative_to(study.root).as_posix()}",
    )
