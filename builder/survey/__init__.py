"""Survey files to respondents: one reader a format, one mapping for all of them."""

from builder.survey.codebook import built_in_codebooks, read_codebook, recognise
from builder.survey.formats import FORMATS, RawRow, SurveyFormat
from builder.survey.importing import RESPONDENTS_STAGE, SURVEYS_STAGE, import_survey

__all__ = [
    "FORMATS",
    "RESPONDENTS_STAGE",
    "SURVEYS_STAGE",
    "RawRow",
    "SurveyFormat",
    "built_in_codebooks",
    "import_survey",
    "read_codebook",
    "recognise",
]
