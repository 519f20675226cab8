"""What can be scored without reading values: majority, demographics alone, and for whom a question was written.

Each baseline is fitted on training pairs, applied to test pairs and scored like a model: 1 where it picks the expected
answer, 1/2 where it cannot choose. Nobody and no question is in both splits.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from eval.cases import Case, Pair
from eval.scores import TIE, Numbers
from schemas.questions import Question

FEWEST = 20
"""Training instances of a target, or questions, below which nothing is fitted and every choice is a tie."""

Target = tuple[str, ...]
"""Recipe and dimensions: what a side is a side of."""


def majority(train: Sequence[Pair], test: Sequence[Pair]) -> Numbers:
    """Return scores (pairs, 2) of always picking the side most expected in training; exactly 1/2 on complete pairs."""
    sides: dict[Target, Counter[str]] = defaultdict(Counter)
    for case in _cases(train):
        sides[_target(case)][case.instance.expected_side] += 1

    def score(case: Case) -> float:
        seen = sides[_target(case)]
        return _score(seen[case.instance.expected_side] - seen[case.other.side])

    return _of_pairs(test, score)


def demographics_only(train: Sequence[Pair], test: Sequence[Pair]) -> Numbers:
    """Return scores (pairs, 2) of a logistic regression of the side on demographics and country, one a target.

    A demographic is a number where every known value in training is one, else a set of categories; unknown values of
    the test people count for nothing. L2 penalty with scikit-learn's default strength on standardised columns.
    """
    of_target: dict[Target, list[Case]] = defaultdict(list)
    for case in _cases(train):
        of_target[_target(case)].append(case)
    numeric = _numeric(_cases(train))
    models = {}
    for target, cases in of_target.items():
        if len(cases) < FEWEST:
            continue
        model = make_pipeline(DictVectorizer(), StandardScaler(with_mean=False), LogisticRegression(max_iter=5000))
        model.fit([_facts(case, numeric) for case in cases], [_first_side(case) for case in cases])
        models[target] = model

    def score(case: Case) -> float:
        model = models.get(_target(case))
        if model is None:
            return TIE
        lean = float(model.decision_function([_facts(case, numeric)])[0])
        return _score(lean if _first_side(case) else -lean)

    return _of_pairs(test, score)


def author_recognition(train: Sequence[Pair], test: Sequence[Pair]) -> Numbers:
    """Return scores (pairs, 2) of telling from the texts alone which answer is that of the question's author.

    The author is the respondent for whom the question was written. Who of the pair that is counts as known, so both
    halves score alike and the accuracy is the most that recognising authors can bring. NaN for pairs without the
    author, and for all where fewer than `FEWEST` training questions have one. Features: the difference of the answers
    in words (tf-idf), in likeness to the question, and in length; without intercept, so order says nothing.
    """
    known = _authors(train)
    if len(known) < FEWEST:
        return np.full((len(test), 2), np.nan)
    texts = [text for question, _ in known.values() for text in _texts(question)]
    words = TfidfVectorizer(sublinear_tf=True).fit(texts)
    columns = _differences([question for question, _ in known.values()], words)
    first = np.array([answer == question.answers[0].id for question, answer in known.values()])
    model = LogisticRegression(fit_intercept=False, max_iter=5000)
    model.fit(np.vstack([columns, -columns]), np.concatenate([first, ~first]))
    asked = _authors(test)
    leans = model.decision_function(_differences([question for question, _ in asked.values()], words)) if asked else ()
    score_of = {
        question.id: _score(float(lean) if answer == question.answers[0].id else -float(lean))
        for (question, answer), lean in zip(asked.values(), leans, strict=True)
    }
    rows = [[score_of[pair[0].question.id] if _has_author(pair) else np.nan] * 2 for pair in test]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


BASELINES: Mapping[str, Callable[[Sequence[Pair], Sequence[Pair]], Numbers]] = {
    "majority": majority,
    "demographics": demographics_only,
    "author": author_recognition,
}


def _cases(pairs: Sequence[Pair]) -> list[Case]:
    return [case for pair in pairs for case in pair]


def _of_pairs(pairs: Sequence[Pair], score: Callable[[Case], float]) -> Numbers:
    return np.array([[score(case) for case in pair] for pair in pairs], dtype=np.float64).reshape(-1, 2)


def _score(lean: float) -> float:
    return TIE if lean == 0 else float(lean > 0)


def _target(case: Case) -> Target:
    return (case.instance.recipe, *case.instance.dimensions)


def _first_side(case: Case) -> bool:
    """Whether the expected side is the one that comes first in alphabet: a name for it, the same in every split."""
    return case.instance.expected_side < case.other.side


def _numeric(cases: Sequence[Case]) -> frozenset[str]:
    columns: dict[str, list[str]] = defaultdict(list)
    for case in cases:
        for name, value in case.respondent.demographics.known.items():
            columns[name].append(value)
    return frozenset(name for name, values in columns.items() if all(map(_is_number, values)))


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _facts(case: Case, numeric: frozenset[str]) -> dict[str, str | float]:
    facts: dict[str, str | float] = {"country": case.instance.country or "?"}
    for name, value in case.respondent.demographics.known.items():
        if name not in numeric:
            facts[f"known {name}"] = value
        elif _is_number(value):
            facts[f"known {name}"] = float(value)
    return facts


def _has_author(pair: Pair) -> bool:
    return any(case.instance.respondent_id == case.question.written_for for case in pair)


def _authors(pairs: Sequence[Pair]) -> dict[str, tuple[Question, str]]:
    """Return question id -> the question and the answer expected of its author, for questions whose author is there."""
    return {
        case.question.id: (case.question, case.instance.expected)
        for case in _cases(pairs)
        if case.instance.respondent_id == case.question.written_for
    }


def _texts(question: Question) -> tuple[str, str, str]:
    return question.text, question.answers[0].text, question.answers[1].text


def _differences(questions: Sequence[Question], words: TfidfVectorizer) -> Numbers:
    """Return (questions, words + 2): first answer less second, in tf-idf, likeness to the question, and log length."""
    asked, first, second = (
        words.transform([_texts(question)[place] for question in questions]).toarray() for place in range(3)
    )
    likeness = (asked * (first - second)).sum(axis=1)
    lengths = [[len(answer.text) for answer in question.answers] for question in questions]
    longer = np.log(np.array(lengths, dtype=np.float64).reshape(-1, 2))
    return np.column_stack([first - second, likeness, longer[:, 0] - longer[:, 1]])
