"""Data of real people: it lies beside the checkout and is never part of it."""

from pathlib import Path

import pytest

D3CODE = Path(__file__).parents[2] / "shared" / "data" / "d3code" / "d3-raters.csv"

needs_d3code = pytest.mark.skipif(
    not D3CODE.exists(), reason="needs ../shared/data/d3code/d3-raters.csv beside the checkout"
)
