"""Claims about builder/overview/."""
