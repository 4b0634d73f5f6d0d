"""The HTTP client that plugins are handed."""
