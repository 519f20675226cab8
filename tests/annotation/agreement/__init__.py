"""Tests of `annotation.agreement`."""
