"""What share of people was paired, by country and target, and who the paired are beside all."""

from builder.paired.report import Reported, report_pairing
from builder.paired.table import pairing
from builder.paired.words import as_markdown, in_words

__all__ = ["Reported", "as_markdown", "in_words", "pairing", "report_pairing"]
