"""`format: prism`: the survey and conversations of PRISM, as published or in the same shape.

Kirk et al. (2024), doi:10.48550/arXiv.2404.16019. `path` is the folder or its survey.jsonl; conversations.jsonl may be
absent. Nested fields become dotted columns (`location.birth_country`, `stated_prefs.safety`). From the conversations a
person gets `conversations.count` and `conversations.opening_prompts` (one a line, in file order).
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from builder.survey.jsonl import jsonl_columns, records
from builder.survey.raw import BadRow, RawRow
from mvpbench.store.atomic import disk_errors
from schemas.codebook import Reading
from schemas.errors import InputError

SURVEY_FILE = "survey.jsonl"
CONVERSATIONS_FILE = "conversations.jsonl"
COUNT = "conversations.count"
PROMPTS = "conversations.opening_prompts"


def prism_files(path: Path) -> tuple[Path, ...]:
    """Return survey.jsonl and, where it is there, conversations.jsonl.

    Raises InputError `survey-missing`, StudyError as `disk_errors`.
    """
    with disk_errors(path):
        survey = path / SURVEY_FILE if path.is_dir() else path
        is_file = survey.is_file()
        conversations = survey.parent / CONVERSATIONS_FILE
        files = (survey, conversations) if conversations.is_file() else (survey,)
    if not is_file:
        raise InputError(
            "survey-missing",
            "PRISM survey",
            where=str(survey),
            found="no such file",
            expected=f"{SURVEY_FILE}, with {CONVERSATIONS_FILE} beside it",
            way_out="check the path, and `survey.file` in study.yaml",
        )
    return files


def prism_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the dotted columns of the survey, and those that come from the conversations. Raises as `prism_files`."""
    return (*jsonl_columns(prism_files(path)[0], reading), COUNT, PROMPTS)


def prism_rows(path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
    """Yield one row a person, joined with what they opened their conversations with.

    Raises InputError `conversation-broken`: a conversation that cannot be read could be anyone's.
    """
    files = prism_files(path)
    prompts = _prompts(files[1], reading) if len(files) > 1 and wanted & {COUNT, PROMPTS} else {}
    for row in records(files[0], reading, wanted):
        if isinstance(row, RawRow):
            own = prompts.get(str(row.cells.get("user_id")), [])
            row.cells[COUNT] = len(own)
            row.cells[PROMPTS] = "\n".join(own) or None
        yield row


def _prompts(path: Path, reading: Reading) -> dict[str, list[str]]:
    """User -> what opened each conversation, in file order."""
    prompts: dict[str, list[str]] = defaultdict(list)
    for row in records(path, reading):
        if isinstance(row, BadRow):
            raise _broken(path, row.place, row.detail)
        user, prompt = row.cells.get("user_id"), row.cells.get("opening_prompt")
        if not isinstance(user, str):
            raise _broken(path, row.place, "found no user_id, expected the id of a person")
        prompts[user].append(" ".join(prompt.split()) if isinstance(prompt, str) else "")
    return prompts


def _broken(path: Path, line: int, detail: str) -> InputError:
    found, _, expected = detail.removeprefix("found ").partition(", expected ")
    return InputError(
        "conversation-broken",
        "PRISM conversations",
        where=f"{path}, line {line}",
        found=found,
        expected=expected or "a JSON object",
        way_out="mend the line, or fetch the file again",
    )
