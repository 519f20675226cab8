"""From configuration to a writer, and the files its questions depend on."""

from collections.abc import Callable, Mapping
from pathlib import Path

from builder.writers.bank import bank_files, load_bank
from builder.writers.openai import OpenAIWriter, prompt_files
from builder.writers.order import Writer
from builder.writers.prompt import CountryPrompts
from builder.writers.template import TemplateWriter
from mvpbench.chat.budget import Budget
from mvpbench.chat.limit import Limit
from mvpbench.store.journal import Journal
from schemas.study import WriterSection
from schemas.values import ValueFramework

Open = Callable[[WriterSection, ValueFramework, Journal, CountryPrompts, Budget, Limit | None], Writer]

WRITERS: Mapping[str, Open] = {
    "template": lambda _section, framework, _journal, _countries, _budget, _limit: TemplateWriter(
        load_bank(framework.framework)
    ),
    "openai": lambda section, framework, journal, countries, budget, limit: OpenAIWriter(
        section, framework, journal, countries, budget=budget, limit=limit
    ),
}


def open_writer(
    section: WriterSection,
    framework: ValueFramework,
    journal: Journal,
    countries: CountryPrompts | None = None,
    budget: Budget | None = None,
    limit: Limit | None = None,
) -> Writer:
    """Return the configured writer, which writes for `countries` with their own prompts, within `budget` and `limit`.

    Raises ConfigError where it lacks its bank.
    """
    return WRITERS[section.kind](section, framework, journal, countries or {}, budget or Budget(), limit)


def writer_files(section: WriterSection, framework: str) -> Mapping[str, Path]:
    """Return the files that decide what the writer writes, by name, for the fingerprint."""
    return bank_files(framework) if section.kind == "template" else prompt_files()
