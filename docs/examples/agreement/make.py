"""Makes `ratings.csv` and `export.json`: sixty made-up texts, each rated by three of six people from two countries."""

import csv
import json
import random
from pathlib import Path

HERE = Path(__file__).parent
PEOPLE = {"ann": "KE", "ben": "KE", "cho": "KE", "dia": "BR", "eli": "BR", "fay": "BR"}
TOPICS = ("family", "work", "money")
LABELS = ("fair", "unfair", "unsure")
RELIABILITY = 0.85
PARTING = 2
"""The topic, counted from 0, of which people of the second country have a view of their own."""
SKIPPED = (3, 2)
"""Text and annotation."""
TWICE = 5


def main() -> None:
    """Write both files beside this one; the same on every run."""
    rng = random.Random(20)  # noqa: S311 - made-up data
    rows = []
    for number in range(60):
        own = rng.choice(LABELS)
        for person in sorted(rng.sample(sorted(PEOPLE), 3)):
            seen = rng.choice(LABELS) if PEOPLE[person] == "BR" and number % 3 == PARTING else own
            label = seen if rng.random() < RELIABILITY else rng.choice(LABELS)
            stars = min(5, max(1, (number % 5) + 1 + rng.choice((-1, 0, 0, 1))))
            rows.append((f"t{number:02}", person, label, stars, TOPICS[number % 3], PEOPLE[person]))
    with (HERE / "ratings.csv").open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(("text", "person", "label", "stars", "topic", "country"))
        writer.writerows(rows)
    (HERE / "export.json").write_text(json.dumps(exported(rows), indent=1) + "\n", encoding="utf-8")


def exported(rows: list[tuple[str, str, str, int, str, str]]) -> list[dict[str, object]]:
    """Return the first ten texts as Label Studio exports them, one answer skipped and one given twice."""
    users = {person: number for number, person in enumerate(PEOPLE, start=1)}
    tasks = []
    for number in range(10):
        annotations = []
        for place, (_, person, label, *_) in enumerate(row for row in rows if row[0] == f"t{number:02}"):
            annotations.append(
                {
                    "id": 10 * number + place,
                    "completed_by": users[person],
                    "was_cancelled": (number, place) == SKIPPED,
                    "updated_at": f"2026-01-01T00:{number:02}:{place:02}Z",
                    "result": [
                        {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [label]}}
                    ],
                }
            )
        if number == TWICE:
            annotations.append({**annotations[0], "id": 999, "updated_at": "2026-01-02T00:00:00Z"})
        tasks.append({"id": number + 1, "data": {"text": f"t{number:02}"}, "annotations": annotations})
    return tasks


if __name__ == "__main__":
    main()
