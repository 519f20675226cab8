"""What raters see: the labelling configurations of the two tasks, in the rater's language, and their stable codes.

Texts of people and models reach the rater only through `Text`, which shows markup as it stands; the interface's own
words come from the strings of the language (`builder/countries/strings/`, or a pack's own) and are escaped.
"""

from functools import cache
from html import escape
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from builder.countries.places import direction_of
from schemas.annotation import ItemDefect, TaskKind, Vote
from schemas.country import RaterTexts

TEMPLATES = Path(__file__).parent / "rater"

PREFERENCE = {"A": "a", "B": "b", Vote.BOTH.value: "t", Vote.NEITHER.value: "n", Vote.CANNOT_TELL.value: "u"}
"""Stored code -> hotkey. A and B stand for the assignment's answer order."""

SURENESS = {"sure": "z", "fairly_sure": "x", "guessing": "c"}
"""Stored code -> hotkey."""

DEFECTS = {
    ItemDefect.NOT_DEFENSIBLE.value: "q",
    ItemDefect.IMPLAUSIBLE.value: "w",
    ItemDefect.STEREOTYPE.value: "e",
    ItemDefect.LEAK.value: "r",
    ItemDefect.OFF_TOPIC.value: "y",
    ItemDefect.BAD_LANGUAGE.value: "i",
}
"""Stored code -> hotkey."""

SUBMIT = "Submit = ctrl+enter (Mac: command+enter)"
"""The server's own button, which is English in every language, and its key."""


def labelling_config(task: TaskKind, texts: RaterTexts) -> str:
    """Return the Label Studio configuration (XML) of a task with its words in a language."""
    return configuration(
        task.value,
        text=texts,
        right_to_left=direction_of(texts.language) == "rtl",
        preference=PREFERENCE,
        sureness=SURENESS,
        defects=DEFECTS,
    )


def configuration(template: str, **words: object) -> str:
    """Return a configuration of the folder `rater`, filled in."""
    return _templates().get_template(f"{template}.xml.j2").render(words)


def instruction(task: TaskKind, texts: RaterTexts) -> str:
    """Return what raters read before they start, as HTML."""
    text = texts.item.instruction if task is TaskKind.ITEM else texts.instruction
    return told(text, texts.language)


def told(text: str, language: str) -> str:
    """Return words in a language as HTML, with the key that sends an answer."""
    return f'<p dir="{direction_of(language)}">{escape(text)}</p><p dir="ltr">{escape(SUBMIT)}</p>'


def project_title(task: TaskKind, texts: RaterTexts, slot: str) -> str:
    """Return what the slot's project is called, which raters see."""
    return (texts.item.project_title if task is TaskKind.ITEM else texts.project_title).format(slot=slot)


@cache
def _templates() -> SandboxedEnvironment:
    """Sandboxed and escaping: a language file may come from anyone."""
    return SandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(TEMPLATES, encoding="utf-8")
    )
