"""What share of people was paired, by country and target, and who the paired are beside all."""

from builder.paired.table import pairing
from builder.paired.words import as_markdown, in_words

__all__ = ["as_markdown", "in_words", "pairing"]
