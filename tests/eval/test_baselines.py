"""Baselines find what was planted for them and nothing where nothing was."""

import numpy as np
import pytest

from eval.baselines import BASELINES, FEWEST, author_recognition, demographics_only, majority
from eval.cases import Pair
from schemas.identity import uniform
from schemas.values import Split
from tests.eval.made import made_pair


def coin(purpose: str, number: int) -> bool:
    return uniform(purpose, number) < 0.5


def planted(split: Split, count: int, truth: float) -> list[Pair]:
    """Pairs in which `elder` stands for mercy with probability `truth`."""
    ages = [
        ("elder", "young") if uniform("age", split, number) < truth else ("young", "elder") for number in range(count)
    ]
    return [made_pair(number, split=split, known={"age": both}) for number, both in enumerate(ages)]


def test_demographics_that_decide_are_found() -> None:
    score = demographics_only(planted(Split.TRAIN, 40, 1.0), planted(Split.TEST, 30, 1.0))
    assert score.mean() == 1


@pytest.mark.slow
def test_demographics_that_say_nothing_are_at_one_half() -> None:
    score = demographics_only(planted(Split.TRAIN, 200, 0.5), planted(Split.TEST, 400, 0.5))
    # 400 independent pairs: the standard error is at most .025
    assert abs(score.mean() - 0.5) < 0.08


def test_numbers_are_read_as_numbers() -> None:
    train = [made_pair(n, split=Split.TRAIN, known={"age": (str(60 + n), str(20 + n))}) for n in range(30)]
    # 95 and 5 were never seen; as categories they would say nothing
    test = [made_pair(n, known={"age": ("95", "5")}) for n in range(4)]
    assert demographics_only(train, test).mean() == 1


def test_country_alone_is_exactly_one_half_on_complete_pairs() -> None:
    train = [made_pair(n, split=Split.TRAIN, country="KE" if n % 2 else "BR") for n in range(40)]
    score = demographics_only(train, [made_pair(n, country="KE") for n in range(9)])
    assert (score.sum(axis=1) == 1).all()


def test_majority_is_exactly_one_half_on_complete_pairs() -> None:
    train = [made_pair(n, split=Split.TRAIN) for n in range(3)]
    assert (majority(train, [made_pair(n) for n in range(9)]).sum(axis=1) == 1).all()


def written(split: Split, count: int, *, tells: bool) -> list[Pair]:
    """Pairs written for either member in turn; `tells`: the author's own answer is always put warmly."""
    pairs = []
    for number in range(count):
        author = int(coin(f"author {split}", number))
        words = ["plainly", "plainly"]
        words[author if tells else int(coin(f"warm {split}", number))] = "gladly"
        pairs.append(made_pair(number, split=split, words=(words[0], words[1]), author=author))
    return pairs


def test_an_author_whose_answer_is_told_by_its_words_is_recognised() -> None:
    score = author_recognition(written(Split.TRAIN, 60, tells=True), written(Split.TEST, 30, tells=True))
    assert score.mean() == 1


def test_an_author_who_leaves_no_trace_is_not() -> None:
    score = author_recognition(written(Split.TRAIN, 100, tells=False), written(Split.TEST, 300, tells=False))
    # 300 questions: the standard error is .029
    assert abs(score.mean() - 0.5) < 0.09


def test_pairs_without_the_author_have_no_score() -> None:
    known, unknown = written(Split.TEST, 2, tells=True)
    orphan = tuple(
        case.__class__(
            case.instance,
            case.question.model_copy(update={"written_for": "r-gone"}),
            case.profile,
            case.respondent,
            case.label,
        )
        for case in unknown
    )
    score = author_recognition(written(Split.TRAIN, 40, tells=True), [known, (orphan[0], orphan[1])])
    assert np.isnan(score).all(axis=1).tolist() == [False, True]


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_nothing_is_fitted_on_too_little(name: str) -> None:
    # FEWEST instances are half as many pairs; one less is too little for every baseline that fits
    train = written(Split.TRAIN, FEWEST // 2 - 1, tells=True)
    score = BASELINES[name](train, [made_pair(n) for n in range(3)])
    assert np.isnan(score).all() or (score.sum(axis=1) == 1).all()
