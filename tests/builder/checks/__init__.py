"""Tests of the checks of written questions."""
