"""Models that read questions and know nobody: the judge of a written question, and the blind reader of the audit."""

from builder.readers.ask import Calls, open_reader, seat
from builder.readers.blind import Picks, picks, picks_price, sampled
from builder.readers.judge import judge, judge_estimate, judge_files, judge_price

__all__ = [
    "Calls",
    "Picks",
    "judge",
    "judge_estimate",
    "judge_files",
    "judge_price",
    "open_reader",
    "picks",
    "picks_price",
    "sampled",
    "seat",
]
