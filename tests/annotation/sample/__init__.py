"""The sample, its tasks and its raters."""
