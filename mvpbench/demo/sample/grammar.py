"""Sentences from a small grammar kept as YAML beside this file."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from mvpbench.demo.sample.chance import Chance

FILE = Path(__file__).parent / "grammar.yaml"
BLANK = re.compile(r"\{([a-z_]+)(?::([a-z_]+))?\}")

Grammar = Mapping[str, tuple[str, ...]]


def read_grammar() -> Grammar:
    """Return the rules: a symbol, or a symbol and a case as `wish.safety`, with its alternatives."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    rules: dict[str, tuple[str, ...]] = {}
    for symbol, alternatives in content.items():
        if isinstance(alternatives, dict):
            rules |= {f"{symbol}.{case}": tuple(texts) for case, texts in alternatives.items()}
        else:
            rules[symbol] = tuple(alternatives)
    return rules


def sentence(grammar: Grammar, symbol: str, words: Mapping[str, str], chance: Chance, purpose: str) -> str:
    """Return one expansion of `symbol`.

    `{name}` is a word given in `words` or else a symbol to expand; `{name:case}` is the symbol `name` in the case that
    stands in `words` under `case`. KeyError for a symbol that the grammar lacks. The first letter becomes a capital.
    """

    def expand(name: str, path: str) -> str:
        text = chance.one_of(path, grammar[name])
        return BLANK.sub(lambda blank: fill(blank, f"{path} {blank.start()}"), text)

    def fill(blank: re.Match[str], path: str) -> str:
        name, case = blank.groups()
        if case is not None:
            return expand(f"{name}.{words[case]}", path)
        return words[name] if name in words else expand(name, path)

    text = expand(symbol, f"{purpose} {symbol}")
    return text[:1].upper() + text[1:]
