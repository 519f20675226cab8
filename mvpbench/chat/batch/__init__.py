"""Calls in batches, by the Batch API of OpenAI: `run` is the page."""
