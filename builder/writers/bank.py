"""The scenario bank: questions with blanks, kept as YAML, a file a dimension (sides) or pair of dimensions (tradeoffs).

The files are append-only. A scenario's place in its file decides its split for ever, so that not only question texts
but whole scenarios stay inside one split.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from string import Formatter
from typing import NamedTuple, Self

from pydantic import model_validator

from mvpbench.store.config_file import parse_config, read_config
from mvpbench.store.fingerprint import folder_sha256
from schemas.errors import ConfigError
from schemas.questions import Recipe
from schemas.record import Record
from schemas.values import Split

FOLDER = Path(__file__).parent.parent / "banks"

# Repeated along a file: any four scenarios in a row from the top give every split at least one.
SPLIT_BY_PLACE = (
    Split.TRAIN,
    Split.TEST,
    Split.VALIDATION,
    Split.TRAIN,
    Split.TEST,
    Split.TRAIN,
    Split.TRAIN,
    Split.TEST,
    Split.TRAIN,
    Split.TRAIN,
)


class Variant(NamedTuple):
    """A scenario with its blanks filled."""

    text: str
    one: str
    """The high side (sides) or the first dimension ahead (tradeoffs)."""
    other: str


class Scenario(Record):
    """A question with blanks and its two answers. `one` is `high` or `first` in the file, `other` `low` or `second`."""

    id: str
    topic: str
    question: str
    slots: dict[str, tuple[str, ...]]
    one: str
    other: str

    @model_validator(mode="after")
    def _blanks(self) -> Self:
        for text in (self.question, self.one, self.other):
            unknown = {name for _, name, _, _ in Formatter().parse(text) if name is not None} - set(self.slots)
            if unknown:
                problem = f"scenario {self.id}: blanks without fillers: {', '.join(sorted(unknown))}"
                raise ValueError(problem)
        return self

    def count(self) -> int:
        """Return how many variants there are."""
        total = 1
        for fillers in self.slots.values():
            total *= len(fillers)
        return total

    def variant(self, index: int) -> Variant:
        """Return variant `index` (modulo their number), in the order of the file's fillers."""
        fillings = list(self._fillings())
        return self._filled(fillings[index % len(fillings)])

    def variants(self) -> tuple[Variant, ...]:
        """Return all variants, in the order of `variant`."""
        return tuple(map(self._filled, self._fillings()))

    def _fillings(self) -> Iterator[dict[str, str]]:
        return (dict(zip(self.slots, fillers, strict=True)) for fillers in product(*self.slots.values()))

    def _filled(self, filling: Mapping[str, str]) -> Variant:
        return Variant(
            _sentence_case(self.question.format_map(filling)),
            _sentence_case(self.one.format_map(filling)),
            _sentence_case(self.other.format_map(filling)),
        )


class Bank(NamedTuple):
    """All scenarios of one framework: (recipe, dimensions) -> scenarios in file order."""

    scenarios: Mapping[tuple[Recipe, tuple[str, ...]], tuple[Scenario, ...]]
    version: str
    """Hash of all its files."""

    def of_split(self, recipe: Recipe, dimensions: tuple[str, ...], split: Split) -> tuple[Scenario, ...]:
        """Return the scenarios of a target that belong to `split`; empty where the bank has none."""
        every = self.scenarios.get((recipe, dimensions), ())
        return tuple(
            scenario for place, scenario in enumerate(every) if SPLIT_BY_PLACE[place % len(SPLIT_BY_PLACE)] is split
        )


def load_bank(framework: str) -> Bank:
    """Return the bank of a framework. Raises ConfigError `bank-missing`, or as `read_config` does."""
    folder = FOLDER / framework
    if not folder.is_dir():
        raise ConfigError(
            "bank-missing",
            "template writer",
            found=f"no scenarios for the framework {framework!r}",
            expected=f"one of {', '.join(sorted(path.name for path in FOLDER.iterdir() if path.is_dir()))}",
            way_out="set `generate.writer.kind: openai`, or write scenarios for it",
        )
    return _read(folder)


@cache
def _read(folder: Path) -> Bank:
    scenarios: dict[tuple[Recipe, tuple[str, ...]], tuple[Scenario, ...]] = {}
    for path in sorted(folder.glob("sides/*.yaml")):
        file = read_config(path, _File)
        scenarios[Recipe.SIDES, file.about()] = file.read(path, "high", "low")
    for path in sorted(folder.glob("tradeoffs/*.yaml")):
        file = read_config(path, _File)
        scenarios[Recipe.TRADEOFF, file.about()] = file.read(path, "first", "second")
    return Bank(scenarios, folder_sha256(folder, "*/*.yaml"))


def bank_files(framework: str) -> Mapping[str, Path]:
    """Return the files of a framework's bank, by their names inside it; empty where there is none."""
    folder = FOLDER / framework
    return {f"bank/{path.relative_to(folder)}": path for path in sorted(folder.glob("*/*.yaml"))}


class _File(Record):
    """A file of the bank, as YAML has it."""

    dimension: str | None = None
    dimensions: tuple[str, str] | None = None
    scenarios: tuple[dict[str, object], ...]

    def about(self) -> tuple[str, ...]:
        return self.dimensions or (self.dimension or "",)

    def read(self, path: Path, one: str, other: str) -> tuple[Scenario, ...]:
        names = {one: "one", other: "other"}
        return tuple(
            parse_config(
                {names.get(key, key): value for key, value in row.items()}, f"{path}, scenario {place}", Scenario
            )
            for place, row in enumerate(self.scenarios, 1)
        )


def _sentence_case(text: str) -> str:
    """A filler may open the sentence."""
    return text[:1].upper() + text[1:]
