"""Tests of annotation/status."""
