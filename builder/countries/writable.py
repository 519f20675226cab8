"""What a study's writer can write: not every language, nor of every framework."""

from builder.writers import writer_files
from builder.writers.template import LANGUAGE
from schemas.study import WriterSection

MODEL = "set `generate.writer: {kind: openai, model: ...}` in study.yaml"
"""The way out where the template writer has nothing."""


def writes(writer: WriterSection, language: str) -> bool:
    """Return whether the writer writes in a language: the template writer does in that of its scenarios alone."""
    return writer.kind != "template" or language.split("-")[0] == LANGUAGE


def knows(writer: WriterSection, framework: str) -> bool:
    """Return whether the writer can write about a framework: the template writer needs scenarios for it."""
    return bool(writer_files(writer, framework))
