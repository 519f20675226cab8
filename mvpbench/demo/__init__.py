"""The demo: the whole way on bundled data."""
