"""Prompts: what the model is told about an order, and with what it was told.

What a person wrote is put in as a JSON string whose angle brackets are escaped too, so that no text can close the
string or the tags around it. Templates are ours or a country pack's, never a respondent's, and run in Jinja's sandbox.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from babel import Locale, UnknownLocaleError
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from builder.asking import shown_again
from builder.recipes import RULES, Rules
from builder.writers.order import Order
from builder.writers.written import response_schema
from mvpbench.store.fingerprint import file_sha256
from schemas.chat import ChatReply, ChatRequest, Message
from schemas.errors import ConfigError
from schemas.identity import digest, seed
from schemas.questions import Recipe
from schemas.study import WriterSection
from schemas.values import ValueFramework

PROMPTS = Path(__file__).with_name("prompts")
CONCERN_CHARACTERS = 2000
"""Of a person's words; more is cut, as they set the topic only."""
PROMPT_CHARACTERS = 100_000
"""Of a prompt filled in; a country pack's own that grows longer is a mistake, or meant to eat memory."""
SAMPLES = 2**31

CountryPrompts = Mapping[str, Mapping[str, str]]
"""Country -> name of a prompt -> the text in its place, checked by `builder.countries.prompts.faults`."""


@dataclass(frozen=True)
class Prompter:
    """Writes the requests of one writer."""

    section: WriterSection
    framework: ValueFramework
    templates: ImmutableSandboxedEnvironment
    situations: Mapping[str, tuple[str, ...]]
    versions: Mapping[Recipe, str]
    """Hash of the prompt files and the response schema of a recipe: another recipe's may change."""
    countries: Mapping[str, tuple[ImmutableSandboxedEnvironment, Mapping[Recipe, str]]]
    """Country with prompts of its own -> its templates, and its versions."""

    def version_of(self, order: Order) -> str:
        """Return the hash of the prompts with which the order is written, and of what they are told of its values."""
        values = [self.framework.dimension(name) for name in order.dimensions]
        told = [[value.title, value.definition, value.high, value.low] for value in values]
        return digest("version", self._own(order)[1][order.recipe], self.framework.domain, told)

    def request(self, order: Order) -> ChatRequest:
        """Return the request for an order: the same for the same order, another for any other match."""
        first, second = asked_first(order)
        words = (order.concern or "").strip()[:CONCERN_CHARACTERS]
        told: dict[str, object] = {
            "first": self._plain(first),
            "second": self._plain(second),
            "definitions": [self.framework.dimension(name).definition for name in order.dimensions],
            "concern": fenced(words) if words else None,
            "area": self._drawn("areas", order),
            "turn": self._drawn("turns", order),
        }
        rules = order.rules
        if rules.told_side:
            told["stated"] = [self._plain(part) for part in order.sides[0].split("+")]
        taboo, language = self.taboo(order), language_name(order.language)
        system = self._render(order, rules.system, domain=self.framework.domain, taboo=taboo, language=language)
        return ChatRequest(
            model=self.section.model or "",
            messages=(
                Message(role="system", content=system),
                Message(role="user", content=self._render(order, rules.user, **told)),
            ),
            response_schema=response_schema(rules.questions),
            temperature=self.section.temperature,
            max_tokens=self.section.max_tokens * rules.questions,
            sample=seed("sample", order.id) % SAMPLES,
        )

    def repair(self, order: Order, request: ChatRequest, reply: ChatReply, problem: str) -> ChatRequest:
        """Return the order's request that shows the model its reply and what was wrong with it."""
        return shown_again(request, reply, self._render(order, "repair", problem=problem))

    def taboo(self, order: Order) -> tuple[str, ...]:
        """Return the names of the order's dimensions, which no text may use."""
        titles = [self.framework.dimension(name).title for name in order.dimensions]
        return tuple(title.lower() for title in titles)

    def _plain(self, side: str) -> str:
        said = []
        for part in side.split("+"):
            name, _, level = part.partition(":")
            dimension = self.framework.dimension(name)
            said.append(dimension.high if level == "high" else dimension.low)
        return "; ".join(said)

    def _drawn(self, kind: str, order: Order) -> str:
        choice = self.situations[kind]
        return choice[int(digest(f"situation {kind}", order.id)[:12], 16) % len(choice)]

    def _own(self, order: Order) -> tuple[ImmutableSandboxedEnvironment, Mapping[Recipe, str]]:
        return self.countries.get(order.country or "", (self.templates, self.versions))

    def _render(self, order: Order, template: str, **told: object) -> str:
        """Raises ConfigError `prompt-too-long`, before much of it is made."""
        parts: list[str] = []
        length = 0
        for part in self._own(order)[0].get_template(f"{template}.jinja").generate(told):
            length += len(part)
            if length > PROMPT_CHARACTERS:
                raise _too_long(order, template)
            parts.append(part)
        return "".join(parts).strip()


def prompter(section: WriterSection, framework: ValueFramework, countries: CountryPrompts | None = None) -> Prompter:
    """Return the prompter with the built-in templates, and for `countries` their own in the place of some."""
    situations = yaml.safe_load((PROMPTS / "situations.yaml").read_text(encoding="utf-8"))
    versions = {recipe: _version(rules) for recipe, rules in RULES.items()}
    own = {
        country: (_templates(texts), {recipe: _own_version(rules, texts) for recipe, rules in RULES.items()})
        for country, texts in (countries or {}).items()
    }
    return Prompter(section, framework, _templates({}), situations, versions, own)


def _version(rules: Rules) -> str:
    files = [f"{name}.jinja" for name in _names(rules)] + ["situations.yaml"]
    return digest("prompts", [file_sha256(PROMPTS / name) for name in files], response_schema(rules.questions))


def _own_version(rules: Rules, texts: Mapping[str, str]) -> str:
    """As of the built-in prompts where the country has none of its own for the recipe."""
    own = sorted((name, text) for name, text in texts.items() if name in _names(rules))
    return digest("country prompts", _version(rules), own) if own else _version(rules)


def _names(rules: Rules) -> tuple[str, ...]:
    return (rules.system, rules.user, *rules.parts, "repair")


def _templates(texts: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    own = DictLoader({f"{name}.jinja": text for name, text in texts.items()})
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([own, FileSystemLoader(PROMPTS)]), undefined=StrictUndefined
    )


def prompt_files() -> Mapping[str, Path]:
    """Return the prompt files, by their names in the fingerprint."""
    return {f"prompt/{path.name}": path for path in sorted(PROMPTS.iterdir()) if path.is_file()}


def asked_first(order: Order) -> tuple[str, str]:
    """Return the order's sides as `answer_1` and `answer_2` are to express them: which is first, a hash decides.

    In `paper` it is the person's.
    """
    one, other = order.sides
    if order.rules.told_side:
        return one, other
    return (one, other) if int(digest("asked first", order.id)[:2], 16) % 2 else (other, one)


def fenced(text: str) -> str:
    """Return `text` as a JSON string with no angle bracket in it."""
    return json.dumps(text, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


def language_name(tag: str) -> str:
    """Return a language's English name with its BCP 47 tag; the bare tag where the name is not known."""
    try:
        name = Locale.parse(tag, sep="-").english_name
    except (UnknownLocaleError, ValueError):
        name = None
    return f"{name} ({tag})" if name else tag


def _too_long(order: Order, template: str) -> ConfigError:
    code = order.country or "CODE"
    return ConfigError(
        "prompt-too-long",
        f"prompt {template}, filled in for a question",
        where=f"countries/{code}/country.yaml, prompts",
        found=f"more than {PROMPT_CHARACTERS:,} characters",
        expected="a prompt that a model can read",
        way_out=f"shorten the pack's prompts, then `mvpbench country check {code}`",
    )
