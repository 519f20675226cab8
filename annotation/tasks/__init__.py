"""The two tasks: what goes out to a rater, how it looks, and what an answer means."""
