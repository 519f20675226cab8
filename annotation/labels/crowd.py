"""Dawid-Skene and MACE through crowd-kit, whose words are task, worker and label; imported when first used (3 s)."""

import warnings
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

ITERATIONS = 100
"""Of Dawid-Skene, at most."""
RESTARTS = 40
"""Of MACE: each climbs to one of several maxima. The best of 10 was a wrong one for 5 of 20 seeds on the table of the
tests, the best of 40 for none."""
TINY = 1e-8
"""Added to a likelihood before its logarithm, as in crowd-kit."""
DIGITS = 6
"""Of a posterior: the last bits of a sum depend on the machine."""

Floats = NDArray[np.float64]
Posteriors = dict[str, dict[str, float]]
"""Task -> label -> probability, over all labels that were used; they sum to 1 but for rounding."""


class Said(NamedTuple):
    """One vote, once a task and worker."""

    task: str
    worker: str
    label: str


def dawid_skene(votes: Sequence[Said]) -> Posteriors:
    """Return the posteriors of Dawid and Skene (1979, doi:10.2307/2346806) after EM from the shares of votes.

    Workers have a confusion matrix each, so one who says the same always counts for little. Probabilities near 0 and 1
    come easily where a worker has few votes. Depends on the votes alone, not on their order. ServiceError
    `crowd-kit-missing`.
    """
    with _crowd_kit():
        from crowdkit.aggregation import DawidSkene

        frame = _frame(votes)
        return _named(DawidSkene(n_iter=ITERATIONS).fit_predict_proba(frame.data), frame)


def mace(votes: Sequence[Said], seed: int) -> Posteriors:
    """Return the posteriors of MACE (Hovy et al. 2013, aclanthology.org/N13-1132), variational, best of `RESTARTS`.

    A worker either knows a task's label or draws from habits of his own. Depends on votes and seed alone, not on the
    order of votes. ServiceError `crowd-kit-missing`.
    """
    with _crowd_kit():
        from crowdkit.aggregation import MACE

        class Mace(MACE):
            """With another E-step: theirs takes some 50 times as long, and wants names to appear in sorted order."""

            def _e_step(self, _: object, *named: Any) -> tuple[float, Any, Any, Any]:  # noqa: ANN401 - pandas objects
                return _expectation(self.spamming_, self.thetas_, *named)

        frame = _frame(votes)
        # A generator: from a number every restart would begin at the same place.
        generator: Any = np.random.RandomState(seed % 2**32)
        return _named(Mace(n_restarts=RESTARTS, random_state=generator).fit_predict_proba(frame.data), frame)


def _expectation(
    spamming: Floats,
    thetas: Floats,
    *named: Any,  # noqa: ANN401 - what crowd-kit passes
) -> tuple[float, "pd.DataFrame", "pd.DataFrame", "pd.DataFrame"]:
    """Return log likelihood, P(votes, label) by task, and the counts expected of habits and of knowing, by worker.

    Args:
        spamming: (workers, 2), the probability of going by habit and of knowing.
        thetas: (workers, labels), each worker's habits.
        named: names of tasks, workers and labels, then the three numbers of each vote in the same order.
    """
    import pandas as pd

    task_names, worker_names, label_names, tasks, workers, labels = named
    habit = spamming[workers, 0] * thetas[workers, labels]
    knows = spamming[workers, 1]
    given = habit[:, None] + knows[:, None] * (labels[:, None] == np.arange(len(label_names)))
    joint = np.ones((len(task_names), len(label_names)))
    np.multiply.at(joint, tasks, given)
    joint /= len(label_names)
    total = joint.sum(axis=1)
    by_habit = (joint[tasks] / given).sum(axis=1) * habit / total[tasks]
    by_knowing = joint[tasks, labels] * knows / (habit + knows) / total[tasks]
    habits = np.zeros((len(worker_names), len(label_names)))
    np.add.at(habits, (workers, labels), by_habit)
    knowing = np.column_stack([np.bincount(workers, one, len(worker_names)) for one in (by_habit, by_knowing)])
    likelihood = float(np.log(total + TINY).sum())
    return likelihood, pd.DataFrame(joint, task_names, label_names), pd.DataFrame(habits), pd.DataFrame(knowing)


class _Frame(NamedTuple):
    data: "pd.DataFrame"
    """Columns task, worker, label: numbers in the order in which they first appear."""
    tasks: Sequence[str]
    labels: Sequence[str]


def _frame(votes: Sequence[Said]) -> _Frame:
    import pandas as pd

    rows = sorted(votes)
    number = [_numbered(names) for names in zip(*rows, strict=True)]
    coded = [[of[name] for of, name in zip(number, row, strict=True)] for row in rows]
    return _Frame(pd.DataFrame(coded, columns=["task", "worker", "label"]), list(number[0]), list(number[2]))


def _numbered(names: Sequence[str]) -> Mapping[str, int]:
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _named(found: "pd.DataFrame", frame: _Frame) -> Posteriors:
    columns = {int(column): found[column].to_dict() for column in found.columns}
    return {
        task: {frame.labels[column]: round(float(columns[column][place]), DIGITS) for column in sorted(columns)}
        for place, task in enumerate(frame.tasks)
    }


@contextmanager
def _crowd_kit() -> "Iterator[None]":
    """Say what is missing where it is not installed; keep still what it does that pandas will not allow some day."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            yield
    except ImportError as exc:
        raise ServiceError(
            "crowd-kit-missing",
            "crowd-kit is not installed",
            found=str(exc),
            way_out="pip install 'mvpbench[labelstudio]'",
        ) from exc
