"""Each check finds its planted faults and passes by what only looks like one; questions without a fault have none."""

from collections.abc import Iterator
from typing import Any

import pytest

from builder.checks import CHECKS, Seen, problems
from tests.builder.checks.made import BASES, CASES, made

FEWEST = 4


def cases(kind: str) -> Iterator[Any]:
    for code, kinds in CASES.items():
        for place, case in enumerate(kinds[kind]):
            yield pytest.param(code, case, id=f"{code}-{place}")


def built(case: dict[str, Any]) -> Any:
    """`REPEAT n text` stands for n times the text."""
    texts = {key: value for key, value in case.items() if key != "in"}
    for key, value in texts.items():
        if isinstance(value, str) and value.startswith("REPEAT "):
            _, count, text = value.split(" ", 2)
            texts[key] = " ".join([text] * int(count))
    return made(case.get("in", "en"), **texts)


@pytest.mark.parametrize("language", BASES)
def test_a_question_without_a_fault_has_no_problem(language: str) -> None:
    assert problems(made(language)) == ()


@pytest.mark.parametrize(("code", "case"), [*cases("trips")])
def test_a_planted_fault_is_found(code: str, case: dict[str, Any]) -> None:
    assert CHECKS[code](built(case)) is not None
    assert code in [problem.code for problem in problems(built(case))]


@pytest.mark.parametrize(("code", "case"), [*cases("passes")])
def test_a_near_miss_is_passed_by(code: str, case: dict[str, Any]) -> None:
    assert CHECKS[code](built(case)) is None


def test_every_check_has_its_cases() -> None:
    assert list(CASES) == list(CHECKS)
    counts = {code: min(len(kinds["trips"]), len(kinds["passes"])) for code, kinds in CASES.items()}
    assert min(counts.values()) >= FEWEST, counts


def test_problems_come_in_the_order_of_the_checks() -> None:
    found = [
        problem.code
        for problem in problems(made(topic="Kenya", question="As an AI, I live in Kenya", one="**No**", other="No!!"))
    ]
    assert found == [code for code in CHECKS if code in found]
    assert {"too-short", "not-a-question", "markup", "names-country", "refusal"} <= set(found)


def test_what_texts_were_found_to_be_says_nothing_of_who_they_are_for() -> None:
    """The same texts for three people, one of whom they quote: found once, and the quote is told of that one alone."""
    run = " ".join(BASES["en"]["question"].split()[:8])
    seen: Seen = {}
    codes = [
        [problem.code for problem in problems(made(one="**No** " + BASES["en"]["one"], own=own), seen=seen)]
        for own in ("", run, "Something else.")
    ]
    assert codes == [["markup"], ["markup", "quotes-person"], ["markup"]]
    assert len(seen) == 1


def test_what_is_exempt_is_not_told_though_it_was_seen() -> None:
    seen: Seen = {}
    broken = made(one="**No** " + BASES["en"]["one"], own=BASES["en"]["question"])
    assert problems(broken, frozenset({"markup", "quotes-person"}), seen) == ()
    assert [problem.code for problem in problems(broken, frozenset({"quotes-person"}), seen)] == ["markup"]


@pytest.mark.parametrize(("code", "case"), [*cases("trips"), *cases("passes")])
def test_texts_that_were_seen_have_the_same_problems(code: str, case: dict[str, Any]) -> None:
    checked, seen = built(case), Seen()
    assert problems(checked, seen=seen) == problems(checked, seen=seen) == problems(checked)
