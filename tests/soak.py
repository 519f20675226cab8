"""`make soak`: how much more is tried, and the seed of what is drawn."""

import os

_GIVEN = os.environ.get("MVPBENCH_SOAK")
SOAK = _GIVEN is not None
SEED = int(_GIVEN) if _GIVEN is not None else 20260301
"""Printed by `make soak`; `make soak SEED=...` draws the same again."""
