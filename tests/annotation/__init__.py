"""Tests of the annotation room."""
