"""What lists in a release's rows hold: votes, shares, defects, rulings, each with its number."""

from pydantic import Field

from schemas.annotation import ItemDefect
from schemas.labels import Ruling, RulingReason
from schemas.record import Record


class VoteCount(Record):
    """How many said so."""

    vote: str
    count: int


class VoteShare(Record):
    """Which part of the votes, smoothed, or how probable."""

    vote: str
    share: float = Field(ge=0, le=1)


class DefectCount(Record):
    """How many raters found this wrong."""

    defect: ItemDefect
    raters: int


class RulingCount(Record):
    """How many adjudicators decided so, for this reason."""

    ruling: Ruling
    reason: RulingReason
    adjudicators: int
