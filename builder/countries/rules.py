"""The frame of the rules: what a rule looks at, what it yields, and its words in rules.yaml."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from builder.countries.packs import FoundPack
from mvpbench.store.config_file import parse_config, read_yaml
from schemas.errors import ConfigError
from schemas.readiness import Band, CountryNumbers, CountryViolation, PilotResult, Rule, Severity
from schemas.study import StudyConfig

FILE = Path(__file__).with_name("rules.yaml")


@dataclass(frozen=True)
class Subject:
    """A country as far as it can be looked at: what is not there is None, and rules that need it do not run."""

    found: FoundPack
    band: Band | None
    study: StudyConfig | None = None
    numbers: CountryNumbers | None = None
    pilot: PilotResult | None = None


class Found(NamedTuple):
    """What a rule found wrong; the rest of the violation is in rules.yaml."""

    where: str
    """Key of country.yaml, file of the pack, or table."""
    found: str
    expected: str | None = None
    """None for the rule's own words."""
    way_out: str | None = None


RuleFunction = Callable[[Subject], Iterator[Found]]


@cache
def rule_texts() -> Mapping[str, Rule]:
    """Return the words of every rule, in the order in which they are run and documented."""
    return {code: parse_config(words, f"{FILE.name}, {code}", Rule) for code, words in read_yaml(FILE).items()}


def explained(code: str) -> Mapping[str, Rule]:
    """Return the words of rule `code`, or of all for `all`. ConfigError `rule-unknown` where there is none."""
    texts = rule_texts()
    if code == "all":
        return texts
    if code not in texts:
        raise ConfigError(
            "rule-unknown",
            "rule of `country check`",
            found=repr(code),
            expected=f"one of {', '.join(texts)}",
            way_out="`mvpbench country check --explain all` prints all of them",
        )
    return {code: texts[code]}


def violations(
    subject: Subject, rules: Mapping[str, RuleFunction], *, recruiting: bool = False
) -> Sequence[CountryViolation]:
    """Return all that `rules` find, errors first, then in the order of rules.yaml.

    With `recruiting` what must be there before people are recruited is an error too.
    """
    every: list[CountryViolation] = []
    for code, rule in rules.items():
        words = rule_texts()[code]
        severe = recruiting and words.before_recruiting
        every += [
            CountryViolation(
                code=code,
                where=one.where,
                found=one.found,
                expected=one.expected or words.expects,
                severity=Severity.ERROR if severe else words.severity,
                way_out=one.way_out or words.way_out,
            )
            for one in rule(subject)
        ]
    order = list(rule_texts())
    return sorted(every, key=lambda one: (one.severity is not Severity.ERROR, order.index(one.code)))
