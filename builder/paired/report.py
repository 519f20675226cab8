"""The table in a study's reports, for programs and for people."""

from pathlib import Path
from typing import NamedTuple

from builder.paired.words import as_markdown, in_words
from mvpbench.store.atomic import write_in_order
from schemas.pairing import PairingTable

NAME = "counterparts"


class Reported(NamedTuple):
    """What was written, and what of it is said at once."""

    files: tuple[str, ...] = ()
    """Relative to the study."""
    words: tuple[str, ...] = ()


def report_pairing(reports: Path, table: PairingTable) -> Reported:
    """Write `counterparts.json` and `counterparts.md`; return their names and the table in short."""
    markdown, record = reports / f"{NAME}.md", reports / f"{NAME}.json"
    page = f"# Who was paired\n\n{as_markdown(table)}"
    write_in_order({markdown: page, record: table.model_dump_json(indent=2) + "\n"})
    return Reported((f"{reports.name}/{record.name}", f"{reports.name}/{markdown.name}"), tuple(in_words(table)))
