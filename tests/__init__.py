"""The tests: a package, so that `tests/eval` does not shadow `eval`."""
