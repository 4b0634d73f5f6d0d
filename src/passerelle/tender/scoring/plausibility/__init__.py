"""Faults that a person would see when reading a sample: known from how values are distributed, never guessed."""
