"""Tests of builder.asking."""
