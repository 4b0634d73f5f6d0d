"""The live API, without a word of HTTP libraries: tokens, what is read, for whom, and what is written down of it."""
