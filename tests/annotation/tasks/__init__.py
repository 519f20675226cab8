"""The two tasks."""
