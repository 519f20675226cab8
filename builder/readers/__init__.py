"""Models that read questions and know nobody: the judge of a written question, and the blind reader of the audit."""

from builder.readers.ask import open_reader
from builder.readers.blind import Picks, picks, picks_price, sampled
from builder.readers.judge import judge, judge_estimate, judge_files, judge_price

__all__ = [
    "Picks",
    "judge",
    "judge_estimate",
    "judge_files",
    "judge_price",
    "open_reader",
    "picks",
    "picks_price",
    "sampled",
]
