"""Tests of mvpbench.demo."""
