"""Draws the bundled sample again: `python -m mvpbench.demo.draw_sample --marginals DIR`.

The published marginals in, survey.jsonl and conversations.jsonl out; the same arguments give the same bytes.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from mvpbench.demo.sample import SAMPLE
from mvpbench.demo.sample.chance import Chance
from mvpbench.demo.sample.conversations import conversation, conversation_count
from mvpbench.demo.sample.grammar import read_grammar
from mvpbench.demo.sample.marginals import read_marginals
from mvpbench.demo.sample.people import Json, Material, birth_countries, person, read_design
from schemas.errors import MvpbenchError

PEOPLE = 520
SEED = 1


class Sample(NamedTuple):
    """The lines of the two files."""

    survey: list[Json]
    conversations: list[Json]


def draw(material: Material, people: int, seed: int) -> Sample:
    """Return `people` made-up people and their conversations. Raises ConfigError `sample-too-small`."""
    countries = birth_countries(people, material)
    order = sorted(range(people), key=lambda place: Chance(seed, f"place {place}").share("order"))
    sample = Sample([], [])
    for number, place in enumerate(order):
        chance = Chance(seed, f"person {number}")
        row = person(number, countries[place], chance, material)
        count = conversation_count(bool(row["survey_only"]), chance, material)
        sample.survey.append({**row, "num_completed_conversations": count})
        for turn in range(count):
            own = Chance(seed, f"person {number} conversation {turn}")
            sample.conversations.append(conversation(len(sample.conversations), row, own, material))
    return sample


def lines(rows: Iterable[Json]) -> str:
    """Return `rows` as JSON lines, text unescaped."""
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the two files and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m mvpbench.demo.draw_sample", description=__doc__)
    parser.add_argument("--marginals", type=Path, required=True, help="folder with the published marginals")
    parser.add_argument("--out", type=Path, default=SAMPLE, help="folder to write to")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(arguments)
    try:
        sample = draw(
            Material(read_marginals(given.marginals), read_design(), read_grammar()), given.people, given.seed
        )
    except MvpbenchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    given.out.mkdir(parents=True, exist_ok=True)
    for name, rows in (("survey.jsonl", sample.survey), ("conversations.jsonl", sample.conversations)):
        (given.out / name).write_text(lines(rows), encoding="utf-8")
    sys.stderr.write(
        f"SYNTHETIC: {len(sample.survey)} made-up people, {len(sample.conversations)} conversations in {given.out}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
