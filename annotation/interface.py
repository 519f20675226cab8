"""What raters see: the labelling configuration of the *person* task, in the rater's language, and its stable codes.

Texts of people and models reach the rater only through `Text`, which shows markup as it stands; the interface's own
words come from the strings of the language (`builder/countries/strings/`) and are escaped.
"""

from html import escape
from pathlib import Path

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from builder.countries.places import direction_of
from builder.countries.strings import FOLDER, rater_texts
from schemas.annotation import Vote

TEMPLATE = Path(__file__).parent / "rater" / "person.xml.j2"

PREFERENCE = {"A": "a", "B": "b", Vote.BOTH.value: "t", Vote.NEITHER.value: "n", Vote.CANNOT_TELL.value: "u"}
"""Stored code -> hotkey. A and B stand for the assignment's answer order."""

SURENESS = {"sure": "z", "fairly_sure": "x", "guessing": "c"}
"""Stored code -> hotkey."""


def labelling_config(language: str = "en", folder: Path = FOLDER) -> str:
    """Return the Label Studio configuration (XML) of the person task. Raises what `rater_texts` raises."""
    # Sandboxed and escaping: a language file may come from anyone.
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        text=rater_texts(language, folder),
        right_to_left=direction_of(language) == "rtl",
        preference=PREFERENCE,
        sureness=SURENESS,
    )


def instruction(language: str = "en", folder: Path = FOLDER) -> str:
    """Return what raters read before they start, as HTML."""
    return f"<p>{escape(rater_texts(language, folder).instruction)}</p>"
