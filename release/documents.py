"""The papers of a release beside its card: LICENSE, CITATION.cff, CHANGELOG.md."""

import yaml

from release.licences import licence
from schemas.markdown import escape
from schemas.release import Bump, ReleaseDiff, ReleaseFacts

CHANGES = {
    Bump.PATCH: "patch: the same rows, written again",
    Bump.MINOR: "minor: rows or columns were added",
    Bump.MAJOR: "major: rows were edited, removed or moved to another split",
}


def licence_text(facts: ReleaseFacts) -> str:
    """Return LICENSE: the release's licence by name and address, and what the survey's asks for."""
    known, survey = licence(facts.licence), facts.survey
    terms = [f"{known.title} ({known.spdx})", known.url] if known else [facts.licence]
    lines = [
        f"{facts.name} {facts.version} is licensed under:",
        *(f"  {_line(term)}" for term in terms),
        "",
        f"It is made from {_line(survey.title)}, version {_line(survey.version)}, licensed under "
        f"{_line(survey.licence)}.",
        "Answers were scored, people were matched, and questions were written: the survey's authors did not make,",
        "check or endorse this. Cite them:",
        f"  {_line(survey.citation)}",
        *(f"  {_line(place)}" for place in (survey.doi, survey.url) if place),
    ]
    return "\n".join(lines) + "\n"


def citation(facts: ReleaseFacts, date: str) -> str:
    """Return CITATION.cff (format 1.2.0); `date` is ISO 8601, the day of the release."""
    names = facts.authors or (f"The authors of {facts.name}",)
    survey = facts.survey
    known = licence(facts.licence)
    entry = {
        "cff-version": "1.2.0",
        "message": "If you use this data set, cite it and the survey it is made from.",
        "type": "dataset",
        "title": facts.name,
        "version": facts.version,
        "date-released": date,
        "authors": [{"name": name} for name in names],
        **({"license": known.spdx} if known else {}),
        "references": [
            {
                "type": "dataset",
                "title": survey.title,
                "version": survey.version,
                "authors": [{"name": f"The authors of {survey.title}"}],
                "notes": survey.citation,
                **({"doi": survey.doi} if survey.doi else {}),
                **({"url": survey.url} if survey.url else {}),
            }
        ],
    }
    return yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=120)


def changelog(name: str, version: str, change: ReleaseDiff | None, earlier: str) -> str:
    """Return CHANGELOG.md: what changed in `version`, above `earlier`, the changelog of the release before it."""
    head = f"# Changelog of {escape(name)}\n"
    section = f"\n## {version}\n\n" + ("First release.\n" if change is None else _changes(change))
    return head + section + "".join(f"\n## {old.strip()}\n" for old in earlier.split("\n## ")[1:])


def _changes(change: ReleaseDiff) -> str:
    lines = [
        f"Compared with {change.previous}, {CHANGES[change.bump]}.",
        "",
        "| config | added | removed | edited | moved to another split |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {one.config} | {one.added:,} | {one.removed:,} | {one.edited:,} | {one.moved:,} |"
            for one in change.by_config
        ),
    ]
    new = [f"- {one.config}: {', '.join(one.columns)}" for one in change.by_config if one.columns]
    if new:
        lines += ["", "Columns that are new; what the others hold is compared above:", "", *new]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())
