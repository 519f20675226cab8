"""A codebook drafted from a survey file: facts of its columns, guesses with reasons, YAML with gaps to fill.

facts (file, documentation and first rows) -> guess -> write; `describe_survey` is the whole way.
"""

from builder.survey.draft.describe import describe_survey
from builder.survey.draft.facts import ROWS

__all__ = ["ROWS", "describe_survey"]
