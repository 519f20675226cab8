"""Tests of builder.countries."""
