"""Claims about eval/."""
