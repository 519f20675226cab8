"""Tests of builder.writers."""
