"""Tests of builder.audit."""
