"""Tests of mvpbench.statistics."""
