"""`country check --explain`: the words of the rules, for the command line and for the page in the docs."""

from collections.abc import Mapping

from builder.countries.rules import explained
from schemas.readiness import ExplainResult, Rule
from schemas.results import Outcome


def explain(code: str) -> Outcome[ExplainResult]:
    """Return what rule `code` wants and why, or of `all`. Raises ConfigError `rule-unknown`."""
    rules = explained(code)
    lines = [line for name, rule in rules.items() for line in (*_in_words(name, rule), "")]
    return Outcome(
        result=ExplainResult(rules=dict(rules)), summary=tuple(lines), next_step="mvpbench country check CODE"
    )


def rules_table(rules: Mapping[str, Rule]) -> str:
    """Return the rules as a table in Markdown, for docs/country-rules.md."""
    rows = [
        f"| `{name}` | {_severity(rule)} | {rule.expects} | {rule.why} | {rule.way_out} |"
        for name, rule in rules.items()
    ]
    return "\n".join(["| rule | | expects | why | way out |", "|---|---|---|---|---|", *rows]) + "\n"


def _in_words(name: str, rule: Rule) -> list[str]:
    return [
        f"{name} ({_severity(rule)}; looks at {rule.needs})",
        f"  expects  {rule.expects}",
        f"  why      {rule.why}",
        f"  way out  {rule.way_out}",
    ]


def _severity(rule: Rule) -> str:
    return f"{rule.severity.value}, an error before recruiting" if rule.before_recruiting else rule.severity.value
