"""Questions to be checked."""

from pathlib import Path
from typing import Any

import yaml

from builder.checks import Checked

HERE = Path(__file__).parent
BASES: dict[str, dict[str, str]] = yaml.safe_load((HERE / "bases.yaml").read_text(encoding="utf-8"))
CASES: dict[str, dict[str, list[dict[str, Any]]]] = yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))


def made(language: str = "en", **changed: Any) -> Checked:
    """The base of a language with other texts: `topic`, `question`, `one`, `other`, `taboo`, `own`; `as` is its tag."""
    texts = {**BASES[language], **changed}
    return Checked(
        language=texts.get("as", language),
        topic=texts["topic"],
        question=texts["question"],
        answers=(texts["one"], texts["other"]),
        taboo=tuple(texts.get("taboo", ())),
        own_words=texts.get("own", ""),
    )
