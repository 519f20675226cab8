"""Numbers with honest intervals: whatever shares a person, a pair or a question is resampled together."""
