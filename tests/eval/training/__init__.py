"""Tests of eval/training."""
