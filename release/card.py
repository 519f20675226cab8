"""The dataset card: Hugging Face front matter and a text in which every number is computed."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from annotation.agreement.gate import declared_in_words
from builder.survey.countries import country_name
from release.data import data_files
from release.evidence import Evidence, other_tables
from release.licences import licence
from release.numbers import Numbers, numbers
from release.questions import question_numbers
from schemas.agreement import Agreement, Estimate
from schemas.evaluation import EvalResult
from schemas.markdown import escape
from schemas.release import GateReport, ReleasedInstance, ReleaseFacts, ReleaseKind
from schemas.results import Baseline
from schemas.values import Split

FOLDER = Path(__file__).parent / "templates"
UNKNOWN = "–"
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))

Files = Mapping[str, Mapping[str, str]]
"""Config -> split -> path."""


class Markup(str):
    """Markdown of our own, which is not escaped."""

    __slots__ = ()


def render_card(release: Path, evidence: Evidence, report: GateReport) -> str:
    """Return README.md for the candidate in folder `release`."""
    counted, files = numbers(evidence.rows), data_files(release)
    rows, facts = evidence.rows, evidence.facts
    lengths = {
        "instances": len(rows.instances),
        "labels": len(rows.labels),
        "ratings": len(rows.ratings),
        "profiles": len(rows.profiles),
    }
    text = (
        _environment()
        .get_template("README.md.j2")
        .render(
            facts=facts,
            audit=facts.audit if facts.audit and not other_tables(facts.audit.tables, facts) else None,
            agreed=_agreed(facts),
            sample=facts.agreement.sample if facts.agreement else None,
            declared=_declared(facts),
            numbers=counted,
            questions=question_numbers(rows),
            noted=_noted(facts, counted),
            report=report,
            demo=report.kind is ReleaseKind.DEMO,
            files=files,
            lengths=lengths,
            licence=licence(facts.licence),
            example=_example(rows.instances),
            results=_told_results(evidence.results),
            html_report=(release / "validation" / "report.html").is_file(),
        )
    )
    front = yaml.safe_dump(
        _front_matter(evidence, report, files, counted), sort_keys=False, allow_unicode=True, width=120
    )
    return f"---\n{front}---\n\n{text.strip()}\n"


def _told_results(results: Iterable[EvalResult]) -> list[EvalResult]:
    """Return those over pairs that raters confirmed, then those over all that were asked."""
    return [one for group in ({"label": "confirmed"}, {}) for one in results if one.group == group]


def _front_matter(evidence: Evidence, report: GateReport, files: Files, counted: Numbers) -> dict[str, object]:
    facts, known = evidence.facts, licence(evidence.facts.licence)
    tags = ["values", "survey", "personalization", "evaluation"]
    if report.kind is ReleaseKind.DEMO:
        tags.append("demo")
    if facts.survey.synthetic:
        tags.append("synthetic")
    return {
        "pretty_name": facts.name,
        "license": known.hub if known else "other",
        **({} if known else {"license_name": facts.licence, "license_link": "LICENSE"}),
        "language": sorted({row.language for row in evidence.rows.instances}),
        "task_categories": ["multiple-choice"],
        "size_categories": [next((name for limit, name in SIZES if counted.instances < limit), "n>1M")],
        "tags": tags,
        "configs": [
            {
                "config_name": config,
                **({"default": True} if config == "instances" else {}),
                "data_files": [{"split": split, "path": path} for split, path in splits.items()],
            }
            for config, splits in files.items()
        ],
    }


def _agreed(facts: ReleaseFacts) -> list[tuple[str, Agreement]]:
    """Return the group's name and its agreement, overall first; empty where it was not measured."""
    report = facts.agreement
    if report is None:
        return []
    groups = [(", ".join(f"{name} {value}" for name, value in cell.key.items()), cell) for cell in report.by]
    return [("all", report.overall), *groups]


def _declared(facts: ReleaseFacts) -> list[str]:
    sample = facts.agreement.sample if facts.agreement else None
    return declared_in_words(sample) if sample else []


def _noted(facts: ReleaseFacts, counted: Numbers) -> dict[str, tuple[str, ...]]:
    """Return country -> paragraphs of its pack, of countries that are in the release."""
    here = [line.country for line in counted.countries if line.country is not None]
    return {code: facts.country_notes[code] for code in here if code in facts.country_notes}


def _example(instances: Sequence[ReleasedInstance]) -> ReleasedInstance | None:
    """Return a row to show, never one that is tested on."""
    return next((row for row in instances if row.split is not Split.TEST), None)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    """Every `{{ ... }}` of the template is escaped, but for what the filters below made themselves."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # that is for HTML; `finalize` escapes for Markdown
        finalize=lambda value: value if isinstance(value, Markup) else escape(str(value)),
    )
    environment.filters |= {
        "count": lambda number: f"{number:,}",
        "country": lambda code: country_name(code) if code else "not said",
        "interval": _interval,
        "baseline": _baseline,
        "link": lambda url: Markup(f"<{url}>"),
        "words": lambda text: text.replace("_", " "),
    }
    environment.globals["unknown"] = UNKNOWN
    return environment


def _interval(estimate: Estimate | EvalResult) -> Markup:
    if estimate.value is None:
        return Markup(f"undefined ({escape(estimate.undefined or 'no reason given')})")
    if estimate.low is None or estimate.high is None:
        return Markup(f"{estimate.value:.3f}")
    return Markup(f"{estimate.value:.3f} \\[{estimate.low:.3f}, {estimate.high:.3f}\\]")


def _baseline(baseline: Baseline) -> Markup:
    return _interval(
        Estimate(value=baseline.accuracy, low=baseline.low, high=baseline.high, undefined=baseline.undefined)
    )
