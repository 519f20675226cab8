"""What can be told from the texts and their order alone, on one row a question.

The two answers of a question are turned one way: in `sides` the high side first, in `tradeoff` the answer of the first
dimension. Answers must express their side, so a classifier trained on a dimension finds it there: that is meaning. A
mark (quality, length, hedging, a stock phrase) shows where the classifier was trained on other dimensions than it is
tested on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from builder.audit.measure import Floats, Ints, Measured, measured, not_measured
from builder.instances import choices
from schemas.questions import Instance, Question, Recipe

FOLDS = 5
STRENGTH = 1.0
"""Inverse of the ridge penalty on features of length about one."""
WORD = r"\w+"
PUNCTUATION = ",.;:!?()-\"'"

Fold = tuple[Ints, Ints]
"""Row numbers to train on and to test on."""


@dataclass(frozen=True)
class Turned:
    """A question's answers turned one way; `group` is what one scenario wrote, else the question itself."""

    question: Question
    one: str
    other: str
    group: str


def turned(question: Question) -> Turned:
    """Return the high side first, or the answer of the first dimension."""
    recipe, dimensions = question.recipe, question.dimensions
    other = f"{dimensions[0]}:low" if recipe is Recipe.SIDES else f"{dimensions[1]}:high"
    return Turned(
        question=question,
        one=question.answer_on(f"{dimensions[0]}:high").text,
        other=question.answer_on(other).text,
        group=question.stamp.scenario or question.id,
    )


def length(rows: Sequence[Turned]) -> Measured:
    """Return how often the longer answer is the one turned first."""
    if not rows:
        return not_measured("no questions of this recipe")
    longer = np.array([np.sign(len(row.one) - len(row.other)) for row in rows]) / 2 + 0.5
    return measured("length", longer, [row.group for row in rows])


def position(rows: Sequence[Turned], instances: Sequence[Instance]) -> Measured:
    """Return how often the answer that a release shows first is the one turned first, on one row a pair.

    Every pair has an order of its own, so pairs with one question or scenario say as much as any others.
    """
    of_id = {row.question.id: row for row in rows}
    first = {
        one.pair_id: float(choices(row.question, one)[0].text == row.one)
        for one in instances
        if one.pair_id is not None and (row := of_id.get(one.question_id)) is not None
    }
    if not first:
        return not_measured("no pairs of this recipe")
    return measured("position", np.array(list(first.values())), list(first))


def told_apart(rows: Sequence[Turned], features: csr_array) -> dict[str, Measured]:
    """Return `across` and `within`: how often a classifier finds the answer turned first.

    `across`: tested on questions that share no dimension with those it was trained on; the interval resamples what was
    held out. `within`: tested on other scenarios, whose meaning it may have learnt. `features` as of `differences`.
    """
    names = ("across", "within")
    if len(rows) < FOLDS:
        return dict.fromkeys(names, not_measured(f"fewer than {FOLDS} questions of this recipe"))
    # A classifier needs both classes: every other row is turned round, in the order of ids, which are hashes.
    rank = np.argsort(np.argsort([row.question.id for row in rows]))
    sign = np.where(rank % 2 == 0, 1.0, -1.0)
    turned_features = csr_array(features.multiply(sign[:, None]))
    label = (sign > 0).astype(np.int64)
    groups = [row.group for row in rows]
    about = ["+".join(row.question.dimensions) for row in rows]
    across = _right(turned_features, label, _apart(rows), intercept=False)
    within = _right(turned_features, label, _grouped(groups), intercept=False)
    return {
        "across": measured("across", across, groups, about)
        if not np.isnan(across).all()
        else not_measured("no questions of other dimensions to train on"),
        "within": measured("within", within, groups),
    }


def written_for(rows: Sequence[Turned], features: csr_array, instances: Sequence[Instance]) -> Measured:
    """Return how often a classifier finds which answer is expected of the person for whom the question was written.

    From both answers and the question. Questions whose person has no instance of them are left out.
    """
    expected = {(one.question_id, one.respondent_id): one.expected for one in instances}
    places = [place for place, row in enumerate(rows) if (row.question.id, row.question.written_for) in expected]
    kept = [rows[place] for place in places]
    if len(kept) < FOLDS:
        return not_measured(f"fewer than {FOLDS} questions written for a known person")
    texts = {answer.id: answer.text for row in kept for answer in row.question.answers}
    label = np.array(
        [texts[expected[row.question.id, row.question.written_for]] == row.one for row in kept], dtype=np.int64
    )
    both = csr_array(hstack([features[places], _words([row.question.text for row in kept])]))
    groups = [row.group for row in kept]
    return measured("written_for", _right(both, label, _grouped(groups), intercept=True), groups)


def differences(rows: Sequence[Turned]) -> csr_array:
    """Return the features of the first answer less those of the second, shape (rows, features).

    Words and their pairs and strings of one or two letters by TF-IDF (no label is looked at), and style.
    """
    if not rows:
        return csr_array((0, 0))
    texts = [row.one for row in rows] + [row.other for row in rows]
    style = _style(texts)
    spread = style.std(axis=0)
    style /= np.where(spread > 0, spread, 1) * style.shape[1]  # together about as long as a row of TF-IDF weights
    every = csr_array(hstack([_words(texts), _strings(texts), csr_array(style)]))
    return csr_array(every[: len(rows)] - every[len(rows) :])


def _words(texts: Sequence[str]) -> csr_array:
    return _weights(TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), min_df=2, sublinear_tf=True), texts)


def _strings(texts: Sequence[str]) -> csr_array:
    strings = TfidfVectorizer(analyzer="char", lowercase=False, ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    return _weights(strings, texts)


def _weights(vectorizer: TfidfVectorizer, texts: Sequence[str]) -> csr_array:
    try:
        return csr_array(vectorizer.fit_transform(texts))
    except ValueError:  # scikit-learn's word for texts that share nothing: there is nothing to learn from
        return csr_array((len(texts), 0))


def _style(texts: Sequence[str]) -> Floats:
    """Length, words, sentences and each punctuation mark; shape (texts, features)."""
    return np.array(
        [
            [
                len(text),
                len(text.split()),
                sum(text.count(end) for end in ".!?"),
                *(text.count(mark) for mark in PUNCTUATION),
            ]
            for text in texts
        ],
        dtype=np.float64,
    )


def _apart(rows: Sequence[Turned]) -> Iterator[Fold]:
    """One fold a set of dimensions; trained on the questions that share none of them."""
    members: dict[tuple[str, ...], list[int]] = {
        dimensions: [] for dimensions in sorted({row.question.dimensions for row in rows})
    }
    for place, row in enumerate(rows):
        members[row.question.dimensions].append(place)
    for dimensions, test in members.items():
        train = [place for other, rows_ in members.items() if not set(other) & set(dimensions) for place in rows_]
        yield np.array(train, dtype=np.int64), np.array(test, dtype=np.int64)


def _grouped(groups: Sequence[str]) -> Iterator[Fold]:
    """Folds that break no group; none with a single group."""
    folds = min(FOLDS, len(set(groups)))
    if folds > 1:
        yield from GroupKFold(folds).split(np.zeros(len(groups)), groups=groups)


def _right(features: csr_array, label: Ints, folds: Iterator[Fold], *, intercept: bool) -> Floats:
    """1 where the held-out label is found, 1/2 on the fence, NaN where there was nothing to learn from."""
    right = np.full(len(label), np.nan)
    for train, test in folds:
        if len(np.unique(label[train])) < 2:  # noqa: PLR2004 - two classes
            continue
        model = LogisticRegression(C=STRENGTH, fit_intercept=intercept, solver="liblinear")
        model.fit(features[train], label[train])
        ahead = np.sign(model.decision_function(features[test]))
        right[test] = 0.5 + ahead * (label[test] - 0.5)
    return right
