"""What can be told from the texts and their order alone, on one row a question.

The two answers of a question are turned one way: first the answer on the high side of the question's first dimension.
That is the high side in `sides`, in `tradeoff` the answer of the dimension named first. Answers must express their
side, so a classifier trained on a dimension finds it there: that is meaning. A mark (quality, length, hedging, a stock
phrase) shows where the classifier was trained on other dimensions than it is tested on.
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
    """A question's answers turned one way."""

    question: Question
    one: str
    other: str
    group: str
    """Of questions that hang together: what one scenario wrote, in `paper` what was written for one person, else the
    question alone."""


def turned(question: Question) -> Turned:
    """Return the answer on the high side of the first dimension first. KeyError where neither is on it."""
    ahead = f"{question.dimensions[0]}:high"
    first, second = question.answers
    if ahead not in first.side.split("+"):
        first, second = second, first
    if ahead not in first.side.split("+"):
        raise KeyError(ahead)
    alone = question.written_for if question.recipe is Recipe.PAPER else question.id
    return Turned(question=question, one=first.text, other=second.text, group=question.stamp.scenario or alone)


def length(rows: Sequence[Turned]) -> Measured:
    """Return how often the longer answer is the one turned first."""
    longer = np.array([np.sign(len(row.one) - len(row.other)) for row in rows]) / 2 + 0.5
    return measured("length", longer, [row.group for row in rows])


def position(rows: Sequence[Turned], instances: Sequence[Instance]) -> Measured:
    """Return how often the answer that a release shows first is the one turned first, on one row a pair.

    Every pair has an order of its own, so pairs with one question or scenario say as much as any others. In `paper`,
    where nobody has a counterpart, on one row an instance.
    """
    of_id = {row.question.id: row for row in rows}
    first = {
        one.pair_id or one.id: float(choices(row.question, one)[0].text == row.one)
        for one in instances
        if (row := of_id.get(one.question_id)) is not None and (one.pair_id or one.recipe is Recipe.PAPER)
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
    expected = expected_first(rows, instances)
    places = np.flatnonzero(~np.isnan(expected))
    kept = [rows[place] for place in places]
    if len(kept) < FOLDS:
        return not_measured(f"fewer than {FOLDS} questions written for a known person")
    label = expected[places].astype(np.int64)
    both = csr_array(hstack([features[places], _words([row.question.text for row in kept])]))
    groups = [row.group for row in kept]
    return measured("written_for", _right(both, label, _grouped(groups), intercept=True), groups)


def expected_first(rows: Sequence[Turned], instances: Sequence[Instance]) -> Floats:
    """Return whether the answer turned first is expected of whom the question was written for, shape (rows,).

    1 or 0; NaN where that person has no instance of the question.
    """
    sides = {(one.question_id, one.respondent_id): one.expected for one in instances}
    found = np.full(len(rows), np.nan)
    for place, row in enumerate(rows):
        answer = sides.get((row.question.id, row.question.written_for))
        if answer is not None:
            texts = {one.id: one.text for one in row.question.answers}
            found[place] = float(texts[answer] == row.one)
    return found


def differences(rows: Sequence[Turned]) -> csr_array:
    """Return the features of the first answer less those of the second, shape (rows, features).

    Words and their pairs and strings of one or two letters by TF-IDF (no label is looked at), and style.
    """
    texts = [row.one for row in rows] + [row.other for row in rows]
    style = _style(texts)
    spread = style.std(axis=0)
    # Together a quarter as long as a row of TF-IDF weights: longer, and the chance style of some 70 scenarios decides.
    style /= np.where(spread > 0, spread, 1) * style.shape[1]
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
    """Length, words, sentences, capital letters and each punctuation mark; shape (texts, features)."""
    return np.array(
        [
            [
                len(text),
                len(text.split()),
                sum(text.count(end) for end in ".!?"),
                sum(letter.isupper() for letter in text),
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
