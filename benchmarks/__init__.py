"""What is measured, not tested: `make bench` runs it all and prints a table, `python -m benchmarks NAME` a part."""
