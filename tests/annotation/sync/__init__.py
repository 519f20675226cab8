"""Tests of annotation/sync."""
