"""Tests of the command line, as a user meets it: a process, its output, its exit code."""
