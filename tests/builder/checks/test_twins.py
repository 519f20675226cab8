"""Near-duplicates: found across groups, in one language, the same whatever the hash seed."""

import os
import random
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.checks.twins import LEAST_SIMILAR, Row, twins
from builder.writers.bank import load_bank

ROOT = Path(__file__).parents[3]
WORDS = [f"w{number}" for number in range(2000)]


def row(name: str, text: str, *, group: str | None = None, language: str = "en", country: str | None = "KE") -> Row:
    return Row(id=name, language=language, country=country, group=group or name, text=text)


def text_of(count: int, seed: int) -> list[str]:
    return random.Random(seed).choices(WORDS, k=count)


def changed(words: list[str], *places: int) -> str:
    return " ".join("other" if place in places else word for place, word in enumerate(words))


def test_a_row_is_the_twin_of_an_earlier_one_with_the_share_of_their_shingles() -> None:
    words = text_of(52, seed=1)
    # 52 words have 50 runs of three; one word inside is in 3 of them: 47 are shared of 50 + 50 - 47.
    found = twins([row("a", " ".join(words)), row("b", changed(words, 20))])
    assert found == [("b", "a", True, pytest.approx(47 / 53))]


def test_far_enough_apart_is_no_twin() -> None:
    words = text_of(52, seed=1)
    # Three words far from each other are in 9 runs: 41 of 59, which is .695.
    assert twins([row("a", " ".join(words)), row("b", changed(words, 10, 20, 30))]) == []


def test_case_and_punctuation_do_not_matter_and_the_country_is_told() -> None:
    words = text_of(30, seed=2)
    rows = [row("a", " ".join(words)), row("b", ", ".join(words).upper() + "!", country="GH")]
    assert twins(rows) == [("b", "a", False, 1.0)]


def test_rows_of_a_group_are_no_twins_and_other_languages_neither() -> None:
    text = " ".join(text_of(30, seed=3))
    assert twins([row("a", text, group="g"), row("b", text, group="g")]) == []
    assert twins([row("a", text), row("b", text, language="sw")]) == []
    assert twins([row("a", text), row("b", text, language="en-GB")]) == [("b", "a", True, 1.0)]


def test_a_third_row_is_no_twin_of_one_that_is_a_twin_itself() -> None:
    """B goes for A; C is a variant of A."""
    text = " ".join(text_of(30, seed=4))
    rows = [row("a", text, group="g"), row("b", text, group="h"), row("c", text, group="g")]
    assert [(twin.id, twin.of) for twin in twins(rows)] == [("b", "a")]


def test_scripts_without_spaces_are_compared_by_letters() -> None:
    text = "我的邻居想改变我们几周前定下的计划我应该坚持原来约定的安排还是放下它重新商量一个新的呢"
    rows = [row("a", text, language="zh"), row("b", text.replace("呢", "吗"), language="zh")]
    assert [(twin.id, twin.of) for twin in twins(rows)] == [("b", "a")]
    assert twins([rows[0], row("b", text[::-1], language="zh")]) == []


def test_texts_without_words_are_nobodys_twins() -> None:
    assert twins([row("a", ""), row("b", ""), row("c", "..."), row("d", "!")]) == []
    assert twins([]) == []


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(0, 1))
def test_a_copy_with_one_word_changed_is_found_wherever_it_is(seed: int, later: int) -> None:
    rng = random.Random(seed)
    rows = [row(str(number), " ".join(rng.choices(WORDS, k=60))) for number in range(20)]
    source = rng.randrange(20)
    words = rows[source].text.split()
    copy = row("copy", changed(words, rng.randrange(60)))
    found = twins([*rows, copy] if later else [copy, *rows])
    # 58 runs, at most 3 of them changed: at least 55 of 61 are shared.
    assert [{twin.id, twin.of} for twin in found] == [{"copy", str(source)}]
    assert found[0].similarity >= 55 / 61


PROGRAM = """
import random
from builder.checks.twins import Row, twins
rng = random.Random(0)
rows = []
for number in range(300):
    words = [f"w{rng.randrange(900)}" for _ in range(50)]
    words = rows[rng.randrange(len(rows))].text.split() if number % 3 == 2 else words
    words[rng.randrange(50)] = "other"
    rows.append(Row(id=str(number), language="en", country=None, group=str(number), text=" ".join(words)))
print(twins(rows))
"""


@pytest.mark.slow
def test_the_hash_seed_of_the_process_does_not_matter() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    # Of 100 copies of earlier rows two are copies of twins, by then too far from any row that stays.
    assert said[0].count("Twin(") == 98


def bank_rows(most: int) -> list[Row]:
    """So many variants of every scenario of the banks, each scenario a group."""
    rows = []
    for framework in ("prism", "mfq2"):
        for scenario in (one for every in load_bank(framework).scenarios.values() for one in every):
            fillings = list(product(*scenario.slots.values()))
            for place, filling in enumerate(random.Random(scenario.id).sample(fillings, min(most, len(fillings)))):
                fill = dict(zip(scenario.slots, filling, strict=True))
                text = " ".join(part.format_map(fill) for part in (scenario.question, scenario.one, scenario.other))
                rows.append(row(f"{scenario.id} {place}", text, group=scenario.id))
    return rows


@pytest.mark.slow
def test_no_scenario_of_the_banks_is_the_twin_of_another_and_most_variants_of_one_are() -> None:
    rows = bank_rows(4)
    assert twins(rows) == []
    apart = [one.model_copy(update={"group": one.id}) for one in rows]
    found = twins(apart)
    assert all(twin.id.split()[0] == twin.of.split()[0] and twin.similarity >= LEAST_SIMILAR for twin in found)
    assert len(found) > len(rows) // 2


def chained() -> list[Row]:
    """A and B share 14 of 18 word shingles, B and C too, A and C 12 of 20: .78, .78 and .60."""
    words = [f"word{number}" for number in range(24)]
    texts = {name: " ".join(words[start : start + 18]) for name, start in (("a", 0), ("b", 2), ("c", 4))}
    return [Row(id=name, language="en", country="KE", group=name, text=text) for name, text in texts.items()]


def test_of_a_chain_only_the_middle_goes() -> None:
    assert [(twin.id, twin.of) for twin in twins(chained())] == [("b", "a")]


def test_what_stays_is_no_twin_and_others_are_its_twins() -> None:
    assert [(twin.id, twin.of) for twin in twins(chained(), {"b"})] == [("c", "b")]
