"""Tests of a study on disk."""
