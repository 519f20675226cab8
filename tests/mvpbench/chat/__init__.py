"""Tests of mvpbench.chat."""
