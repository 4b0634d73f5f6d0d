"""Faults that people are told of, once, and of their end."""
