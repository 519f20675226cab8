"""`release build`: tables and reports become a candidate, a folder that can still change."""

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from builder.countries.packs import find_pack, own_codes
from builder.frameworks import load_framework
from mvpbench.store.atomic import disk_errors, write_atomic, write_in_order
from mvpbench.store.clock import Clock, utc_now
from mvpbench.store.study import Study, locked
from release.card import render_card
from release.data import data_sha256, write_data
from release.diff import diff
from release.documents import changelog, citation, licence_text
from release.evidence import FACTS, Evidence, gather
from release.folders import partial_folder, put_in_place, remove_partial, unfreeze
from release.gates import run_gates, stopping
from release.rows import release_rows
from release.sources import Sources, read_sources
from release.versions import MANIFEST, Version, candidate_path, latest_sealed, parse_version, release_path
from schemas.errors import ConfigError, StudyError
from schemas.identity import digest
from schemas.release import (
    Bump,
    FrameworkFacts,
    Gate,
    GateReport,
    ReleaseBuilt,
    ReleaseDiff,
    ReleaseFacts,
    SurveyFacts,
)
from schemas.results import Outcome

Say = Callable[[str], None]


def build_release(study: Study, version: str, say: Say, clock: Clock = utc_now) -> Outcome[ReleaseBuilt]:
    """`release build`: write the candidate of `version`, made whole beside its place and then renamed.

    A candidate of that version is replaced; where its data are the same its validation is kept.

    Raises:
        ConfigError: `version-malformed`, or `version-too-low` for what changed since the latest sealed release.
        StudyError: `release-exists`, `table-missing`, `table-stale`, `tables-disagree`.
        InputError: `report-unreadable`, `release-unreadable`.
    """
    wanted = parse_version(version)
    with locked(study, "mvpbench release build"):
        if release_path(study, version).exists():
            raise _exists(study, version)
        remove_partial(study.releases)
        candidate = candidate_path(study, version)
        fresh = partial_folder(candidate)
        try:
            say("joining tables")
            sources = read_sources(study)
            canary = canary_of(study.config.release_name, version)
            rows, dropped = release_rows(sources, study.config.release_name, version, canary)
            say(f"writing {len(rows.instances):,} instances")
            write_data(fresh, rows)
            previous = latest_sealed(study)
            change = _change(study, previous, wanted, fresh)
            facts = _facts(study, version, sources, dropped)
            write_atomic(fresh / FACTS, facts.model_dump_json(indent=2) + "\n")
            earlier = _earlier_changelog(study, previous)
            write_atomic(fresh / "CHANGELOG.md", changelog(facts.name, version, change, earlier))
            kept = _put(fresh, candidate)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        evidence = gather(candidate, previous, study.config.release)
        report = run_gates(evidence)
        write_documents(candidate, evidence, report, clock)
    return _outcome(study, evidence, report, change, validation_kept=kept)


def write_documents(candidate: Path, evidence: Evidence, report: GateReport, clock: Clock) -> None:
    """Write what says what the candidate is now: the card, the gates, licence and citation."""
    write_in_order(
        {
            candidate / "LICENSE": licence_text(evidence.facts),
            candidate / "CITATION.cff": citation(evidence.facts, clock().date().isoformat()),
            candidate / "gates.json": report.model_dump_json(indent=2) + "\n",
            candidate / "README.md": render_card(candidate, evidence, report),
        }
    )


def canary_of(name: str, version: str) -> str:
    """Return the GUID by which a version is recognised in training data."""
    return str(uuid.UUID(hex=digest("canary", name, version)[:32]))


def gate_line(gate: Gate) -> str:
    """Return a gate as one line for people."""
    note = " (demo)" if gate.demo_only and gate.outcome != "passed" else ""
    return f"{gate.outcome.replace('_', ' '):<12} {gate.name:<10} {gate.found}{note}"


def _put(fresh: Path, candidate: Path) -> bool:
    """Put the new candidate in its place; return whether the old one's validation still counts and was kept."""
    if not candidate.exists():
        put_in_place(fresh, candidate)
        return False
    unfreeze(candidate)
    with disk_errors(candidate):
        (candidate / MANIFEST).unlink(missing_ok=True)
    if not (candidate / "data").is_dir() or data_sha256(candidate) != data_sha256(fresh):
        put_in_place(fresh, candidate)
        return False
    write_in_order({candidate / name: (fresh / name).read_bytes() for name in (FACTS, "CHANGELOG.md")})
    return (candidate / "validation").is_dir()


def _change(study: Study, previous: str | None, wanted: Version, fresh: Path) -> ReleaseDiff | None:
    if previous is None:
        return None
    change = diff(release_path(study, previous), fresh, previous)
    lowest = parse_version(previous).raised(change.bump)
    if wanted < lowest:
        raise ConfigError(
            "version-too-low",
            f"release {wanted}",
            found=f"{_in_words(change)} since {previous}: a {change.bump} change",
            expected=f"{lowest} or higher",
            way_out=f"run `mvpbench release build {lowest}`",
        )
    return change


def _in_words(change: ReleaseDiff) -> str:
    totals = {
        what: sum(getattr(one, what) for one in change.by_config) for what in ("added", "removed", "edited", "moved")
    }
    parts = [f"{count:,} rows {what}" for what, count in totals.items() if count]
    columns = sum(len(one.columns) for one in change.by_config)
    return ", ".join(parts + [f"{columns:,} columns added"] * bool(columns)) or "the same rows"


def _earlier_changelog(study: Study, previous: str | None) -> str:
    if previous is None:
        return ""
    path = release_path(study, previous) / "CHANGELOG.md"
    with disk_errors(path):
        return path.read_text(encoding="utf-8") if path.is_file() else ""


def _facts(study: Study, version: str, sources: Sources, dropped: dict[str, dict[str, int]]) -> ReleaseFacts:
    section, framework = study.config.release, load_framework(sources.survey.framework, study.root)
    return ReleaseFacts(
        name=study.config.release_name,
        version=version,
        previous=latest_sealed(study),
        canary=canary_of(study.config.release_name, version),
        licence=section.licence,
        authors=section.authors,
        ground=study.config.profile.ground,
        survey=SurveyFacts.model_validate(sources.survey.model_dump(include=set(SurveyFacts.model_fields))),
        framework=FrameworkFacts.model_validate(framework.model_dump(include=set(FrameworkFacts.model_fields))),
        tables={name: info.content_sha256 for name, info in sorted(sources.tables.items())},
        dropped=dropped,
        audit=sources.audit,
        agreement=sources.agreement,
        country_notes={
            code: paragraphs
            for code in own_codes(study.root)
            if (paragraphs := find_pack(code, study.root).pack.card_paragraphs)
        },
    )


def _exists(study: Study, version: str) -> StudyError:
    latest = latest_sealed(study)
    higher = parse_version(latest or version).raised(Bump.PATCH)
    return StudyError(
        "release-exists",
        f"release {version}",
        where=str(study.releases),
        found="a sealed release of that version, which cannot change",
        expected="a new version",
        way_out=f"run `mvpbench release build {higher}`, or what it then asks for",
    )


def _outcome(
    study: Study, evidence: Evidence, report: GateReport, change: ReleaseDiff | None, *, validation_kept: bool
) -> Outcome[ReleaseBuilt]:
    facts, rows = evidence.facts, evidence.rows
    stops = stopping(report)
    missing = {gate.name for gate in stops}
    step = "mvpbench validate" if "validation" in missing else f"mvpbench release seal {facts.version}"
    built = ReleaseBuilt(
        version=facts.version,
        data_sha256=evidence.data_sha256,
        kind=report.kind,
        reasons_demo=report.reasons_demo,
        gates=report.gates,
        diff=change,
        validation_kept=validation_kept,
    )
    return Outcome(
        result=built,
        counts={
            "instances": len(rows.instances),
            "labels": len(rows.labels),
            "ratings": len(rows.ratings),
            "profiles": len(rows.profiles),
        },
        dropped={f"{table}: {reason}": n for table, reasons in facts.dropped.items() for reason, n in reasons.items()},
        outputs=(candidate_path(study, facts.version).relative_to(study.root).as_posix(),),
        summary=(
            f"{facts.name} {facts.version}, candidate for a {report.kind} release",
            "first release" if change is None else f"since {change.previous}: {_in_words(change)} ({change.bump})",
            *(gate_line(gate) for gate in report.gates),
        ),
        next_step=step,
    )
