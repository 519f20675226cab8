"""Tests of drafts of codebooks."""
