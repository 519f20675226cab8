"""Tests of builder.readers."""
