"""A model that is opened: what opening it does to the process."""

import resource
from pathlib import Path

import pytest
import torch

from eval.local import open_model
from tests.eval.training.made import made_model

pytestmark = pytest.mark.slow

PAGE = 4096
LARGE = 64 * 2**20
"""Bytes; glibc takes and gives back what is larger than 32 MiB by itself, whatever it was told of thresholds."""


def test_memory_that_tensors_free_is_used_again(tmp_path: Path) -> None:
    """Else every page of every one of them comes anew, with a fault."""
    open_model(made_model(tmp_path / "model"))
    torch.zeros(LARGE, dtype=torch.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.ones(LARGE, dtype=torch.uint8)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 2 * LARGE / PAGE
