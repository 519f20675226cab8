"""The steps over arrays say what crowd-kit's own say, where both can be asked."""

import numpy as np
import pandas as pd
import pytest
from crowdkit.aggregation import MACE, DawidSkene

import annotation.labels.steps
from annotation.labels.steps import QuickDawidSkene, QuickMACE

pytestmark = pytest.mark.slow
theirs_warns = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # crowd-kit, of pandas


def table(seed: int, tasks: int = 60, workers: int = 5, labels: int = 3) -> pd.DataFrame:
    """Votes that are mostly right; not everybody rates everything, and the first three tasks show every label."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(labels, size=tasks)
    rows = []
    for task in range(tasks):
        for worker in range(workers):
            if task < labels or worker == task % workers or draw.random() < 0.7:
                guess = int(truth[task] if draw.random() < 0.5 + worker / 10 else draw.integers(labels))
                rows.append((task, worker, task if task < labels else guess))
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


@theirs_warns
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("labels", [2, 3])
def test_dawid_skene_is_that_of_crowd_kit_step_by_step(seed: int, labels: int) -> None:
    votes = table(seed, labels=labels)
    theirs, ours = (kind(n_iter=100).fit(votes) for kind in (DawidSkene, QuickDawidSkene))
    assert len(ours.loss_history_) == len(theirs.loss_history_) > 3
    np.testing.assert_allclose(ours.loss_history_, theirs.loss_history_, rtol=1e-12)
    np.testing.assert_allclose(ours.probas_, theirs.probas_, atol=1e-12)
    np.testing.assert_allclose(ours.priors_, theirs.priors_, rtol=1e-12)
    for (worker, label), row in theirs.errors_.iterrows():
        np.testing.assert_allclose(ours.errors_[worker, label], row, rtol=1e-9)


@theirs_warns
def test_dawid_skene_of_workers_who_never_say_some_label() -> None:
    votes = table(3, workers=4)
    votes = votes[(votes.worker != 3) | (votes.label == 0)]
    theirs, ours = (kind(n_iter=100).fit(votes) for kind in (DawidSkene, QuickDawidSkene))
    np.testing.assert_allclose(ours.probas_, theirs.probas_, atol=1e-12)
    assert len(ours.loss_history_) == len(theirs.loss_history_)


@theirs_warns
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("labels", [2, 3])
def test_mace_is_that_of_crowd_kit(seed: int, labels: int) -> None:
    votes = table(seed, labels=labels)
    theirs, ours = (
        kind(n_restarts=4, n_iter=20, random_state=np.random.RandomState(seed)).fit(votes) for kind in (MACE, QuickMACE)
    )
    np.testing.assert_allclose(ours.probas_, theirs.probas_, atol=1e-10)
    np.testing.assert_allclose(ours.spamming_, theirs.spamming_, rtol=1e-9)
    np.testing.assert_allclose(ours.thetas_, theirs.thetas_, rtol=1e-9)


@theirs_warns
def test_a_restart_that_comes_to_nothing_spoils_no_other() -> None:
    """Of 850 votes on one question the product is 0 at some beginnings."""
    rows = [(0, worker, worker % 2) for worker in range(850)] + [(1, worker, 0) for worker in range(3)]
    votes = pd.DataFrame(rows, columns=["task", "worker", "label"])
    with np.errstate(all="ignore"):
        found = QuickMACE(n_restarts=40, random_state=np.random.RandomState(1)).fit(votes).probas_
    assert found.sum(axis=1).tolist() == pytest.approx([1, 1])


@theirs_warns
def test_restarts_climbed_in_parts_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = table(7)
    found = []
    for values in (10**6, 3 * len(votes) * 4, 1):
        monkeypatch.setattr(annotation.labels.steps, "VALUES_AT_ONCE", values)
        found.append(QuickMACE(n_restarts=10, n_iter=20, random_state=np.random.RandomState(1)).fit(votes).probas_)
    for one in found[1:]:
        np.testing.assert_allclose(one, found[0], atol=1e-12)
