"""Dawid-Skene and MACE through crowd-kit, whose words are task, worker and label; imported when first used (3 s)."""

import warnings
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from schemas.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

ITERATIONS = 100
"""Of Dawid-Skene, at most."""
RESTARTS = 40
"""Of MACE: each climbs to one of several maxima. The best of 10 was a wrong one for 5 of 20 seeds on the table of the
tests, the best of 40 for none."""
DIGITS = 6
"""Of a posterior: the last bits of a sum depend on the machine."""

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
        from annotation.labels.steps import QuickDawidSkene

        frame = _frame(votes)
        return _named(QuickDawidSkene(n_iter=ITERATIONS).fit_predict_proba(frame.data), frame)


def mace(votes: Sequence[Said], seed: int) -> Posteriors:
    """Return the posteriors of MACE (Hovy et al. 2013, aclanthology.org/N13-1132), variational, best of `RESTARTS`.

    A worker either knows a task's label or draws from habits of his own. Depends on votes and seed alone, not on the
    order of votes. ServiceError `crowd-kit-missing`.
    """
    with _crowd_kit():
        from annotation.labels.steps import QuickMACE

        frame = _frame(votes)
        # A generator: from a number every restart would begin at the same place.
        generator: Any = np.random.RandomState(seed % 2**32)
        return _named(QuickMACE(n_restarts=RESTARTS, random_state=generator).fit_predict_proba(frame.data), frame)


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
