"""FrameworkWords, CommonWords: the plain words of profiles in one language, as data that its speakers can check."""

from string import Formatter
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from schemas.record import Record
from schemas.values import Level
from schemas.visible import is_seen

BLANKS = {"title": ["domain"], "one": ["sentence"], "tradeoff": ["more", "less"]}
"""Field of `CommonWords` -> the blanks it holds, in any order."""


def _line(text: str) -> str:
    if not text.strip() or text != text.strip() or not all(map(is_seen, text)):
        raise ValueError("one line of words, without a blank at its ends and without invisible characters")
    return text


def _lines(text: str) -> str:
    for line in text.split("\n"):
        _line(line)
    return text


Line = Annotated[str, AfterValidator(_line)]
Lines = Annotated[str, AfterValidator(_lines)]
Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$")]


class SideWords(Record):
    """The two sides of one dimension; each completes "this person ..." and "a person who ..." in its language."""

    high: Line
    low: Line

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.high == self.low:
            raise ValueError("high and low are the same")
        return self


class FrameworkWords(Record):
    """`words/<framework>.<language>.yaml`: what a framework says in plain words, in one language."""

    framework: str
    language: Tag
    """BCP 47, as in the name of the file."""
    made_by: Line
    """Who translated it and when, e.g. `machine draft, 2026-11`."""
    checked_by: tuple[str, ...] = ()
    """Speakers of the language who read it and found it right. Empty: nobody has."""
    domain: Line
    """Fills `{domain}` of the title."""
    dimensions: dict[str, SideWords]


class CommonWords(Record):
    """`words/<language>.yaml`: what stands around the sentences of every framework, in one language."""

    language: Tag
    made_by: Line
    checked_by: tuple[str, ...] = ()
    title: Line
    """Of a profile; holds `{domain}`."""
    heads: dict[Level, Line]
    """Level -> what stands above the sentences of that level; ends in the beginning that they complete."""
    one: Line
    """Describes somebody by one side; holds `{sentence}`."""
    tradeoff: Lines
    """Describes somebody by two sides of which one comes first; holds `{more}` and `{less}`."""

    @field_validator("heads")
    @classmethod
    def _every_level(cls, heads: dict[Level, str]) -> dict[Level, str]:
        if len(set(heads.values())) != len(Level):
            problem = f"a different head for each of {', '.join(Level)}"
            raise ValueError(problem)
        return heads

    @field_validator("title", "one", "tradeoff")
    @classmethod
    def _has_blanks(cls, text: str, info: ValidationInfo) -> str:
        expected = sorted([name, "", None] for name in BLANKS[str(info.field_name)])
        try:
            found = sorted([name, *rest] for _, name, *rest in Formatter().parse(text) if name is not None)
        except (ValueError, TypeError):  # a brace without its fellow, or a conversion beside none
            found = []
        if found != expected:
            problem = f"{' and '.join(f'{{{name}}}' for name, *_ in expected)}, once, and no other brace"
            raise ValueError(problem)
        return text
