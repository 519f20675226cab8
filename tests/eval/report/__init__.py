"""Claims about eval/report/."""
