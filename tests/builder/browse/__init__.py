"""Claims about builder/browse/."""
