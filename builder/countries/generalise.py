"""Quasi-identifiers made coarser by a country pack: what might single a person out is not kept."""

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from builder.countries.packs import FILE, OWN, own_codes
from mvpbench.store.config_file import read_config
from schemas.country import CountryPack, Generalisation

_NUMBER = r"(\d{1,15}(?:\.\d{1,15})?)"
_UNIT = (
    r"(?:[ -]?(?:years?(?:[ -]old| of age)?|yrs?\.?(?: old)?|y\.?/?o\.?|y|ans?|años?|anos?|anni|jahre?(?: alt)?|jaar"
    r"|miaka|歳|岁|세))?"
)
"""What may follow a number, in the languages of the raters' strings and a few more; miaka goes before it."""
_LEAD = r"(?:(?:aged?|ages|miaka):? )?"
_AGE = rf"(?:the age of )?{_NUMBER}{_UNIT}"
_AND = r" ?(?:and|or|und|oder|et|ou|y|o|e|na) "
_MORE = r"(?:over|older|above|more|up|upwards|älter|mehr|plus|más|mayor|mayores|mais|zaidi)"
_LESS = r"(?:under|younger|below|less|jünger|weniger|moins|menos|menor|menores)"
_ONE = re.compile(rf"{_LEAD}{_NUMBER}{_UNIT}", re.IGNORECASE)
_FROM_TO = re.compile(rf"{_LEAD}{_NUMBER}{_UNIT} ?(?:-|–|—|to|bis|à|a) ?{_NUMBER}{_UNIT}", re.IGNORECASE)
_BETWEEN = re.compile(
    rf"{_LEAD}(?:between|zwischen|entre) {_NUMBER}{_UNIT} (?:and|und|et|y|e) {_NUMBER}{_UNIT}", re.IGNORECASE
)
_FROM = re.compile(rf"{_LEAD}{_NUMBER}{_UNIT}(?: ?\+| plus|{_AND}{_MORE}){_UNIT}", re.IGNORECASE)
_AT_LEAST = re.compile(rf"{_LEAD}(?:>=|≥|at least|mindestens|au moins|al menos|ao menos) ?{_AGE}", re.IGNORECASE)
_OVER = re.compile(rf"{_LEAD}(?:>|over|above|more than|older than|über|plus de|más de|mais de) ?{_AGE}", re.IGNORECASE)
_UP_TO = re.compile(
    rf"{_LEAD}(?:<=|≤|up to|at most|bis(?: zu)?|höchstens|jusqu['’]à|hasta|até) ?{_AGE}"
    rf"|{_LEAD}{_NUMBER}{_UNIT}{_AND}{_LESS}{_UNIT}",
    re.IGNORECASE,
)
_UNDER = re.compile(rf"{_LEAD}(?:<|under|below|less than|younger than|unter|moins de|menos de) ?{_AGE}", re.IGNORECASE)
_YEARS = range(1800, 2200)
"""A number of these is the year of something, where the bands all lie below `_NO_YEAR`."""
_NO_YEAR = 1000
_FORMS: Mapping[re.Pattern[str], Callable[[list[float]], tuple[float, float]]] = {
    _FROM_TO: lambda numbers: (numbers[0], numbers[1] + 1),
    _BETWEEN: lambda numbers: (numbers[0], numbers[1] + 1),
    _UNDER: lambda numbers: (-math.inf, numbers[0]),
    _UP_TO: lambda numbers: (-math.inf, numbers[0] + 1),
    _FROM: lambda numbers: (numbers[0], math.inf),
    _AT_LEAST: lambda numbers: (numbers[0], math.inf),
    _OVER: lambda numbers: (math.floor(numbers[0]) + 1, math.inf),
    _ONE: lambda numbers: (numbers[0], numbers[0] + 1),
}
"""Ends of a form, the upper one exclusive, from the numbers in it."""


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
    does not name is left out: of a text only a number or a range is read, with a unit of age at most, never a year.
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
    plain = " ".join(text.split())
    span = _read(plain)
    if span is None or (bounds[-1] < _NO_YEAR and any(float(one) in _YEARS for one in re.findall(_NUMBER, plain))):
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
    """The numbers that a text speaks of; None where it says anything else. Whole numbers: over 64 is from 65 on."""
    for form, ends in _FORMS.items():
        if found := form.fullmatch(text):
            low, high = ends([float(number) for number in found.groups() if number is not None])
            return _Span(low, high) if low < high else None
    return None


def _label(span: _Span) -> str | None:
    if math.isinf(span.low) and math.isinf(span.high):
        return None
    if math.isinf(span.low):
        return f"under {_figure(span.high)}"
    return f"{_figure(span.low)}+" if math.isinf(span.high) else f"{_figure(span.low)}-{_figure(span.high - 1)}"


def _figure(number: float) -> str:
    """All its digits: 1000000, not 1e+06."""
    return str(int(number)) if number == int(number) else format(Decimal(repr(number)), "f")
