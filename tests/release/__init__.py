"""Claims about release/."""
