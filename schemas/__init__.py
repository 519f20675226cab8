"""The vocabulary: frozen records, result models, the ChatModel protocol and the errors. Imports nothing of ours."""
