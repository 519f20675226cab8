"""Calls to language models behind the chat-completions API: the adapter, the engine, a small server for tests."""
