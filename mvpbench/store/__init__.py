"""A study on disk: tables that can be recomputed, a journal of what cannot, and the one lock over both."""
