"""Each folder of `quarantine/` is a file and what becomes of every row of it: a person, or a reason with its place."""

from pathlib import Path

import pytest
import yaml

from builder.survey import import_survey
from mvpbench.store.stage import Streamed
from schemas.codebook import Codebook
from schemas.survey import Respondent
from tests.builder.survey.made_files import MAKERS, framework

FOLDER = Path(__file__).parent / "quarantine"
CASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
TOLD = 8
"""People whose lines are told; of more the last one is told too."""


@pytest.mark.parametrize("case", CASES)
def test_every_row_is_a_person_or_is_set_aside_with_a_reason(case: str, tmp_path: Path) -> None:
    folder = FOLDER / case
    changes = folder / "changes.yaml"
    keys = yaml.safe_load((FOLDER / "codebook.yaml").read_text(encoding="utf-8"))
    keys |= yaml.safe_load(changes.read_text(encoding="utf-8")) if changes.exists() else {}
    codebook = Codebook.model_validate(keys)
    path = MAKERS[case](tmp_path) if case in MAKERS else next(folder.glob("survey.*"))
    _, stream = import_survey(path, codebook, framework(codebook.framework))
    people = list(stream.rows)
    assert told(people, stream) == (folder / "expected.txt").read_text(encoding="utf-8")


def told(people: list[Respondent], stream: Streamed[Respondent]) -> str:
    lines = ["kept", *map(line_of, people)]
    if len(people) > TOLD:
        lines[TOLD:-1] = [f"  ... and {len(people) - TOLD} more until"]
    lines.append("dropped")
    lines += [f"  {one.subject} | {one.reason} | {one.detail} | {one.where}" for one in stream.dropped]
    return "\n".join(lines) + "\n"


def line_of(person: Respondent) -> str:
    """The row, the id, the country, then what else is known, and `-` for why something is not."""
    said: dict[str, object] = {**person.demographics.known, **person.answers, **person.weights}
    said |= {"region": person.region, "psu": person.psu, "stratum": person.stratum}
    said |= {"language": person.language} if person.language != "en" else {}
    said |= {name: shortened(text) for name, text in person.free_text.items()}
    missing = {**person.demographics.missing, **person.answers_missing}
    parts = [f"{name} {value}" for name, value in said.items() if value is not None]
    parts += [f"{name} - {kind}" for name, kind in missing.items()]
    country = person.country or f"- {person.country_missing}"
    return f"  {person.row}: {person.source_id} | {country} | {', '.join(parts)}"


def shortened(text: str) -> str:
    return repr(text) if len(text) < 60 else f"{text[:10]!r}... of {len(text)} characters"
