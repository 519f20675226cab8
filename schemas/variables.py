"""VariableFacts, DescribeResult: what `survey describe` sees in a survey file, and the codebook it drafts from that."""

from typing import Literal

from schemas.record import Record


class VariableFacts(Record):
    """One column of a survey file, by what the file and its documentation say and by a look at its first rows.

    Made to be shown: no free text, no id of a person, no value that fewer than three rows have.
    """

    name: str
    label: str = ""
    question: str = ""
    """As put to respondents, where the documentation has it apart from the label."""
    labels: dict[str, str] = {}
    """Code -> words."""
    missing: tuple[str, ...] = ()
    """Codes declared missing, of those labelled or seen."""
    kind: Literal["whole numbers", "numbers", "text", "mixed", "empty", "not looked at"]
    blank: float | None = None
    """Share of the rows seen; None where none was."""
    distinct: int | None = None
    """Of the values seen; None where there are more than are counted, or none was looked for."""
    low: float | None = None
    """With `high`: of the numbers not declared missing; None where that could single a person out."""
    high: float | None = None
    examples: tuple[str, ...] = ()
    """The most frequent values of a column with few."""


class DescribeResult(Record):
    """What `survey describe` found."""

    path: str
    format: str
    """Of the codebook grammar, e.g. `table`, `ess`; `ddi` for an XML file alone."""
    known: str | None
    """The built-in codebook that reads this file as it is."""
    rows: int
    """Rows that were looked at; 0 for an XML file alone."""
    all_rows: bool
    """Whether these are all rows of the file."""
    columns: tuple[VariableFacts, ...]
    codebook: str
    """YAML: the draft, or the built-in codebook."""
    todo: tuple[str, ...]
    """The keys of the draft that only its user can fill; it is refused until they are."""
    notes: tuple[str, ...]
    """What is worth knowing and has no key."""
