"""What adjudicators see, its stable codes, and what an answer of theirs means."""

from collections.abc import Sequence
from pathlib import Path

from annotation.projects import Page
from annotation.tasks.answers import MisfitError, Region, choice_of, comment_of, regions_of
from annotation.tasks.interface import configuration, told
from builder.countries.places import direction_of, language_subtag
from builder.countries.strings import rater_texts
from mvpbench.store.config_file import read_config
from schemas.labels import AdjudicationTexts, Ruling, RulingReason
from schemas.record import Record

STRINGS = Path(__file__).parent / "strings"
ENGLISH = "en"
RULINGS = {Ruling.KEEP.value: "k", Ruling.REPAIR.value: "p", Ruling.DROP.value: "d"}
"""Stored code -> hotkey."""
REASONS = dict(zip((one.value for one in RulingReason), "qwertyuio", strict=True))
"""Stored code -> hotkey."""
CONTROLS = ("ruling", "reason", "comment")


class Decision(Record):
    """What an adjudicator said in one task."""

    ruling: Ruling
    reason: RulingReason
    comment: str | None = None


def adjudication_texts(language: str, folder: Path = STRINGS) -> AdjudicationTexts:
    """Return the words for an adjudicator of texts in a language; English ones where it has none.

    Raises ConfigError as `read_config` does.
    """
    known = (folder / f"{tag}.yaml" for tag in (language, language_subtag(language), ENGLISH))
    return read_config(next((path for path in known if path.is_file()), folder / f"{ENGLISH}.yaml"), AdjudicationTexts)


def adjudication_page(ask: AdjudicationTexts, slot: str) -> Page:
    """Return what makes the project of an adjudicator's slot."""
    config = configuration(
        "adjudication",
        text=rater_texts(ask.language),
        ask=ask.model_dump(mode="json"),
        right_to_left=direction_of(ask.language) == "rtl",
        rulings=RULINGS,
        reasons=REASONS,
    )
    return Page(ask.project_title.format(slot=slot), config, told(ask.instruction, ask.language))


def read_decision(result: Sequence[Region]) -> Decision:
    """Return what an annotation's `result` says. The server checks nothing: MisfitError for what cannot be."""
    regions = regions_of(result, CONTROLS)
    ruling, reason = choice_of(regions, "ruling", RULINGS), choice_of(regions, "reason", REASONS)
    if ruling is None or reason is None:
        raise MisfitError("no-answer", f"no region `{'ruling' if ruling is None else 'reason'}`")
    return Decision(ruling=Ruling(ruling), reason=RulingReason(reason), comment=comment_of(regions))
