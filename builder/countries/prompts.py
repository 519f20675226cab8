"""A pack's own prompts: what they may say. They are text with blanks; nothing in them computes, calls or reads files.

Jinja's sandbox keeps a template from our objects, not from eating memory or time; so only the few things that the
built-in prompts do themselves are let through: a loop or a `join` goes over one of the short lists that they are told,
and no loop stands in another. `builder.writers.prompt` stops a prompt that grows too long all the same.
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
        return
    try:
        environment.compile(text)
    except (SyntaxError, RecursionError, MemoryError):  # Python's own limits on what stands in what
        yield "too deeply nested"


def _forbidden(tree: nodes.Template, includes: Sequence[str]) -> Iterator[str]:
    for node in tree.find_all(nodes.Node):
        wrong = _over_lists(node) if isinstance(node, nodes.For | nodes.Filter) else _otherwise(node, includes)
        yield from (f"line {node.lineno}: {one}" for one in wrong)


def _over_lists(node: nodes.For | nodes.Filter) -> Iterator[str]:
    lists = " or ".join(sorted(_lists()))
    match node:
        case nodes.For():
            if not _is_list(node.iter):
                yield f"a loop over something else than {lists}"
            if any(isinstance(one, nodes.For | nodes.Include) for part in node.body for one in _all_of(part)):
                yield "a loop with another loop or an include in it"
        case nodes.Filter(name=str(named)) if named not in FILTERS:
            yield f"the filter {named!r}"
        case _ if not _is_list(node.node) or not _is_plain(node):
            yield f"a join of something else than {lists}"


def _otherwise(node: nodes.Node, includes: Sequence[str]) -> Iterator[str]:
    match node:
        case nodes.Include(template=nodes.Const(value=str(named))):
            if named not in includes:
                yield f"an include of {named!r}"
        case nodes.Include():
            yield "an include of what is not named"
        case nodes.Test(name=str(named)) if named not in TESTS:
            yield f"the test {named!r}"
        case _ if not isinstance(node, ALLOWED):
            yield type(node).__name__.lower()


def _is_plain(join: nodes.Filter) -> bool:
    """Whether it is told at most what to put between: a second argument would read attributes."""
    given = (*join.kwargs, *(one for one in (join.dyn_args, join.dyn_kwargs) if one is not None))
    return not given and len(join.args) <= 1 and all(isinstance(one, nodes.Const) for one in join.args)


def _all_of(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node and all in it."""
    yield node
    yield from node.find_all(nodes.Node)


def _is_list(node: nodes.Node | None) -> bool:
    return isinstance(node, nodes.Name) and node.name in _lists()


@cache
def _lists() -> frozenset[str]:
    """The blanks that are filled with lists: those over which the built-in prompts go."""
    environment: Environment = ImmutableSandboxedEnvironment()
    trees = [environment.parse((PROMPTS / f"{name}.jinja").read_text(encoding="utf-8")) for name in prompt_names()]
    loops = [node.iter for tree in trees for node in tree.find_all(nodes.For)]
    joins = [node.node for tree in trees for node in tree.find_all(nodes.Filter) if node.name == "join"]
    return frozenset(node.name for node in (*loops, *joins) if isinstance(node, nodes.Name))


@cache
def _blanks() -> dict[str, frozenset[str]]:
    environment: Environment = ImmutableSandboxedEnvironment()
    own = {
        name: meta.find_undeclared_variables(environment.parse((PROMPTS / f"{name}.jinja").read_text(encoding="utf-8")))
        for name in prompt_names()
    }
    shared = frozenset().union(*(own[name] for name in USER))
    return {name: shared if name in USER else frozenset(own[name]) for name in own}
