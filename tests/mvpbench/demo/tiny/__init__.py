"""Tests of mvpbench.demo.tiny."""
