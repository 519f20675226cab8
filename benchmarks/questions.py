"""`generate` at scale: the reference's size, and a hundredfold in two steps, each command a process of its own.

The people are the bundled sample's (SYNTHETIC), each many times with other sliders, in the shape of PRISM's two files.
"""

import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from benchmarks.material import COMMAND
from benchmarks.measure import Figure, Spent, timed_process
from builder.survey import built_in_codebooks
from builder.survey.prism import CONVERSATIONS_FILE, SURVEY_FILE
from mvpbench.demo.sample import SAMPLE
from mvpbench.store.study import Study, init_study
from mvpbench.store.tables import require_info

PEOPLE, CONVERSATIONS = 1_500, 8_007
"""The reference has 8,007 of PRISM's conversations, three questions each."""
QUESTIONS = 3
"""Of a record in `paper`."""
RECORDS = (833, 8_334, 83_334)
"""2,499, 25,002 and 250,002 instances."""
PAIRED_PEOPLE = (600, 5_800, 57_000)
"""Some 2,400, 25,000 and 250,000 instances."""
HIGH, LOW = 80, 60
"""A stated level: this or more, this or less."""
STEPS = (["survey", "import"], ["profile"], ["generate"])
UNSAID = "Prefer not to say"
TEN_THOUSAND = 10_000


@dataclass(frozen=True)
class Made:
    """What a study came to."""

    instances: int
    dropped: Counter[str]
    """Of questions and instances, by reason."""
    spent: dict[str, Spent]


def figures() -> Iterator[Figure]:
    """Yield seconds and peak memory of each command, and whether every question that is missing is accounted for."""
    with tempfile.TemporaryDirectory(prefix="mvpbench-") as folder:
        made = _made(Path(folder) / "reference", PEOPLE, CONVERSATIONS, ["paper"])
        yield from _accounted(made, CONVERSATIONS * QUESTIONS)
        yield from _steps("reference's size", made, {"generate": "under 180"}, "under 2,000")
        yield from _growth(
            "paper",
            (
                _made(Path(folder) / f"paper-{records}", round(records * PEOPLE / CONVERSATIONS), records, ["paper"])
                for records in RECORDS
            ),
        )
        yield from _growth(
            "sides, tradeoff",
            (
                _made(Path(folder) / f"pairs-{people}", people, people, ["sides", "tradeoff"])
                for people in PAIRED_PEOPLE
            ),
        )


def _accounted(made: Made, expected: int) -> Iterator[Figure]:
    yield Figure("questions", "reference's size, instances", made.instances, "instances", f"{expected:,}")
    for reason, count in sorted(made.dropped.items()):
        yield Figure("questions", f"reference's size, dropped: {reason}", count, "questions", "0")
    missing = expected - made.instances - made.dropped.total()
    yield Figure("questions", "reference's size, missing without a reason", missing, "questions", "0")


def _steps(what: str, made: Made, seconds: Mapping[str, str], memory: str) -> Iterator[Figure]:
    for step, spent in made.spent.items():
        yield Figure("questions", f"{what}, {step}", spent.wall, "s", seconds.get(step, ""))
        yield Figure("questions", f"{what}, {step}, CPU", spent.cpu, "s")
        yield Figure("questions", f"{what}, {step}, most memory", spent.megabytes, "MB", memory)


def _growth(recipes: str, sizes: Iterator[Made]) -> Iterator[Figure]:
    """What each size takes, and each 10,000 instances by which it is larger than the one before."""
    before: Made | None = None
    for made in sizes:
        yield from _steps(f"{recipes}, {made.instances:,} instances", made, {}, "")
        if before is not None:
            more = (made.instances - before.instances) / TEN_THOUSAND
            one, other = before.spent["generate"], made.spent["generate"]
            what = f"{recipes}, each 10,000 up to {made.instances:,}"
            yield Figure("questions", f"{what}, CPU", (other.cpu - one.cpu) / more, "s")
            yield Figure("questions", f"{what}, memory", (other.megabytes - one.megabytes) / more, "MB")
        before = made


def _made(root: Path, people: int, conversations: int, recipes: list[str]) -> Made:
    survey = root / "survey"
    survey.mkdir(parents=True)
    write_survey(survey, people, conversations)
    codebook = yaml.safe_load(built_in_codebooks()["prism"].read_text(encoding="utf-8")) | {"synthetic": True}
    config = {
        "format": 1,
        "name": "made-up",
        "survey": {"file": "survey", "codebook": "codebook.yaml"},
        "generate": {"recipes": recipes, "writer": {"kind": "template"}},
    }
    study = init_study(root, yaml.safe_dump(config), {"codebook.yaml": yaml.safe_dump(codebook)})
    spent = {" ".join(step): timed_process([COMMAND, *step, "--study", str(root)]) for step in STEPS}
    return Made(require_info(study.tables, "instances").rows, _dropped(study), spent)


def _dropped(study: Study) -> Counter[str]:
    reasons: Counter[str] = Counter()
    for table in ("questions", "instances"):
        reasons.update(require_info(study.tables, table).dropped)
    return reasons


def write_survey(folder: Path, people: int, conversations: int) -> None:
    """Write PRISM's two files: `people` who all live somewhere and state something, `conversations` over them."""
    rng = random.Random(people)  # noqa: S311 - made-up people
    rows, talks = _sample()
    with (folder / SURVEY_FILE).open("w", encoding="utf-8") as file:
        for number in range(people):
            row = rows[number % len(rows)]
            mine = {"user_id": f"made-up-{number}", "stated_prefs": _sliders(row["stated_prefs"], rng)}
            file.write(json.dumps(row | mine) + "\n")
    with (folder / CONVERSATIONS_FILE).open("w", encoding="utf-8") as file:
        for number in range(conversations):
            mine = {"conversation_id": f"made-up-c{number}", "user_id": f"made-up-{number % people}"}
            file.write(json.dumps(talks[number % len(talks)] | mine) + "\n")


@cache
def _sample() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The sample's lines: of the people those who say where they live."""
    people, talks = (
        [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]
        for name in (SURVEY_FILE, CONVERSATIONS_FILE)
    )
    return [row for row in people if row["location"]["reside_country"] != UNSAID], talks


def _sliders(stated: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A person's sliders a little aside; one to the end where no level would be left."""
    moved = {
        name: min(100, max(0, value + rng.randint(-8, 8))) if isinstance(value, int) else value
        for name, value in stated.items()
    }
    told = [value for name, value in moved.items() if name not in {"values", "other", "other_text"}]
    return moved if any(value >= HIGH or value <= LOW for value in told) else moved | {"helpfulness": 100}
