"""Claims about builder/paired/."""
