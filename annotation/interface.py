"""What raters see: the labelling configuration of the *person* task, in the rater's language, and its stable codes.

Texts of people and models reach the rater only through `Text`, which shows markup as it stands; the interface's own
words come from `rater/<language>.yaml` and are escaped.
"""

from html import escape
from pathlib import Path

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from pydantic import ValidationError

from schemas.annotation import Vote
from schemas.errors import ConfigError
from schemas.record import Record

FOLDER = Path(__file__).parent / "rater"

PREFERENCE = {"A": "a", "B": "b", Vote.BOTH.value: "t", Vote.NEITHER.value: "n", Vote.CANNOT_TELL.value: "u"}
"""Stored code -> hotkey. A and B stand for the assignment's answer order."""

SURENESS = {"sure": "z", "fairly_sure": "x", "guessing": "c"}
"""Stored code -> hotkey."""


class RaterTexts(Record):
    """The interface's own words in one language."""

    language: str
    project_title: str
    """Holds `{slot}`."""
    instruction: str
    who: str
    question: str
    answer_a: str
    answer_b: str
    ask_preference: str
    ask_preference_required: str
    preference: dict[str, str]
    ask_sureness: str
    ask_sureness_required: str
    sureness: dict[str, str]
    comment: str


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the tags of the languages in which raters can be addressed, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def rater_texts(language: str, folder: Path = FOLDER) -> RaterTexts:
    """Return the interface's words. ConfigError where there is no such file or it does not fit the codes."""
    path = folder / f"{language}.yaml"
    if language not in languages(folder):
        raise ConfigError(
            "rater-language",
            "raters cannot be addressed in this language",
            found=language,
            expected=", ".join(languages(folder)),
            way_out=f"add {path.name} beside the others, with the same keys",
        )
    try:
        texts = RaterTexts.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as exc:
        raise _misfit(path, str(exc)) from exc
    for name, labels, codes in (("preference", texts.preference, PREFERENCE), ("sureness", texts.sureness, SURENESS)):
        if set(labels) != set(codes) or len(set(labels.values())) != len(codes):
            raise _misfit(path, f"{name}: {labels}", f"a different label for each of {', '.join(codes)}")
    return texts


def labelling_config(language: str = "en", folder: Path = FOLDER) -> str:
    """Return the Label Studio configuration (XML) of the person task. Raises what `rater_texts` raises."""
    # Sandboxed and escaping: a language file may come from anyone.
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string((FOLDER / "person.xml.j2").read_text(encoding="utf-8"))
    return template.render(text=rater_texts(language, folder), preference=PREFERENCE, sureness=SURENESS)


def instruction(language: str = "en", folder: Path = FOLDER) -> str:
    """Return what raters read before they start, as HTML."""
    return f"<p>{escape(rater_texts(language, folder).instruction)}</p>"


def _misfit(path: Path, found: str, expected: str | None = None) -> ConfigError:
    return ConfigError(
        "rater-texts", "the file of the raters' texts does not fit", where=path.name, found=found, expected=expected
    )
