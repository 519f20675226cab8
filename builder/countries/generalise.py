"""Quasi-identifiers made coarser by a country pack: what might single a person out is not kept."""

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from builder.countries.packs import FILE, OWN, own_codes
from mvpbench.store.config_file import read_config
from schemas.country import CountryPack, Generalisation

_NUMBER = r"(\d{1,15}(?:\.\d{1,15})?)"
_ONE = re.compile(rf"\D*?{_NUMBER}\D*")
_FROM_TO = re.compile(rf"\D*?{_NUMBER}\s*(?:-|–|—|to|bis|à|a)\s*{_NUMBER}\D*", re.IGNORECASE)
_FROM = re.compile(
    rf"\D*?{_NUMBER}\s*(?:\+|or (?:more|over|older|above)|and (?:more|over|older|above))\D*", re.IGNORECASE
)
_OVER = re.compile(rf"(?:>=?|≥|over|above|more than|older than)\s*{_NUMBER}\D*", re.IGNORECASE)
_UNDER = re.compile(rf"(?:<|under|below|less than|younger than)\s*{_NUMBER}\D*", re.IGNORECASE)


class _Span(NamedTuple):
    """Numbers from `low` on and before `high`; infinite where open."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def rules_of(root: Path) -> dict[str, CountryPack]:
    """Return the packs of the study at `root` that make demographics coarser, by country. Built-in ones do not count.

    Raises ConfigError as `read_config` does.
    """
    packs = [read_config(root / OWN / code / FILE, CountryPack) for code in own_codes(root)]
    return {pack.code: pack for pack in packs if pack.generalise}


def generaliser(packs: Mapping[str, CountryPack]) -> Callable[[str | None, Mapping[str, str]], dict[str, str]]:
    """Return what makes the demographics of a person of a country as coarse as its pack wants them."""

    def coarser(country: str | None, known: Mapping[str, str]) -> dict[str, str]:
        pack = packs.get(country or "")
        return dict(known) if pack is None else generalise(known, pack)

    return coarser


def generalise(known: Mapping[str, str], pack: CountryPack) -> dict[str, str]:
    """Return the demographics `known` of a person as coarse as the pack wants them, in their order.

    A demographic without a rule stays as it is. Under `bands` a number becomes its band (`under 18`, `18-29`, `65+`).
    A text that is a range already (`18-24 years old`, `50+`, `under 30`) becomes the band that holds it; where it
    touches several it stays if it is as wide as the widest of them, and else becomes all of them together: nothing
    comes out narrower than the pack's bands. What cannot be put in a band, what lies in all of them, and what `map`
    does not name is left out.
    Doing it twice changes nothing where a map's results are among its own keys.
    """
    made = {name: _generalised(value, pack.generalise.get(name)) for name, value in known.items()}
    return {name: value for name, value in made.items() if value is not None}


def _generalised(value: str, rule: Generalisation | None) -> str | None:
    if rule is None:
        return value
    if rule.drop:
        return None
    if rule.map:
        return rule.map.get(value, rule.other)
    return _in_bands(value, rule.bands)


def _in_bands(text: str, bounds: Sequence[float]) -> str | None:
    span = _read(text.strip())
    if span is None:
        return None
    first = bisect_right(bounds, span.low)
    # A range of whole numbers includes its end, which is why `high` lies one above it.
    last = max(first, bisect_right(bounds, span.high - 1) if math.isfinite(span.high) else len(bounds))
    edges = (-math.inf, *bounds, math.inf)
    touched = [_Span(edges[place], edges[place + 1]) for place in range(first, last + 1)]
    if len(touched) > 1 and span.width >= max(one.width for one in touched):
        return _label(span)
    return _label(_Span(touched[0].low, touched[-1].high))


def _read(text: str) -> _Span | None:
    """The numbers that a text speaks of; None where there are none, or more than make a range."""
    if found := _FROM_TO.fullmatch(text):
        low, high = float(found[1]), float(found[2])
        return _Span(low, high + 1) if low <= high else None
    if found := _UNDER.fullmatch(text):
        return _Span(-math.inf, float(found[1]))
    if found := _FROM.fullmatch(text) or _OVER.fullmatch(text):
        return _Span(float(found[1]), math.inf)
    if found := _ONE.fullmatch(text):
        return _Span(float(found[1]), float(found[1]) + 1)
    return None


def _label(span: _Span) -> str | None:
    if math.isinf(span.low) and math.isinf(span.high):
        return None
    if math.isinf(span.low):
        return f"under {span.high:g}"
    return f"{span.low:g}+" if math.isinf(span.high) else f"{span.low:g}-{span.high - 1:g}"
