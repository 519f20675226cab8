"""Tests of `builder.recipes`."""
