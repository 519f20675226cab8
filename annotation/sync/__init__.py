"""Between study and server: sending tasks, fetching answers, comparing both; whatever is killed or lost meanwhile."""
