"""The command line: a file a group of commands; each reads the configuration, calls one function and prints."""

from mvpbench.cli.app import main

__all__ = ["main"]
