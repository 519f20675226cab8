"""A pack's own prompts: what they may say. They are text with blanks; nothing in them computes, calls or reads files.

Jinja's sandbox keeps a template from our objects, not from eating memory or time; so only the few things that the
built-in prompts do themselves are let through.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from builder.countries.packs import FILE, OWN, own_codes
from builder.writers.prompt import PROMPTS, CountryPrompts
from mvpbench.store.config_file import read_config
from schemas.country import CountryPack
from schemas.errors import ConfigError

ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.For, nodes.Include),
    *(nodes.Filter, nodes.Test, nodes.Not, nodes.Const, nodes.Getitem),
)
FILTERS = ("join",)
TESTS = ("none", "defined")
USER = ("sides", "tradeoff", "topic")
"""These see the same blanks, as the first two include the third."""
INCLUDED = "topic.jinja"


def prompt_names() -> tuple[str, ...]:
    """Return the names of the writer's prompts, sorted: those that a pack can replace."""
    return tuple(sorted(path.stem for path in PROMPTS.glob("*.jinja")))


def blanks_of(name: str) -> frozenset[str]:
    """Return what the prompt `name` may have filled in. KeyError where the writer has no such prompt."""
    return _blanks()[name]


def country_prompts(root: Path) -> CountryPrompts:
    """Return the prompts that the packs of the study at `root` bring: country -> name -> text.

    Raises:
        ConfigError: `prompt-broken` where one cannot be used, or as `read_config` does.
    """
    packs = [read_config(root / OWN / code / FILE, CountryPack) for code in own_codes(root)]
    for pack in packs:
        for name, text in pack.prompts.items():
            wrong = list(faults(name, text)) if name in prompt_names() else ["no prompt of this name"]
            if wrong:
                raise ConfigError(
                    "prompt-broken",
                    f"prompt {name} of the country pack {pack.code}",
                    where=f"{OWN}/{pack.code}/{FILE}, prompts.{name}",
                    found="; ".join(wrong),
                    expected="text that can stand in the place of the built-in one",
                    way_out=f"`mvpbench country check {pack.code}` says what is allowed",
                )
    return {pack.code: pack.prompts for pack in packs if pack.prompts}


def prompt_texts(root: Path) -> Mapping[str, str]:
    """Return the packs' prompts by their names in the fingerprint: the rest of a pack does not change a question."""
    every = country_prompts(root)
    return {f"prompt {name} of the country pack {code}": text for code in every for name, text in every[code].items()}


def faults(name: str, text: str) -> Iterator[str]:
    """Yield what is wrong with `text` in place of the prompt `name`, in words; nothing where it can be used."""
    environment = ImmutableSandboxedEnvironment()
    try:
        tree = environment.parse(text)
    except TemplateSyntaxError as exc:
        yield f"line {exc.lineno}: {exc.message}"
        return
    except RecursionError:
        yield "too deeply nested"
        return
    forbidden = dict.fromkeys(_forbidden(tree, (INCLUDED,) if name in USER and f"{name}.jinja" != INCLUDED else ()))
    if forbidden:  # not a step further: looking for blanks already computes what is constant, such as 9 ** 999999999
        yield from forbidden
        return
    unknown = sorted(meta.find_undeclared_variables(tree) - blanks_of(name))
    if unknown:
        yield f"blanks that nothing fills: {', '.join(unknown)}"


def _forbidden(tree: nodes.Template, includes: Sequence[str]) -> Iterator[str]:
    for node in tree.find_all(nodes.Node):
        line = f"line {node.lineno}: "
        match node:
            case nodes.Include(template=nodes.Const(value=str(named))):
                if named not in includes:
                    yield f"{line}an include of {named!r}"
            case nodes.Include():
                yield f"{line}an include of what is not named"
            case nodes.Filter(name=str(named)) if named not in FILTERS:
                yield f"{line}the filter {named!r}"
            case nodes.Test(name=str(named)) if named not in TESTS:
                yield f"{line}the test {named!r}"
            case nodes.For(iter=nodes.Name()):
                pass
            case nodes.For():
                yield f"{line}a loop over something else than a blank"
            case _ if not isinstance(node, ALLOWED):
                yield f"{line}{type(node).__name__.lower()}"


@cache
def _blanks() -> dict[str, frozenset[str]]:
    environment: Environment = ImmutableSandboxedEnvironment()
    own = {
        name: meta.find_undeclared_variables(environment.parse((PROMPTS / f"{name}.jinja").read_text(encoding="utf-8")))
        for name in prompt_names()
    }
    shared = frozenset().union(*(own[name] for name in USER))
    return {name: shared if name in USER else frozenset(own[name]) for name in own}
