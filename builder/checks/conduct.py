"""Checks that a model did what it was asked, and nothing that harms."""

from builder.checks.text import Checked
from builder.checks.words import found_in, primary


def refusal(checked: Checked) -> str | None:
    """A model speaks of itself or declines."""
    if found_in(primary(checked.language), "refusal", english=True).within(*checked.texts()):
        return "it speaks as a machine, or declines; write the question and both answers"
    return None


def unsafe(checked: Checked) -> str | None:
    """A short list of phrases, which finds what is plainly there and proves nothing where it finds nothing."""
    if found_in(primary(checked.language), "unsafe").within(*checked.texts()):
        return "it speaks of violence, self-harm, abuse, weapons or hatred; choose an everyday situation without them"
    return None
