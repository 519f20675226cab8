"""Tests of the frame around the rooms."""
