"""Models' results on a release candidate, and what training on it does."""
