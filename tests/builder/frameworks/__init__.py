"""Tests of builder.survey."""
