"""What each ablation shows, and which pairs it cannot be asked of."""

import numpy as np

from builder.frameworks import load_framework
from eval.asked import asked
from eval.cases import Case, Pair
from eval.choices import Choice
from schemas.evaluation import Ablation
from schemas.values import Split
from tests.eval.made import made_pair, reads_care

MFQ2 = load_framework("mfq2")


def everyone(pairs: list[Pair]) -> list[Case]:
    return [case for pair in pairs for case in pair]


def test_halves_follow_each_other_and_full_shows_their_own_values() -> None:
    pairs = [made_pair(number) for number in range(3)]
    rows, dropped = asked(pairs, [], MFQ2, Ablation.FULL)
    assert [row.case.instance.id for row in rows] == [case.instance.id for case in everyone(pairs)]
    assert all(
        ("Care: much higher" in row.messages[0].content) == (row.case.instance.expected_side == "care:high")
        for row in rows
    )
    assert not dropped


def test_context_needs_something_else_known_of_both() -> None:
    bare = made_pair(0, values=("care",))
    described = made_pair(1, values=("care",), known={"age": ("30", "40")})
    valued = made_pair(2)
    rows, dropped = asked([bare, described, valued], [], MFQ2, Ablation.CONTEXT)
    assert [(drop.subject, drop.reason) for drop in dropped] == [("m-test-0", "nothing-else-known")]
    assert {row.case.instance.pair_id for row in rows} == {"m-test-1", "m-test-2"}
    assert not any("Care" in row.messages[0].content for row in rows)


def test_nothing_of_the_person_is_shown_under_none() -> None:
    rows, _ = asked([made_pair(0, known={"age": ("30", "40")})], [], MFQ2, Ablation.NONE)
    assert rows[0].messages == rows[1].messages


def shown(row_text: str) -> str:
    return next(line for line in row_text.splitlines() if line.startswith("name"))


def named(number: int, country: str = "KE", split: Split = Split.TEST) -> Pair:
    return made_pair(
        number, country=country, split=split, known={"name": (f"{country}{number}a", f"{country}{number}b")}
    )


def test_shuffled_lends_two_strangers_of_the_same_place() -> None:
    pairs = [named(number, country) for number, country in enumerate(["KE"] * 6 + ["BR"] * 6)]
    rows, dropped = asked(pairs, everyone(pairs), MFQ2, Ablation.SHUFFLED)
    assert not dropped
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        lent = {shown(row.messages[0].content).removeprefix("name: ") for row in (first, second)}
        own = {case.respondent.demographics.known["name"] for case in (first.case, second.case)}
        assert len(lent) == 2
        assert not lent & own
        assert {name[:2] for name in lent} == {first.case.instance.country}


def test_shuffled_leaves_out_a_pair_without_two_strangers() -> None:
    alone = named(0)
    rows, dropped = asked([alone], everyone([alone]), MFQ2, Ablation.SHUFFLED)
    assert rows == []
    assert [drop.reason for drop in dropped] == ["nobody-else"]


def test_shuffled_brings_a_perfect_reader_to_one_half() -> None:
    pairs = [made_pair(number, country=country) for number, country in enumerate(["KE", "BR", "PL", "IN"] * 100)]
    rows, _ = asked(pairs, everyone(pairs), MFQ2, Ablation.SHUFFLED)
    choices = [Choice(messages=row.messages, first=row.case.expected.text, second=row.case.other.text) for row in rows]
    scores = [float(expected > other) for expected, other in map(reads_care, choices)]
    # 400 pairs: the standard error is at most 1 / sqrt(1600)
    assert abs(np.mean(scores) - 0.5) < 3 / 40
